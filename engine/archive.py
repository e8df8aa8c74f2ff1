"""Cases as they are stored, with their histories, read many at a time and kept for a while.

A replay looks at the same agreements over and over; reading them once is most of its
speed. What is kept is bounded, so that a country's histories pass through as well as a
department's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from engine.catalogue import Catalogue
from engine.chains import Wrong, blank, chain_wrong
from engine.history import Written, all_events, fold
from engine.model import Case, DeadlineRow
from engine.store.ledger import read_case, read_deadline
from engine.store.store import Store
from engine.tables import CaseRecord, DeadlineRecord, Event, LinkRecord, table_of

STRIDE = 16
"""Every so many versions of a case are kept as they were folded; the others are folded anew."""

_case = table_of(CaseRecord)
_event = table_of(Event)
_deadline = table_of(DeadlineRecord)
_link = table_of(LinkRecord)


@dataclass(slots=True)
class Kept:
    """One case: its row with its links, all its deadlines, its events, and some of its versions."""

    id: str
    row: Case | None
    deadlines: tuple[DeadlineRow, ...]
    events: Sequence[Written]
    _versions: dict[int, Case] = field(default_factory=dict)
    _wrong: Wrong | None = field(init=False)
    _first_blank: int | None = field(init=False)

    def __post_init__(self) -> None:
        self._wrong = chain_wrong(self.events)
        self._first_blank = next((e.sequence for e in self.events if blank(e)), None)

    def wrong_by(self, version: int | None) -> Wrong | None:
        """What is wrong with the chain up to a version (None: all of it), or None."""
        found = self._wrong
        return None if found and version is not None and found.sequence > version else found

    def blank_by(self, version: int) -> bool:
        """Whether a detail is missing up to a version, so that the facts are not all known."""
        return self._first_blank is not None and self._first_blank <= version

    def event(self, sequence: int) -> Written | None:
        """The event of that sequence, or None. In a whole history it stands at its place."""
        if 1 <= sequence <= len(self.events) and self.events[sequence - 1].sequence == sequence:
            return self.events[sequence - 1]
        return next((event for event in self.events if event.sequence == sequence), None)

    def as_of(self, version: int, catalogue: Catalogue) -> Case:
        """The case after so many events, with the number and words its row has now."""
        known = max((v for v in self._versions if v <= version), default=0)
        was = self._versions.get(known)
        for event in self.events[known:version]:
            was = fold(was, event, catalogue)
            if was.version % STRIDE == 0:
                self._versions[was.version] = was
        if was is None:
            raise LookupError(f"case {self.id} has no version {version}")
        if self.row is None:
            return was
        return replace(was, number=self.row.number, title=self.row.title, search=self.row.search)


class Archive:
    """Reads cases with their histories; keeps the last `capacity` that were asked for."""

    def __init__(self, store: Store, *, capacity: int = 4000) -> None:
        self._store = store
        self._capacity = capacity
        self._kept: OrderedDict[tuple[str, str], Kept] = OrderedDict()

    def ids(self, institution: str) -> list[str]:
        """The ids of all cases that have a row or an event, sorted (which is by opening)."""
        rows = sa.select(_case.c.id).where(_case.c.institution == institution)
        events = sa.select(_event.c.case_id).where(_event.c.institution == institution)
        with self._store.reads() as connection:
            found = {*connection.execute(rows).scalars()}
            found.update(connection.execute(events.distinct()).scalars())
        return sorted(found)

    def get(self, institution: str, case: str, *, version: int = 0) -> Kept:
        """The case, read anew where what is kept does not reach up to the version."""
        known = self._kept.get((institution, case))
        if known is None or len(known.events) < version:
            self.load(institution, [case])
        self._kept.move_to_end((institution, case))
        return self._kept[institution, case]

    def load(self, institution: str, ids: Sequence[str]) -> None:
        """Read some cases, all as of one instant, and keep them."""
        with self._store.reads() as connection:
            if not self._store.sqlite:
                # A history and the row beside it must not be read one before and one after a step.
                connection.execution_options(isolation_level="REPEATABLE READ")
            for kept in _read(connection, institution, ids):
                self._kept[institution, kept.id] = kept
                self._kept.move_to_end((institution, kept.id))
        while len(self._kept) > max(self._capacity, len(ids)):
            self._kept.popitem(last=False)


def _read(connection: sa.Connection, institution: str, ids: Sequence[str]) -> Iterator[Kept]:
    asked = list(ids)
    rows = connection.execute(
        sa.select(_case).where(_case.c.institution == institution, _case.c.id.in_(asked))
    )
    cases = {row.id: row._asdict() for row in rows}
    ties = connection.execute(
        sa.select(_link.c.from_case, _link.c.name, _link.c.to_case)
        .where(_link.c.institution == institution, _link.c.from_case.in_(asked))
        .order_by(_link.c.sequence, _link.c.name, _link.c.to_case)
    )
    links = _by_case((tie[0], (tie[1], tie[2])) for tie in ties)
    running = connection.execute(
        sa.select(_deadline).where(
            _deadline.c.institution == institution, _deadline.c.case_id.in_(asked)
        )
    )
    deadlines = _by_case((row.case_id, read_deadline(row._asdict())) for row in running)
    events = all_events(connection, institution, asked)
    histories = {case: list(group) for case, group in groupby(events, lambda event: event.case)}
    for case in asked:
        own = tuple(sorted(deadlines.get(case, ()), key=lambda d: (d.name, d.since)))
        row = cases.get(case)
        stored = row and read_case(row, links.get(case, ()), [d for d in own if d.open])
        yield Kept(case, stored or None, own, histories.get(case, ()))


def _by_case(pairs: Iterable[tuple[str, Any]]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for case, value in pairs:
        found.setdefault(case, []).append(value)
    return found
