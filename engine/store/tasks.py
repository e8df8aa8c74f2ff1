"""Lists of what is to be done: the most pressing first, with how many there are of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from engine.model import Case
from engine.paging import Page, seal, unseal
from engine.store.lists import NEVER, cases_of, rows_in_order
from engine.store.narrowing import CaseFilter, Terms, conditions
from engine.store.scope import case_table
from engine.store.waiting import GROUPS, Bounds, Due

_case = case_table


@dataclass(frozen=True, slots=True)
class Tasks:
    """A page of what is to be done.

    `groups` says of each case on the page how pressing it is, by id; `counts` how many there
    are of each group on all pages, and in those that a filter by `due` leaves out.
    """

    cases: Page[Case]
    groups: Mapping[str, Due]
    counts: Mapping[Due, int]


def list_tasks(
    connection: sa.Connection, terms: Terms, *, narrowed: CaseFilter, cursor: str | None, limit: int
) -> Tasks:
    """A page of cases, overdue first, then by the instant by which something is owed, the oldest opened first.

    Open cases only, unless the filter says which. Raises BadFields for a cursor that is none of ours.
    """
    wanted = replace(narrowed, closed=False) if narrowed.closed is None else narrowed
    institution, where = terms.scope.institution, conditions(connection, terms, wanted)
    place = None if cursor is None else unseal(cursor, int, int, int, str)
    order = (*_pressing(terms.bounds), _case.c.opened_at, _case.c.id)
    rows = rows_in_order(connection, institution, where, order, place, most=limit + 1)
    shown = rows[:limit]
    last = seal(*(shown[-1][f"key_{n}"] for n in range(len(order)))) if len(rows) > limit else None
    page = Page(cases_of(connection, institution, shown), last)
    groups = {row["id"]: terms.bounds.group_of(row["due_at"], row["missed_at"]) for row in shown}
    counted = conditions(connection, terms, replace(wanted, due=None), counted=True)
    return Tasks(page, groups, _counts(connection, terms.bounds, counted))


def _pressing(bounds: Bounds) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    """Whether something is overdue (0) or not (1), then the earliest instant by which something is owed."""
    due, missed = _case.c.due_at, _case.c.missed_at
    late = sa.case((bounds.group() == "overdue", 0), else_=1)
    owed = sa.case(
        (missed.is_(None), sa.func.coalesce(due, NEVER)),
        (sa.or_(due.is_(None), missed < due), missed),
        else_=due,
    )
    return late, owed


def _counts(connection: sa.Connection, bounds: Bounds, where: list[sa.ColumnElement[bool]]) -> Mapping[Due, int]:
    group = bounds.group()
    rows = connection.execute(sa.select(group, sa.func.count()).where(*where).group_by(sa.text("1")))
    found = {row[0]: row[1] for row in rows}
    return {name: found.get(name, 0) for name in GROUPS}
