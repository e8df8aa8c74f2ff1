"""Asked to stop, a process finishes what it took, and ends in time; under load, with real processes."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.catalogue import Catalogue
from tests.ports import kept_port
from tests.service.office import INSTITUTION, Office, open_office

ROOT = Path(__file__).parents[2]
VOICES = 12
SLOWEST = 180
ENDED = -signal.SIGTERM
"""uvicorn hands the signal on once it has put everything away."""


INTERRUPTED = """
import logging, signal, threading, time
from service.stopping import end_within
logging.basicConfig()
signal.signal(signal.SIGTERM, lambda *_: end_within(0.1))
{}.acquire()
signal.raise_signal(signal.SIGTERM)
time.sleep(600)
"""


@dataclass
class Served:
    """`fardplan serve` as a process of its own."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> int:
        """Ask it to stop: its exit code. One that had to be cut off at the end of its time says 1."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SLOWEST)

    def has_in_hand(self) -> bool:
        """Whether a request that changes something has come in and is not answered."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=SLOWEST)) as asked:
            asked.request("GET", "/metrics")
            return b'fardplan_under_way{lane="change"} 1.0' in asked.getresponse().read()


@contextmanager
def served(url: str, folder: Path, *options: str, **settings: str) -> Iterator[Served]:
    """Serve a database until the end, killed at last if need be."""
    with kept_port() as port:
        yield from _serving(port, url, folder, *options, **settings)


def _serving(port: int, url: str, folder: Path, *options: str, **settings: str) -> Iterator[Served]:
    given = {"DATABASE_URL": url, "INSTITUTION": INSTITUTION, "SECRET_KEY": "of the tests", **settings}
    named = {f"FARDPLAN_{name}": value for name, value in given.items()}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **named}
    program = [sys.executable, "-c", "from service.cli import main; main()", "serve", "--port", str(port), *options]
    log = folder / "serve.log"
    with log.open("wb") as told:
        process = subprocess.Popen(program, env=environment, stdout=told, stderr=told, cwd=folder)
    made = Served(port, process, log)
    try:
        _until_it_answers(made)
        yield made
    finally:
        process.kill()
        process.wait()


def _until_it_answers(made: Served) -> None:
    until = time.monotonic() + SLOWEST
    while time.monotonic() < until and made.process.poll() is None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", made.port, timeout=2)) as asked:
                asked.request("GET", "/livez")
                if asked.getresponse().status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(made.log.read_text()[-2000:])


def soon(so: Callable[[], bool]) -> None:
    """Wait until it is so; fails where it never comes to be."""
    until = time.monotonic() + SLOWEST
    while not so():
        assert time.monotonic() < until
        time.sleep(0.02)


@dataclass
class Voice:
    """Somebody who comments on a case without pause, over one connection, until there is nobody to speak to."""

    port: int
    case: str
    token: str
    name: int
    acknowledged: list[str] = field(default_factory=list)
    others: Counter[int] = field(default_factory=Counter)
    cut: list[str] = field(default_factory=list)

    def speak(self) -> None:
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SLOWEST)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        for number in range(100_000):
            text = f"{self.name}.{number}"
            try:
                asked.request("POST", f"/api/v1/cases/{self.case}/comments", json.dumps({"text": text}), headers)
                answer = asked.getresponse()
                answer.read()
            except ConnectionRefusedError:
                return
            except (OSError, http.client.HTTPException):
                # Nobody took it: the connection was closed before, or as it came.
                self.cut.append(text)
                asked.close()
                continue
            if answer.status == 200:
                self.acknowledged.append(text)
            else:
                self.others[answer.status] += 1


def comments(office: Office) -> list[str]:
    """Every comment that is kept."""
    query = sa.text("SELECT detail FROM event_detail")
    with office.house.store.reads() as connection:
        details = [json.loads(row[0]) for row in connection.execute(query)]
    return sorted(each["text"] for each in details if "text" in each)


def under_load(office: Office, url: str, folder: Path, *options: str) -> tuple[list[Voice], int]:
    """Ask a service to stop while everybody speaks: the voices, and its exit code."""
    cases = [office.review()["id"] for _ in range(VOICES)]
    with served(url, folder, *options, TICK_SECONDS="0.2") as made:
        voices = [Voice(made.port, case, office.tokens["reviewer"], n) for n, case in enumerate(cases)]
        threads = [threading.Thread(target=voice.speak) for voice in voices]
        for thread in threads:
            thread.start()
        soon(lambda: all(voice.acknowledged for voice in voices))
        code = made.stop()
        for thread in threads:
            thread.join(SLOWEST)
    return voices, code


def test_what_was_taken_is_answered_and_what_was_not_answered_was_not_taken(
    database_url: str, processes: Catalogue, tmp_path: Path
) -> None:
    with open_office(database_url, processes) as office:
        voices, code = under_load(office, database_url, tmp_path)
        told = sorted(text for voice in voices for text in voice.acknowledged)
        assert comments(office) == told
        assert len(told) >= VOICES
        assert [voice.others for voice in voices] == [Counter()] * VOICES
        assert code == ENDED
        # Once only: each finds its connection closed, and nobody to open another with.
        assert max(len(voice.cut) for voice in voices) <= 1


def test_several_processes_stop_as_one_does(postgresql_url: str, processes: Catalogue, tmp_path: Path) -> None:
    with open_office(postgresql_url, processes) as office:
        voices, code = under_load(office, postgresql_url, tmp_path, "--workers", "2")
        assert comments(office) == sorted(text for voice in voices for text in voice.acknowledged)
        assert code == 0
        assert "cut_off" not in (tmp_path / "serve.log").read_text()


def test_a_request_that_takes_its_time_is_answered_before_the_end(
    sqlite_url: str, processes: Catalogue, tmp_path: Path
) -> None:
    """Somebody else holds the database, and lets go a second after the service was asked to stop."""
    settings = {"STOP_SECONDS": "120", "LOCK_SECONDS": "90", "REQUEST_SECONDS": "90"}
    with open_office(sqlite_url, processes) as office, served(sqlite_url, tmp_path, **settings) as made:
        voice = Voice(made.port, office.review()["id"], office.tokens["reviewer"], 0)
        speaking = threading.Thread(target=voice.speak)
        with office.house.store.transaction():
            speaking.start()
            soon(made.has_in_hand)
            made.process.send_signal(signal.SIGTERM)
            time.sleep(1.0)
            assert made.process.poll() is None
        assert made.process.wait(SLOWEST) == ENDED
        speaking.join(SLOWEST)
        assert (voice.acknowledged, comments(office)) == (["0.0"], ["0.0"])


def test_a_process_that_hangs_ends_all_the_same(sqlite_url: str, processes: Catalogue, tmp_path: Path) -> None:
    """Nobody lets go of the database: in five seconds it is over, and nothing was taken."""
    settings = {"STOP_SECONDS": "5", "LOCK_SECONDS": "600", "REQUEST_SECONDS": "600"}
    with open_office(sqlite_url, processes) as office, served(sqlite_url, tmp_path, **settings) as made:
        voice = Voice(made.port, office.review()["id"], office.tokens["reviewer"], 0)
        speaking = threading.Thread(target=voice.speak)
        with office.house.store.transaction():
            speaking.start()
            soon(made.has_in_hand)
            began = time.monotonic()
            code = made.stop()
        # Not at once, for it waits for what is under way; and long before the database would have been given up.
        assert (code, time.monotonic() - began > 3) == (1, True)
        speaking.join(SLOWEST)
        assert "cut_off" in made.log.read_text()
        # It was told that nobody knows, before the process ended.
        assert (voice.others, comments(office)) == (Counter({503: 1}), [])


@pytest.mark.parametrize("held", ["threading._active_limbo_lock", "logging.getLogger().handlers[0]"])
def test_a_process_ends_in_time_whoever_was_interrupted(held: str) -> None:
    """What starts a thread, or tells the log, may have to wait for whoever the signal came to."""
    with subprocess.Popen([sys.executable, "-c", INTERRUPTED.format(held)], cwd=ROOT) as process:
        try:
            assert process.wait(60) == 1
        finally:
            process.kill()


def test_a_worker_stops_when_asked(sqlite_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FARDPLAN_DATABASE_URL": sqlite_url}
    program = [sys.executable, "-c", "from service.cli import main; main()", "worker"]
    with subprocess.Popen(program, env=environment, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        try:
            assert process.stderr is not None
            while b"looking for what is due" not in process.stderr.readline():
                assert process.poll() is None
            process.terminate()
            assert process.wait(SLOWEST) == 0
        finally:
            process.kill()
