"""Where a run takes place: a real database, and what befalls it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.crash.network import Proxy
from tests.crash.processes import WORKER, Processes
from tests.postgresql import start_server, stop_server
from tests.soak.faults import Fault, of_postgresql, of_sqlite
from tests.soak.sampling import OURS


@dataclass
class Ground:
    """A run's database as `tests.crash.troubles.Trouble` has it: `url` for us, `node_url` for what is measured.

    `server` is the process of PostgreSQL, where there is one.
    """

    url: str
    node_url: str
    folder: Path
    faults: Sequence[Fault]
    server: int | None = None
    workers: tuple[str, ...] = (WORKER,)

    def strike(self, processes: Processes, chance: random.Random) -> Sequence[str]:
        """Let one of its faults happen; what it was. The processes live on."""
        return [chance.choice(self.faults)()]


@contextmanager
def sqlite(folder: Path, chance: random.Random) -> Iterator[Ground]:
    """SQLite, which waits for the disk at each commit."""
    file = folder / "fardplan.db"
    url = f"sqlite:///{file}"
    yield Ground(url, url, folder, tuple(of_sqlite(file, chance)))


@contextmanager
def postgresql(folder: Path, chance: random.Random) -> Iterator[Ground]:
    """PostgreSQL, which does so too; between it and the nodes a network of our own."""
    server = start_server(folder / "postgresql", durable=True)
    ours = f"{server.url}&application_name={OURS}"
    try:
        with Proxy(folder / "postgresql/.s.PGSQL.5432") as proxy:
            theirs = f"postgresql+psycopg://postgres@127.0.0.1:{proxy.port}/postgres"
            postmaster = int((Path(server.folder) / "data/postmaster.pid").read_text().splitlines()[0])
            yield Ground(ours, theirs, folder, tuple(of_postgresql(proxy, ours, chance)), postmaster)
    finally:
        stop_server(server)


GROUNDS: Final = {"sqlite": sqlite, "postgresql": postgresql}
