"""Lists of cases: filter, order, page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.visitors import replacement_traverse

from engine.model import Case
from engine.paging import Page, bad_cursor, seal, unseal
from engine.store.narrowing import CaseFilter, Terms, Way, way_to
from engine.store.ordering import Place, Rows, Walk, Where, by_due, due_or_last, gathered_in_order
from engine.store.scope import case_table
from engine.store.shown_cases import cases_of

_case = case_table

_ORDERS: Mapping[str, sa.ColumnElement[Any]] = {
    "opened": _case.c.opened_at, "updated": _case.c.updated_at, "number": _case.c.number,
}  # fmt: skip


def list_cases(
    connection: sa.Connection,
    terms: Terms,
    *,
    narrowed: CaseFilter,
    sort: str,
    cursor: str | None,
    limit: int,
    counted: bool = False,
) -> Page[Case]:
    """A page of the cases the person may read. Raises BadFields for a cursor that is none of ours.

    `counted` asks for their number as well, which is told as far as it costs little.
    """
    place = None if cursor is None else _place(cursor, sort)
    falling, name = sort.startswith("-"), sort.removeprefix("-")
    institution, way = terms.scope.institution, way_to(connection, terms, narrowed)
    rows: Rows
    beyond: Place | None = None
    if way.gathered:
        key = due_or_last(falling=falling) if name == "due" else _ORDERS[name]
        rows = gathered_in_order(
            connection, institution, way.parts, (key, _case.c.id), place, falling=falling, most=limit + 1
        )
    else:
        walk = Walk(connection, institution, _walked(connection, way.parts[0], narrowed), way.words, limit + 1)
        if name == "due":
            rows, beyond = by_due(walk, place, falling=falling)
        else:
            rows, beyond = walk.along((_ORDERS[name], _case.c.id), place, falling=falling)
    shown = rows[:limit]
    after_last = (shown[-1]["key_0"], shown[-1]["id"]) if len(rows) > limit else beyond
    last = seal(sort, *after_last) if after_last else None
    page = Page(cases_of(connection, institution, shown), last)
    return _counted(page, way, rows, first=place is None) if counted else page


def _counted(page: Page[Case], way: Way, rows: Rows, *, first: bool) -> Page[Case]:
    if way.gathered:
        return replace(page, total=rows[0]["found_in_all"] if rows else 0)
    if way.counted is not None:
        return replace(page, total=way.counted, more=way.more)
    # Words that many cases say are counted no further than the page.
    return replace(page, total=len(page.items), more=not first or page.next_cursor is not None)


def _place(cursor: str, sort: str) -> Place:
    named, *place = unseal(cursor, str, str if sort.endswith("number") else int, str)
    if named != sort:
        raise bad_cursor()
    return place


def _walked(connection: sa.Connection, where: Where, narrowed: CaseFilter) -> Where:
    """Conditions that keep SQLite from another index than that of the order.

    It knows no figures of its own, and would put 140,000 open cases in order to show fifty. A
    plus before a column keeps it from beginning with that column. The indexes begin with the
    institution, and in a list of one process with that.
    """
    if connection.dialect.name != "sqlite":
        return where
    kept = {"institution", "workflow"} if len(narrowed.workflow) == 1 else {"institution"}

    def with_plus(element: Any, **_: Any) -> Any:
        if isinstance(element, sa.Column) and element.table is _case and element.name not in kept:
            return sa.literal_column(f"+case_record.{element.name}", element.type)
        return None

    return [replacement_traverse(condition, {}, with_plus) for condition in where]
