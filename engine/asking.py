"""One question over many cases: who asks, over which connection, of what they may read, as of when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from engine.calendar import Calendar
from engine.canonical import micros
from engine.cases import Cases
from engine.organisation import Organisation
from engine.scope import Scope, scope_of
from engine.store import registers
from engine.store.store import Session


@dataclass(frozen=True)
class Asking:
    """What a read over many cases needs to know of the one who asks. `now` is an instant in UTC microseconds."""

    connection: Session
    organisation: Organisation
    scope: Scope
    now: int

    @property
    def calendar(self) -> Calendar:
        """The calendar of the institution."""
        return self.organisation.calendar(self.scope.institution)

    @property
    def today(self) -> date:
        """The institution's local day."""
        return self.calendar.day_at(self.now)


@contextmanager
def asking(cases: Cases, institution: str, person: str) -> Iterator[Asking]:
    """Open one connection for what the person asks now."""
    with cases.store.reads() as connection:
        version = registers.version_of(connection, institution)
        organisation = cases.organisation(cases.store.ledger_on(connection), institution, version)
        now = micros(cases.clock.now())
        yield Asking(connection, organisation, scope_of(organisation, person, now), now)
