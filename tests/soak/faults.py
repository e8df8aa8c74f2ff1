"""Bad company: clients that hang up, stop half way, are slow or talk nonsense; a mail server and a database that fail.

None of it restarts what is measured. Faults are dealt like cards, so that every stretch of a run has its share of each.
"""

from __future__ import annotations

import random
import socket
import sqlite3
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import httpx
import psycopg

from tests.crash.network import Proxy
from tests.crash.verdict import Wrong
from tests.databases import conninfo
from tests.soak.mail import FailingMailServer
from tests.soak.voice import Office

PATIENCE: Final = 30.0
"""Seconds after which an answer that somebody waits for does not come."""

RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: what is closed is torn off, and what came unread is lost."""

NONSENSE: Final = (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"HTTP/9 nonsense\r\n\r\n")

Fault = Callable[[], str]
"""Breaks something and mends it again; what it was."""


@dataclass
class Stranger:
    """A client that nobody likes, at a port; `token` and `cookie` are somebody's who may read everything."""

    port: int
    token: str
    office: Office
    chance: random.Random
    wrong: list[Wrong] = field(default_factory=list)

    def faults(self) -> tuple[Fault, ...]:
        """All it does."""
        return (
            self.hang_up_unanswered, self.hang_up_amid_an_answer, self.hang_up_amid_a_body, self.half_close,
            self.say_nothing, self.speak_slowly, self.read_slowly, self.leave_a_stream, self.talk_nonsense,
            self.ask_wrongly, self.ask_wrongly,
        )  # fmt: skip

    def hang_up_unanswered(self) -> str:
        """Ask for something that takes a while, and be gone."""
        with self._calling() as line:
            line.sendall(self._get("/api/v1/cases?limit=200"))
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return "hung up before the answer"

    def hang_up_amid_an_answer(self) -> str:
        """Read the first bytes only."""
        with self._calling() as line:
            line.sendall(self._get("/api/v1/cases?limit=200"))
            line.recv(100)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        return "hung up amid the answer"

    def hang_up_amid_a_body(self) -> str:
        """Promise more than is sent."""
        with self._calling() as line:
            line.sendall(self._post(b'{"workflow": "eligi', 5000))
            time.sleep(self.chance.uniform(0, 0.5))
        return "hung up amid the body"

    def half_close(self) -> str:
        """Ask, say that nothing more will come, and read what there is."""
        with self._calling() as line:
            line.sendall(self._get("/api/v1/cases?limit=50"))
            line.shutdown(socket.SHUT_WR)
            _drain(line)
        return "half closed"

    def say_nothing(self) -> str:
        """Call, and be silent for a while."""
        with self._calling():
            time.sleep(self.chance.uniform(1, 6))
        return "called and said nothing"

    def speak_slowly(self) -> str:
        """Send a body letter by letter; it is no good when it has come."""
        body = b'{"text": "", "nonsense": true}'
        with self._calling() as line, suppress(OSError):
            line.sendall(self._post(b"", len(body)))
            for letter in body:
                line.sendall(bytes([letter]))
                time.sleep(0.1)
            line.recv(100)
        return "spoke slowly"

    def read_slowly(self) -> str:
        """Ask for much, several times over, and take it bit by bit."""
        with self._calling(buffer=4096) as line:
            for _ in range(5):
                line.sendall(self._get("/api/v1/cases?limit=200"))
            for _ in range(20):
                line.recv(4096)
                time.sleep(0.1)
        return "read slowly"

    def leave_a_stream(self) -> str:
        """Open a case's page that tells what changes, and close it again."""
        numbers = tuple(self.office.numbers)
        if numbers:
            with self._calling() as line:
                head = f"GET /cases/{self.chance.choice(numbers)}/live HTTP/1.1\r\nHost: soak\r\n"
                line.sendall(f"{head}Cookie: {self.office.cookies['officer']}\r\n\r\n".encode())
                line.recv(4096)
                time.sleep(self.chance.uniform(0, 4))
        return "left a stream"

    def talk_nonsense(self) -> str:
        """Send what is no HTTP."""
        with self._calling() as line, suppress(OSError):
            line.sendall(self.chance.choice(NONSENSE))
            line.shutdown(socket.SHUT_WR)
            _drain(line)
        return "talked nonsense"

    def ask_wrongly(self) -> str:
        """Ask for what is refused, each in its way; notes where it is answered otherwise."""
        headers = {"Authorization": f"Bearer {self.token}"}
        json = {"Content-Type": "application/json"}
        nobody = "0199aaaa-0000-7000-8000-000000000000"
        asked: tuple[tuple[int, str, str, dict[str, str], bytes], ...] = (
            (401, "GET", "/api/v1/cases", {"Authorization": f"Bearer {self.chance.getrandbits(128):x}"}, b""),
            (404, "GET", f"/api/v1/cases/{nobody}", headers, b""),
            (422, "POST", "/api/v1/cases", {**headers, **json}, b'{"workflow": '),
            (422, "GET", "/api/v1/cases?cursor=nonsense", headers, b""),
            (413, "POST", "/api/v1/cases", {**headers, **json}, b" " * 3_000_000),
            (404, "GET", "/nowhere", headers, b""),
        )
        status, method, path, sent, body = self.chance.choice(asked)
        with suppress(httpx.HTTPError):
            url = f"http://127.0.0.1:{self.port}{path}"
            found = httpx.request(method, url, headers=sent, content=body, timeout=PATIENCE).status_code
            # The database may be away just then.
            if found not in {status, httpx.codes.SERVICE_UNAVAILABLE}:
                self.wrong.append(("answers", f"{method} {path}: {found} instead of {status}"))
        return f"asked wrongly ({status})"

    def _calling(self, buffer: int | None = None) -> closing[socket.socket]:
        line = socket.socket()
        line.settimeout(PATIENCE)
        if buffer is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        line.connect(("127.0.0.1", self.port))
        return closing(line)

    def _get(self, path: str) -> bytes:
        return f"GET {path} HTTP/1.1\r\nHost: soak\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode()

    def _post(self, begun: bytes, length: int) -> bytes:
        head = (
            f"POST /api/v1/cases HTTP/1.1\r\nHost: soak\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        )
        return head.encode() + begun


def _drain(line: socket.socket) -> None:
    with suppress(OSError):
        while line.recv(65_536):
            pass


def of_the_mail(server: FailingMailServer, chance: random.Random) -> Iterator[Fault]:
    """What befalls the mail, for a second or so."""

    def fails(mood: str) -> str:
        server.mood = mood
        time.sleep(chance.uniform(0.3, 1.0))
        server.mood = server.WELL
        return f"mail server {mood}"

    for mood in server.MOODS:
        yield partial(fails, mood)


def of_sqlite(file: Path, chance: random.Random) -> Iterator[Fault]:
    """Another program holds the file: to write, or reading for so long that the log cannot begin anew."""

    def held(begin: str, seconds: float, words: str) -> str:
        with closing(sqlite3.connect(file, timeout=PATIENCE, isolation_level=None)) as other:
            other.execute(begin)
            other.execute("SELECT count(*) FROM organisation").fetchone()
            time.sleep(seconds)
            other.execute("ROLLBACK")
        return words

    yield lambda: held("BEGIN IMMEDIATE", chance.uniform(0.2, 0.8), "database held by another program")
    yield lambda: held("BEGIN", chance.uniform(1.0, 4.0), "read for long by another program")


def of_postgresql(proxy: Proxy, url: str, chance: random.Random) -> Iterator[Fault]:
    """The network is cut in every way; a table is locked by another program."""

    def struck(kind: str) -> str:
        proxy.strike(kind, chance.uniform(0.05, 0.5))
        return f"network: {kind}"

    def locked() -> str:
        with psycopg.connect(conninfo(url)) as other:
            other.execute("LOCK TABLE case_record IN SHARE ROW EXCLUSIVE MODE")
            time.sleep(chance.uniform(0.2, 0.6))
        return "table locked by another program"

    for kind in proxy.KINDS:
        yield partial(struck, kind)
    yield locked


@dataclass
class Dealer:
    """Deals faults out of a pack, with so many seconds in between; when it is empty it is shuffled again."""

    faults: Sequence[Fault]
    chance: random.Random
    gap: float
    struck: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._pack: list[Fault] = []

    def strike(self) -> str:
        """Let the next one happen; what it was, when it is over."""
        if not self._pack:
            self._pack = self.chance.sample(self.faults, len(self.faults))
        words = self._pack.pop()()
        self.struck[words] += 1
        return words

    def run(self, stop: threading.Event) -> None:
        """Go on until told to stop."""
        while not stop.wait(self.chance.uniform(0.5, 1.5) * self.gap):
            self.strike()
