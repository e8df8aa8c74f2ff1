"""The disk that the database lies on is filled under load, and emptied again.

A small file system in memory where we may mount one: then mails and logs find no room either.
Elsewhere the nodes may write no file past a small size, which SQLite tells in the same way.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.crash.processes import WORKER, Processes
from tests.crash.troubles import Trouble, wait_for
from tests.postgresql import Server, lives, start_server, stop_server

SQLITE_DISK: Final = "96m"
POSTGRESQL_DISK: Final = "512m"
SMALL: Final = 32_768
"""Bytes past which no file grows where nothing can be mounted."""

CHUNK: Final = 16 * 2**20
PAGE: Final = 4096
"""Bytes that the disk is filled by, first and last: what finds no room as a whole costs as much as what does."""

_SEGMENTS: Final = {"min_wal_size": "2MB", "max_wal_size": "16MB"}
"""So that a full disk is soon felt in PostgreSQL's log as well as in its tables."""


@dataclass
class Disk:
    """A small disk. What fills it lies beside the rest."""

    path: Path

    def fill(self) -> None:
        """Leave no room, not for a page."""
        with (self.path / "ballast").open("wb") as ballast:
            size = CHUNK
            while size >= PAGE:
                try:
                    os.posix_fallocate(ballast.fileno(), ballast.seek(0, os.SEEK_END), size)
                except OSError:
                    size //= 2

    def empty(self) -> None:
        """Make room again."""
        (self.path / "ballast").unlink()


@dataclass
class DiskFull:
    """The disk fills up under load. Without a `disk` of our own the nodes are kept from writing."""

    url: str
    folder: Path
    disk: Disk | None
    server: Server | None = None
    workers: tuple[str, ...] = (WORKER,)

    def __post_init__(self) -> None:
        self.node_url = self.url

    def strike(self, processes: Processes, chance: random.Random) -> Sequence[str]:
        """Fill it, for some seconds; then somebody makes room, and starts PostgreSQL if that gave up."""
        seconds = chance.uniform(1.0, 3.0)
        if self.disk is None:
            _limit(processes, SMALL)
            time.sleep(seconds)
            _limit(processes, resource.RLIM_INFINITY)
            return ["files kept from growing"]
        self.disk.fill()
        time.sleep(seconds)
        self.disk.empty()
        if self.server is None:
            return ["disk full, SQLite"]
        stopped: list[str] = []
        # Not asked once alone: what began to recover on a full disk gives up a moment later.
        wait_for(self.server, meanwhile=lambda: self._started_again(stopped))
        return ["disk full, PostgreSQL", *stopped[:1]]

    def _started_again(self, stopped: list[str]) -> None:
        if self.server is not None and not lives(self.server):
            stopped.append("PostgreSQL stopped by it")
            start_server(Path(self.server.folder), durable=True, settings=_SEGMENTS)


def _limit(processes: Processes, size: int) -> None:
    for process in processes.running.values():
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@contextmanager
def _small(path: Path, size: str) -> Iterator[Disk | None]:
    """A file system in memory at `path`; None where we may not mount one."""
    path.mkdir()
    try:
        options = f"size={size},mode=711"
        subprocess.run(("mount", "-t", "tmpfs", "-o", options, "tmpfs", path), check=True, capture_output=True)
    except (subprocess.CalledProcessError, FileNotFoundError):
        yield None
        return
    try:
        yield Disk(path)
    finally:
        subprocess.run(("umount", "-l", path), check=True)


@contextmanager
def sqlite_disk_full(folder: Path) -> Iterator[Trouble]:
    """The disk of SQLite, the mails and the logs full."""
    path = folder / "disk"
    with _small(path, SQLITE_DISK) as disk:
        yield DiskFull(f"sqlite:///{path / 'fardplan.db'}", path, disk)


@contextmanager
def postgresql_disk_full(folder: Path) -> Iterator[Trouble | None]:
    """The disk of PostgreSQL, the mails and the logs full; None where nothing can be mounted."""
    path = folder / "disk"
    with _small(path, POSTGRESQL_DISK) as disk:
        if disk is None:
            yield None
            return
        server = start_server(path / "pg", durable=True, settings=_SEGMENTS, initdb=("--wal-segsize=1",))
        try:
            yield DiskFull(server.url, path, disk, server)
        finally:
            if lives(server):
                stop_server(server)
