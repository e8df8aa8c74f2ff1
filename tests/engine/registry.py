"""A small institution for tests of the directory: two units, two people, a clock that stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from adapters.system import NothingStandsThere, SecretNonces, Uuid7
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.directory import Directory
from engine.store.store import Store
from tests.engine.examples import defined

UMU = "umu.se"


@dataclass
class StandingClock:
    """Stands at Monday 7 December 2026, 10:00 in Sweden, until a test moves it."""

    at: datetime = field(default_factory=lambda: datetime(2026, 12, 7, 9, tzinfo=UTC))

    def now(self) -> datetime:
        return self.at


@dataclass(frozen=True)
class Registry:
    """A directory with Anna and Bo, and the cases of a workflow beside it."""

    directory: Directory
    cases: Cases
    clock: StandingClock
    anna: str
    bo: str


@contextmanager
def registry(url: str) -> Iterator[Registry]:
    """Open a directory with the root unit, `math` and `math.stat`, Anna and Bo."""
    clock = StandingClock()
    with closing(Store(url)) as store:
        directory = Directory(store, clock, Uuid7(), {"loan.answer_days": 3})
        with directory.change(UMU, by="installation", what="start") as change:
            change.root()
            change.unit("math", name_sv="Matematik", name_en="Mathematics")
            change.unit("math.stat", name_sv="Statistik", name_en="Statistics", parent="math")
            anna = change.person(email="anna@umu.se", name="Anna Berg").id
            bo = change.person(email="bo@umu.se", name="Bo Ek", language="en").id
        catalogue = Catalogue((defined(),))
        cases = Cases(store, catalogue, clock, Uuid7(), SecretNonces(), NothingStandsThere())
        yield Registry(directory, cases, clock, anna, bo)
