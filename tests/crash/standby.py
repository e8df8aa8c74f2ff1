"""A standby that has every commit before it is acknowledged: the primary is killed, the standby promoted.

PostgreSQL's synchronous streaming replication. The nodes know both servers by one URL and look for the one that
takes writes (`target_session_attrs=read-write`), so nobody restarts them. The killed primary comes back as
the new one's standby, copied anew: a commit that nobody had been told of may have been on it alone.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from tests.crash.processes import WORKER, Processes
from tests.crash.troubles import Trouble, wait_for
from tests.databases import administer, conninfo
from tests.postgresql import Server, copy_server, kill_server, lives, promote, start_server, stop_server

SLOWEST_STANDBY: Final = 60
"""Seconds after which a standby that does not stream is broken."""


@dataclass
class FailOver:
    """Two servers: the first of `pair` is the primary, the other its synchronous standby."""

    pair: tuple[Server, Server]
    folder: Path
    workers: tuple[str, ...] = (WORKER,)

    def __post_init__(self) -> None:
        hosts = "&".join(f"host={server.folder}" for server in self.pair)
        self.url = self.node_url = f"postgresql+psycopg://postgres@/postgres?{hosts}&target_session_attrs=read-write"

    def strike(self, processes: Processes, chance: random.Random) -> Sequence[str]:
        """Kill the primary, promote the standby under the load, and give it a standby of its own."""
        primary, standby = self.pair
        kill_server(primary, chance.choice(("immediate", "at once")))
        time.sleep(chance.uniform(0, 1))
        # Alone for a while, it must not wait for a standby.
        administer(standby.url, "ALTER SYSTEM RESET synchronous_standby_names")
        administer(standby.url, "SELECT pg_reload_conf()")
        promote(standby)
        time.sleep(chance.uniform(0.5, 1.5))
        copy_server(standby, Path(primary.folder))
        start_server(Path(primary.folder), durable=True)
        self.pair = (standby, primary)
        wait_for_each_commit(standby)
        return ["fail-over"]


def wait_for_each_commit(primary: Server) -> None:
    """Have the primary acknowledge no commit that its standby does not have; it streams when this returns."""
    administer(primary.url, "ALTER SYSTEM SET synchronous_standby_names = '*'")
    administer(primary.url, "SELECT pg_reload_conf()")
    until = time.monotonic() + SLOWEST_STANDBY
    with psycopg.connect(conninfo(primary.url), autocommit=True) as connection:
        while not connection.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").fetchone():
            if time.monotonic() > until:
                raise SystemExit("the standby does not stream")
            time.sleep(0.05)


@contextmanager
def fail_over(folder: Path) -> Iterator[Trouble]:
    """A primary and its standby."""
    primary = start_server(folder / "one", durable=True)
    copy_server(primary, folder / "two")
    standby = start_server(folder / "two", durable=True)
    try:
        wait_for(standby)
        wait_for_each_commit(primary)
        yield FailOver((primary, standby), folder)
    finally:
        for server in (primary, standby):
            if lives(server):
                stop_server(server)
