"""What a process holds and what a database weighs, seen from outside: /proc (so on Linux), and the database's word."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from engine.store.ready import file_of
from tests.databases import conninfo

OURS: Final = "soak"
"""The application name under which this program itself speaks to PostgreSQL; it is not counted."""

_KINDS: Final = {"socket:": "sockets", "pipe:": "pipes", "anon_inode:": "of the kernel"}
_HELD: Final = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> %s"
_WEIGHT: Final = "SELECT pg_database_size(current_database()), (SELECT sum(size)::bigint FROM pg_ls_waldir())"
_COUNTED: Final = ("cases", "open_cases", "events", "owed")
_SIZE: Final = (
    "SELECT (SELECT count(*) FROM case_record), (SELECT count(*) FROM case_record WHERE closed_at IS NULL), "
    "(SELECT count(*) FROM event), (SELECT count(*) FROM outbox WHERE state = 'waiting')"
)


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds: bytes of memory resident and what of it no file holds, threads, descriptors by kind.

    `cpu`: processor seconds it has used so far, with what it started.
    """

    rss: int
    anonymous: int
    threads: int
    fds: Mapping[str, int]
    cpu: float = 0.0


@dataclass(frozen=True, slots=True)
class Look:
    """All of it at one instant, `at` seconds after the beginning.

    `connections` are those of the nodes to PostgreSQL, `database` and `wal` bytes, `cases`, `open_cases`, `events`
    and messages `owed` what the office has by then; `busy` the processor seconds that the whole machine has
    used, `ours` those that are this run's.
    """

    at: float
    processes: Mapping[str, Held]
    connections: int = 0
    database: int = 0
    wal: int = 0
    cases: int = 0
    open_cases: int = 0
    events: int = 0
    owed: int = 0
    busy: float = 0.0
    ours: float = 0.0


def held(pid: int) -> Held:
    """What this process holds now, without what it started."""
    status = _lines(Path(f"/proc/{pid}/status"))
    return Held(
        rss=_kib(status["VmRSS"]),
        anonymous=_kib(status["RssAnon"]),
        threads=int(status["Threads"]),
        fds=_descriptors(pid),
        cpu=cpu_seconds(pid),
    )


def _lines(path: Path) -> dict[str, str]:
    return dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)


def _kib(words: str) -> int:
    return int(words.split(maxsplit=1)[0]) * 1024


def _descriptors(pid: int) -> Mapping[str, int]:
    counts: Counter[str] = Counter()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        # One that was closed since the folder was read is none.
        with suppress(OSError):
            leads = str(each.readlink())
            counts[next((kind for mark, kind in _KINDS.items() if leads.startswith(mark)), "files")] += 1
    return counts


def family(pid: int) -> Iterator[int]:
    """The process, and all that descend from it."""
    yield pid
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from family(int(child))


def cpu_seconds(pid: int) -> float:
    """Processor seconds that a process has used, and those it started and has waited for."""
    with suppress(OSError):
        # After the name, which may hold anything: the fields 14 to 17 of proc(5).
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def machine_seconds() -> float:
    """Processor seconds that anybody has used on this machine."""
    # user, nice, system, idle, iowait, irq, softirq: what is idle or waits for the disk is not used.
    fields = [int(each) for each in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(fields[:7]) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")


@dataclass
class Watcher:
    """Looks at processes, by name, and at their database. `began` is the monotonic time that `at` counts from."""

    url: str
    pids: Mapping[str, int]
    server: int | None = None
    began: float = 0.0

    def __post_init__(self) -> None:
        self.began = self.began or time.monotonic()

    def look(self) -> Look:
        """All of it now."""
        roots = [os.getpid(), *([self.server] if self.server else [])]
        ours = sum(cpu_seconds(pid) for root in roots for pid in family(root))
        processes = {name: held(pid) for name, pid in self.pids.items()}
        at, file = time.monotonic() - self.began, file_of(self.url)
        weights = _of_a_file(file) if file is not None else _of_a_server(self.url)
        return Look(at, processes, busy=machine_seconds(), ours=ours, **weights)


def _of_a_file(file: Path) -> dict[str, int]:
    """What a look finds out about a database of SQLite."""
    wal = file.with_name(f"{file.name}-wal")
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=60)) as connection:
        office = connection.execute(_SIZE).fetchone()
    sizes = {"database": file.stat().st_size, "wal": wal.stat().st_size if wal.exists() else 0}
    return sizes | dict(zip(_COUNTED, office, strict=True))


def _of_a_server(url: str) -> dict[str, int]:
    """What a look finds out about a database of PostgreSQL, and who is connected to it."""
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        [connections] = connection.execute(_HELD, (OURS,)).fetchone() or (0,)
        [database, wal] = connection.execute(_WEIGHT).fetchone() or (0, 0)
        office = connection.execute(_SIZE).fetchone() or ()
    sizes = {"connections": connections, "database": database, "wal": wal}
    return sizes | dict(zip(_COUNTED, office, strict=True))
