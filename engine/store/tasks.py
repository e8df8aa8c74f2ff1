"""Lists of what is to be done: the most pressing first, with how many there are of each kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from engine.model import Case
from engine.paging import Page, Value, seal, unseal
from engine.store.narrowing import CaseFilter, Terms, parts
from engine.store.ordering import NEVER, Rows, looked_up
from engine.store.paging import after
from engine.store.scope import case_table
from engine.store.shown_cases import cases_of
from engine.store.waiting import GROUPS, Bounds, Due

_case = case_table

KEYS = 4
"""The values of the order: late or not, the instant owed, when it was opened, its id."""


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
    place = None if cursor is None else unseal(cursor, int, int, int, str)
    rows, counts = _found(connection, terms, wanted, place, most=limit + 1)
    shown = rows[:limit]
    last = seal(*(shown[-1][f"key_{n}"] for n in range(KEYS))) if len(rows) > limit else None
    page = Page(cases_of(connection, terms.scope.institution, shown), last)
    groups = {row["id"]: terms.bounds.group_of(row["due_at"], row["missed_at"]) for row in shown}
    return Tasks(page, groups, counts)


def _found(
    connection: sa.Connection, terms: Terms, wanted: CaseFilter, place: Sequence[Value] | None, *, most: int
) -> tuple[Rows, Mapping[Due, int]]:
    """So many rows after a place, and how many there are of each group in all: gathered once for both.

    Gathered for each, as two questions, the pages of tasks took half as long again.
    """
    keys = [key.label(f"key_{n}") for n, key in enumerate((*_pressing(terms.bounds), _case.c.opened_at, _case.c.id))]
    columns: Any = (_case.c.id.label("chosen_id"), terms.bounds.group().label("pressing"), *keys)
    several = (sa.select(*columns).where(*part) for part in parts(connection, terms, replace(wanted, due=None)))
    found = sa.union_all(*several).cte("found").prefix_with("MATERIALIZED")
    order = [found.c[key.name] for key in keys]
    chosen = sa.select(found)
    if wanted.due is not None:
        chosen = chosen.where(found.c.pressing == wanted.due)
    if place is not None:
        chosen = chosen.where(after(order, place))
    page = chosen.order_by(*order).limit(most).subquery("chosen")
    counts = [_count(found, name).label(f"count_{name}") for name in GROUPS]
    rows = looked_up(connection, terms.scope.institution, page, KEYS, more=counts)
    # Where the page is empty no row tells how many there are.
    told = rows[0] if rows else connection.execute(sa.select(*counts)).one()._asdict()
    return rows, {name: told[f"count_{name}"] for name in GROUPS}


def _count(found: sa.CTE, group: Due) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(found).where(found.c.pressing == group).scalar_subquery()


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
