"""Servers as processes of their own: Färdplan as `fardplan serve` runs it, and the hand-written endpoint."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

WAIT_SECONDS = 120
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers. `seconds` and `cpu_seconds`: from its start to its first answer.

    What the kernel knows of its processes is read from /proc, so on Linux only.
    """

    port: int
    pid: int
    seconds: float
    cpu_seconds: float

    def cpu(self) -> float:
        """Processor seconds it has used, with the processes it started."""
        return sum(_cpu_seconds(pid) for pid in _family(self.pid))

    def resident(self) -> float:
        """MiB resident, of the largest of its processes."""
        return max(_resident_mib(pid) for pid in _family(self.pid))


def _family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _cpu_seconds(pid: int) -> float:
    # After the name, which may hold anything: the fields 14 and 15 of proc(5).
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


@contextmanager
def fardplan(folder: Path, url: str, *options: str) -> Iterator[Server]:
    """`fardplan serve` over a migrated database, its log written to a file, as a service manager would."""
    settings = {
        "DATABASE_URL": url,
        "INSTITUTION": "bench.example",
        "SECRET_KEY": "only for the bench, and nowhere else",
        "MAILBOX": str(folder / "mailbox"),
        "CHECKPOINT_FOLDER": str(folder / "audit"),
        "AUDIT_KEY": str(folder / "no-key.pem"),
        # Looks once, at its start: what is owed and sealed afterwards is other work than what is measured.
        "TICK_SECONDS": "3600",
        "SEAL_SECONDS": "86400",
    }
    environment = {f"FARDPLAN_{name}": value for name, value in settings.items()}
    port = free_port()
    arguments = ["-c", "from service.cli import main; main()", "serve", "--port", str(port), *options]
    with served(port, arguments, environment, folder / f"served-{port}.log") as server:
        yield server


@contextmanager
def by_hand(folder: Path, url: str) -> Iterator[Server]:
    """The hand-written endpoint over a psycopg URL or the path of a SQLite file."""
    port = free_port()
    with served(
        port, ["-m", "tests.bench.written_by_hand", str(port), url], {}, folder / f"served-{port}.log"
    ) as server:
        yield server


@contextmanager
def served(port: int, arguments: Sequence[str], settings: dict[str, str], log: Path) -> Iterator[Server]:
    """Start Python with these arguments, wait for its first answer, and stop it at the end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    start = time.perf_counter()
    with log.open("wb") as told:
        started = subprocess.Popen(
            [sys.executable, *arguments], env=environment, stdout=told, stderr=told, cwd=log.parent
        )
        try:
            _until_it_answers(port, started, log)
            seconds = time.perf_counter() - start
            yield Server(port, started.pid, seconds, sum(_cpu_seconds(pid) for pid in _family(started.pid)))
        finally:
            started.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                started.wait(WAIT_SECONDS)
            started.kill()
            started.wait()


def _until_it_answers(port: int, started: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and started.poll() is None:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
            asked.request("GET", "/livez")
            if asked.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"it does not serve: {log.read_text()[-2000:]}")


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
