"""The rows of open deadlines: which are due, claimed by one worker, and which cases owe any."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import CaseRecord, DeadlineRecord, table_of

_case = table_of(CaseRecord)
_deadline = table_of(DeadlineRecord)


@dataclass(frozen=True, slots=True)
class Due:
    """A rung whose instant has come."""

    institution: str
    case: str
    workflow: str
    deadline: str
    since: int
    rung: str


def anything_due(store: Store, *, now: int, passed_by: Collection[str]) -> bool:
    """Whether a rung is due in a case other than those passed by."""
    with store.reads() as connection:
        return connection.execute(_due(now, 1, passed_by)).first() is not None


def claim(
    store: Store, connection: sa.Connection, *, now: int, size: int, passed_by: Collection[str]
) -> list[Due]:
    """Take due cases that no other worker has in hand: one rung a case, the oldest first."""
    query = _due(now, size, passed_by)
    if not store.sqlite:
        query = query.with_for_update(of=_case, skip_locked=True, key_share=True)
    first: dict[str, Due] = {}
    for row in connection.execute(query):
        first.setdefault(row[1], Due(*row))
    return list(first.values())


def next_due(store: Store, *, until: int, after: int | None) -> int | None:
    """The first instant at which a rung is due, not after `until` and later than `after`."""
    query = sa.select(sa.func.min(_deadline.c.acts_at)).where(
        _deadline.c.acts_at.is_not(None), _deadline.c.acts_at <= until
    )
    if after is not None:
        query = query.where(_deadline.c.acts_at > after)
    with store.reads() as connection:
        found = connection.execute(query).scalar()
    return None if found is None else int(found)


def owing(store: Store, institution: str, units: Collection[str]) -> list[str]:
    """The cases of these units that have an open deadline, by id."""
    query = (
        sa.select(_case.c.id)
        .join(_deadline, _same_case())
        .where(
            _case.c.institution == institution,
            _case.c.unit.in_(sorted(units)),
            _deadline.c.ended_at.is_(None),
        )
        .distinct()
        .order_by(_case.c.id)
    )
    with store.reads() as connection:
        return list(connection.execute(query).scalars())


def _due(now: int, size: int, passed_by: Collection[str]) -> sa.Select[Any]:
    return (
        sa.select(
            _deadline.c.institution,
            _deadline.c.case_id,
            _case.c.workflow,
            _deadline.c.name,
            _deadline.c.since,
            _deadline.c.next_rung,
        )
        .join(_case, _same_case())
        .where(
            _deadline.c.acts_at.is_not(None),
            _deadline.c.acts_at <= now,
            _deadline.c.case_id.not_in(passed_by),
        )
        .order_by(_deadline.c.acts_at, _deadline.c.institution, _deadline.c.case_id)
        .limit(size)
    )


def _same_case() -> sa.ColumnElement[bool]:
    return (_case.c.institution == _deadline.c.institution) & (_case.c.id == _deadline.c.case_id)
