"""Lists of cases: filter, order, page. SQLAlchemy Core, alike on both databases."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

import sqlalchemy as sa

from engine.model import Case, DeadlineRow
from engine.paging import Page, Value, bad_cursor, seal, unseal
from engine.scope import Scope
from engine.store.ledger import read_case, read_deadline
from engine.store.narrowing import CaseFilter, Terms, conditions
from engine.store.paging import after
from engine.store.scope import case_table, readable
from engine.store.searching import seeks_inside
from engine.tables import DeadlineRecord, LinkRecord, table_of

__all__ = [
    "NEVER", "CaseFilter", "Terms", "cases_of", "deadlines_of", "find_case", "id_of", "list_cases", "rows_in_order",
    "these",
]  # fmt: skip

_case = case_table
_deadline = table_of(DeadlineRecord)
_link = table_of(LinkRecord)

NEVER = 2**62
"""Stands for the due instant of a case with nothing due, so that it sorts last."""

Rows: TypeAlias = Sequence[Mapping[str, Any]]
Where: TypeAlias = Sequence[sa.ColumnElement[bool]]


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

    `counted` asks for their number as well; it is told where it costs nothing more than the page.
    """
    place = None if cursor is None else _place(cursor, sort)
    falling, name, gather = sort.startswith("-"), sort.removeprefix("-"), seeks_inside(narrowed.q or "")
    # By due date, by words or in a state what is found lies close together, far from where a walk begins.
    walked = not (name == "due" or narrowed.q or narrowed.state)
    # What is searched for is gathered before it is put in order, so one search serves both page and number.
    at_once = counted and gather and place is None and name != "due"
    where = conditions(connection, terms, narrowed, walked=walked, counted=at_once)
    institution = terms.scope.institution
    if name == "due":
        rows = _by_due(connection, institution, where, place, falling=falling, gather=gather, most=limit + 1)
    else:
        key = {"opened": _case.c.opened_at, "updated": _case.c.updated_at, "number": _case.c.number}[name]
        order = (key, _case.c.id)
        rows = rows_in_order(
            connection, institution, where, order, place,
            falling=falling, gather=gather, counted=at_once, most=limit + 1,
        )  # fmt: skip
    shown = rows[:limit]
    last = seal(sort, shown[-1]["key_0"], shown[-1]["id"]) if len(rows) > limit else None
    total = (rows[0]["found_in_all"] if rows else 0) if at_once else None
    return Page(cases_of(connection, institution, shown), last, total)


def _place(cursor: str, sort: str) -> Sequence[Value]:
    named, *place = unseal(cursor, str, str if sort == "number" else int, str)
    if named != sort:
        raise bad_cursor()
    return place


def rows_in_order(
    connection: sa.Connection,
    institution: str,
    where: Where,
    order: Sequence[sa.ColumnElement[Any]],
    place: Sequence[Value] | None,
    *,
    falling: bool = False,
    gather: bool = False,
    counted: bool = False,
    most: int,
) -> Rows:
    """So many rows of case_record after a place in an order, with its values as `key_0`, `key_1`….

    With `falling` the first column falls. The rows themselves, which are long, are looked up
    only for those that are shown. With `gather` all that are found are put in order, rather
    than the order walked until enough are found: for what may all lie at its far end. With
    `counted` each row tells as `found_in_all` how many there are from the place on.
    """
    keys = [column.label(f"key_{number}") for number, column in enumerate(order)]
    chosen: sa.Select[Any] = sa.select(_case.c.id.label("chosen_id"), *keys).where(*where)
    if place is not None:
        chosen = chosen.where(after(order, place, falling=falling))
    if gather and connection.dialect.name == "postgresql":
        found = chosen.cte("found").prefix_with("MATERIALIZED")
        chosen, keys = sa.select(found), [found.c[key.name].label(key.name) for key in keys]
    if counted:
        chosen = chosen.add_columns(sa.func.count().over().label("found_in_all"))
    inner = chosen.order_by(*_sorted(keys, falling=falling)).limit(most).subquery("chosen")
    shown = _case.alias("shown_case")
    again = [inner.c[key.name] for key in keys]
    query = (
        sa.select(shown, *again, *([inner.c.found_in_all] if counted else ()))
        .join_from(inner, shown, shown.c.id == inner.c.chosen_id)
        .where(shown.c.institution == institution)
        .order_by(*_sorted(again, falling=falling))
    )
    return [row._asdict() for row in connection.execute(query)]


def _sorted(columns: Sequence[sa.ColumnElement[Any]], *, falling: bool) -> list[sa.ColumnElement[Any]]:
    return [columns[0].desc() if falling else columns[0], *columns[1:]]


def _by_due(
    connection: sa.Connection,
    institution: str,
    where: Where,
    place: Sequence[Value] | None,
    *,
    falling: bool,
    gather: bool,
    most: int,
) -> Rows:
    """Cases that owe something by the instant it is owed, then all others, whichever way the first are ordered."""
    beyond = -NEVER if falling else NEVER
    dated = sa.and_(_case.c.due_at.is_not(None), _case.c.closed_at.is_(None))
    rows: list[Mapping[str, Any]] = []
    if place is None or place[0] != beyond:
        order = (_case.c.due_at, _case.c.id)
        rows += rows_in_order(
            connection, institution, [*where, dated], order, place, falling=falling, gather=gather, most=most
        )
        place = None
    if len(rows) < most:
        others = [*where, sa.or_(_case.c.due_at.is_(None), _case.c.closed_at.is_not(None))]
        left = rows_in_order(
            connection, institution, others, (_case.c.id,), place and place[1:], gather=gather, most=most - len(rows)
        )
        rows += [{**row, "key_0": beyond} for row in left]
    return rows


def find_case(connection: sa.Connection, institution: str, case: str) -> Case | None:
    """One case as it now is, whoever may read it."""
    query = sa.select(_case).where(_case.c.institution == institution, _case.c.id == case)
    rows = [row._asdict() for row in connection.execute(query)]
    return next(iter(cases_of(connection, institution, rows)), None)


def these(connection: sa.Connection, scope: Scope, ids: Collection[str]) -> tuple[Case, ...]:
    """Those of these cases that the person may read, in the order of their numbers."""
    if not ids:
        return ()
    query = sa.select(_case).where(readable(scope), _case.c.id.in_(list(ids))).order_by(_case.c.number)
    return cases_of(connection, scope.institution, [row._asdict() for row in connection.execute(query)])


def id_of(connection: sa.Connection, scope: Scope, number: str) -> str | None:
    """The id of the case of this number, None where there is none or the person may not read it."""
    query = sa.select(_case.c.id).where(readable(scope), _case.c.number == number)
    found: str | None = connection.execute(query).scalar()
    return found


def deadlines_of(
    connection: sa.Connection, institution: str, cases: Sequence[str]
) -> Mapping[str, tuple[DeadlineRow, ...]]:
    """The newest running of each deadline of these cases, ended ones too, by case id."""
    query = sa.select(_deadline).where(_deadline.c.institution == institution, _deadline.c.case_id.in_(cases))
    newest: dict[str, dict[str, DeadlineRow]] = {case: {} for case in cases}
    for row in connection.execute(query.order_by(_deadline.c.name, _deadline.c.since)):
        read = read_deadline(row._asdict())
        newest[row.case_id][read.name] = read
    return {case: tuple(rows.values()) for case, rows in newest.items()}


def cases_of(connection: sa.Connection, institution: str, rows: Rows) -> tuple[Case, ...]:
    """Make cases of rows, with links and deadlines, in two more reads for all of them."""
    ids = [row["id"] for row in rows]
    if not ids:
        return ()
    ties: dict[str, list[tuple[str, str]]] = {case: [] for case in ids}
    query = sa.select(_link.c.from_case, _link.c.name, _link.c.to_case).where(
        _link.c.institution == institution, _link.c.from_case.in_(ids)
    )
    for source, name, to in connection.execute(query.order_by(_link.c.sequence, _link.c.name, _link.c.to_case)):
        ties[source].append((name, to))
    deadlines = deadlines_of(connection, institution, ids)
    return tuple(read_case(row, ties[row["id"]], deadlines[row["id"]]) for row in rows)
