"""Cases with everything that is stored of them, many at a time and all as of one instant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from engine.model import Case, DeadlineRow
from engine.store.event_rows import Written, all_events
from engine.store.ledger import read_case, read_deadline
from engine.store.rows import DERIVED_FIELDS
from engine.store.store import Store
from engine.tables import CaseRecord, DeadlineRecord, LinkRecord, table_of

_case = table_of(CaseRecord)
_deadline = table_of(DeadlineRecord)
_link = table_of(LinkRecord)


@dataclass(frozen=True, slots=True)
class Whole:
    """One case: its row with its links (None if it has no row), all its deadlines, its events.

    `derived` are the row's columns that are worked out of the rest, by name.
    """

    id: str
    row: Case | None
    derived: Mapping[str, Any]
    deadlines: tuple[DeadlineRow, ...]
    events: Sequence[Written]


def whole_cases(store: Store, institution: str, ids: Sequence[str]) -> list[Whole]:
    """Read some cases, in the order of `ids`; an unknown one has neither row nor events."""
    with store.reads() as connection:
        if not store.sqlite:
            # A history and the row beside it must not be read one before and one after a step.
            connection.execution_options(isolation_level="REPEATABLE READ")
        return list(read_whole(connection, institution, ids))


def read_whole(connection: sa.Connection, institution: str, ids: Sequence[str]) -> Iterator[Whole]:
    """The same over a connection whose reads are of one instant."""
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
        derived = {name: row[name] for name in DERIVED_FIELDS} if row else {}
        yield Whole(case, stored or None, derived, own, histories.get(case, ()))


def _by_case(pairs: Iterable[tuple[str, Any]]) -> Mapping[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for case, value in pairs:
        found.setdefault(case, []).append(value)
    return found
