"""The rows of open deadlines: which are due, taken in hand by one worker, and which cases owe any.

Finding and taking are two questions. What is due is found in the index of deadlines alone, a
thousand at a time and without a lock, so that its cost is the same however many cases there
are; a worker then takes the cases of a batch in hand just before it fires.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import CaseRecord, DeadlineRecord, table_of

_case = table_of(CaseRecord)
_deadline = table_of(DeadlineRecord)

# The order is that of the index; without it PostgreSQL, asked for one, reads the table from its
# beginning until a row fits, and where nothing is due that is all of it.
_FIND = (
    "SELECT institution, case_id, name, since, next_rung FROM deadline "
    "WHERE acts_at IS NOT NULL AND acts_at <= {mark} AND {others} ORDER BY acts_at, institution, case_id LIMIT {mark}"
)
_FIND_SQLITE = _FIND.format(mark="?", others="case_id NOT IN (SELECT value FROM json_each(?))")
_FIND_POSTGRESQL = _FIND.format(mark="%s", others="case_id <> ALL(%s)")

# CROSS JOIN and LATERAL, for another join may be turned round: every case is then read to find some hundred.
_TAKE_SQLITE = (
    "SELECT d.case_id, c.workflow FROM json_each(?) asked CROSS JOIN deadline d "
    "ON d.institution = json_extract(asked.value, '$[0]') AND d.case_id = json_extract(asked.value, '$[1]') "
    "AND d.name = json_extract(asked.value, '$[2]') AND d.since = json_extract(asked.value, '$[3]') "
    "AND d.next_rung = json_extract(asked.value, '$[4]') "
    "CROSS JOIN case_record c ON c.institution = d.institution AND c.id = d.case_id"
)
_TAKE_POSTGRESQL = (
    "SELECT asked.case_id, taken.workflow FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[]) "
    "AS asked (institution, case_id, name, since, rung) CROSS JOIN LATERAL (SELECT c.workflow FROM deadline d "
    "JOIN case_record c ON c.institution = d.institution AND c.id = d.case_id WHERE d.institution = asked.institution "
    "AND d.case_id = asked.case_id AND d.name = asked.name AND d.since = asked.since AND d.next_rung = asked.rung "
    "FOR NO KEY UPDATE OF c SKIP LOCKED) taken"
)


class Due(NamedTuple):
    """A rung whose instant has come. A tuple: a frozen dataclass takes seven times as long to make of a row."""

    institution: str
    case: str
    deadline: str
    since: int
    rung: str


def find(store: Store, *, now: int, size: int, passed_by: Collection[str]) -> list[Due]:
    """Rungs due in cases other than those passed by, oldest first, one a case; at most `size` are looked at."""
    statement, cases = (_FIND_SQLITE, json.dumps([*passed_by])) if store.sqlite else (_FIND_POSTGRESQL, [*passed_by])
    with store.asks() as connection:
        rows = connection.execute(statement, (now, cases, size)).fetchall()
    first: dict[str, Due] = {}
    for due in map(Due._make, rows):
        first.setdefault(due.case, due)
    return list(first.values())


def take(store: Store, connection: sa.Connection, due: Sequence[Due]) -> dict[str, str]:
    """Take the cases in hand until the transaction ends: the workflow of each, by case.

    Left out are those that another worker has in hand, and those whose rung has been fired
    since it was found: while several workers go through the same thousand, that is most of them.
    """
    driver: Any = connection.connection.driver_connection
    if store.sqlite:
        # Nothing to lock: the transaction holds the one write lock already.
        rows = driver.execute(_TAKE_SQLITE, (json.dumps(due),))
    else:
        rows = driver.execute(_TAKE_POSTGRESQL, [list(column) for column in zip(*due, strict=True)])
    return dict(rows.fetchall())


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


def _same_case() -> sa.ColumnElement[bool]:
    return (_case.c.institution == _deadline.c.institution) & (_case.c.id == _deadline.c.case_id)
