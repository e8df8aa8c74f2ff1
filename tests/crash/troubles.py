"""What befalls a run: where its database is, and what breaks there each time it is asked to."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import psycopg

from tests.crash.network import Proxy
from tests.crash.processes import SERVICE, WORKER, Processes
from tests.databases import conninfo, start_postgresql
from tests.postgresql import Server, kill_server, lives, start_server, stop_server

SECOND_WORKER: Final = "worker-2"
HOUR: Final = 3600


class Trouble(Protocol):
    """A run's database: `url` for us, who set the clock and look, and `node_url` for service and workers.

    All of these keep what they write in `folder`.
    """

    url: str
    node_url: str
    folder: Path
    workers: tuple[str, ...]

    def strike(self, processes: Processes, chance: random.Random) -> Sequence[str]:
        """Break something, and mend it again; what it was, a word each."""
        ...


@dataclass
class Killed:
    """Service and worker are killed amid their work, and started again."""

    url: str
    node_url: str
    folder: Path
    workers: tuple[str, ...] = (WORKER,)

    def strike(self, processes: Processes, chance: random.Random) -> Sequence[str]:
        """Kill the service, the worker or both."""
        names: tuple[str, ...] = chance.choice(((SERVICE,), (SERVICE, WORKER), (SERVICE, WORKER), (WORKER,)))
        processes.kill(*names)
        processes.start(*names)
        return ["SIGKILL of the service" if name == SERVICE else "SIGKILL of a worker" for name in names]


@dataclass
class WrongClock(Killed):
    """One of three nodes is killed and comes back with a clock that is wrong."""

    workers: tuple[str, ...] = (WORKER, SECOND_WORKER)

    def strike(self, processes: Processes, chance: random.Random) -> Sequence[str]:
        """Set a node's clock wrong: by seconds, hours or days, back or forth."""
        name = chance.choice((SERVICE, *self.workers))
        off = chance.choice((-72 * HOUR, -HOUR, -2, 0, 2, HOUR, 72 * HOUR))
        processes.kill(name)
        processes.start(name, off=off)
        return ["clock set back" if off < 0 else "clock set ahead" if off else "clock set right"]


@dataclass
class ServerKilled:
    """PostgreSQL is killed under load, and started again; service and worker live on."""

    server: Server
    folder: Path
    workers: tuple[str, ...] = (WORKER,)

    def __post_init__(self) -> None:
        self.url = self.node_url = self.server.url

    def strike(self, processes: Processes, chance: random.Random) -> Sequence[str]:
        """Kill it in one of three ways, and leave it dead for a while."""
        how = chance.choice(("immediate", "at once", "one process"))
        kill_server(self.server, how)
        time.sleep(chance.uniform(0, 1.5))
        if not lives(self.server):
            start_server(Path(self.server.folder), durable=True)
        wait_for(self.server)
        return [f"PostgreSQL killed, {how}"]


@dataclass
class NetworkCut:
    """The network between PostgreSQL and the nodes is cut, delayed, half closed."""

    proxy: Proxy
    url: str
    folder: Path
    workers: tuple[str, ...] = (WORKER,)

    def __post_init__(self) -> None:
        self.node_url = f"postgresql+psycopg://postgres@127.0.0.1:{self.proxy.port}/postgres"

    def strike(self, processes: Processes, chance: random.Random) -> Sequence[str]:
        """Do to the network what befalls networks."""
        kind = chance.choice(self.proxy.KINDS)
        self.proxy.strike(kind, chance.uniform(0.05, 1.0))
        return [f"network: {kind}"]


def wait_for(server: Server, *, meanwhile: Callable[[], object] = lambda: None) -> None:
    """Wait until a server takes connections; each time that it does not, do something."""
    until = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(conninfo(server.url), connect_timeout=5).close()
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            meanwhile()
            time.sleep(0.05)
        else:
            return


@contextmanager
def sqlite(folder: Path) -> Iterator[Trouble]:
    """Processes killed, on SQLite."""
    url = f"sqlite:///{folder / 'fardplan.db'}"
    yield Killed(url, url, folder)


@contextmanager
def postgresql(folder: Path) -> Iterator[Trouble]:
    """Processes killed, on PostgreSQL."""
    with start_postgresql(folder / "postgresql", durable=True) as url:
        yield Killed(url, url, folder)


@contextmanager
def wrong_clock(folder: Path) -> Iterator[Trouble]:
    """Clocks wrong, on PostgreSQL."""
    with start_postgresql(folder / "postgresql", durable=True) as url:
        yield WrongClock(url, url, folder)


@contextmanager
def server_killed(folder: Path) -> Iterator[Trouble]:
    """PostgreSQL killed."""
    server = start_server(folder / "postgresql", durable=True)
    try:
        yield ServerKilled(server, folder)
    finally:
        if lives(server):
            stop_server(server)


@contextmanager
def network_cut(folder: Path) -> Iterator[Trouble]:
    """The network to PostgreSQL cut."""
    with (
        start_postgresql(folder / "postgresql", durable=True) as url,
        Proxy(folder / "postgresql/.s.PGSQL.5432") as proxy,
    ):
        yield NetworkCut(proxy, url, folder)
