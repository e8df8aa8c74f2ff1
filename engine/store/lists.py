"""Lists of cases: filter, order, page. SQLAlchemy Core, alike on both databases."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.sql.visitors import replacement_traverse

from engine.model import Case, DeadlineRow
from engine.paging import Page, Value, bad_cursor, seal, unseal
from engine.scope import Scope
from engine.store.ledger import DEADLINE_FIELDS, read_case, read_deadline
from engine.store.narrowing import CaseFilter, Terms, Way, way_to
from engine.store.paging import after
from engine.store.scope import case_table, readable
from engine.store.searching import LOOKED, said_of
from engine.store.store import Store
from engine.tables import LinkRecord, table_of

__all__ = [
    "NEVER", "CaseFilter", "Rows", "Terms", "cases_of", "deadlines_of", "ended_by", "find_case", "id_of", "list_cases",
    "looked_up", "rows_in_order", "these",
]  # fmt: skip

_case = case_table
_link = table_of(LinkRecord)

# Asked after every step and for every page of cases, and so of the driver: over Core a seventh of a step over HTTP.
_DEADLINES = f"SELECT {', '.join(DEADLINE_FIELDS)} FROM deadline WHERE institution = {{}} AND case_id {{}}"
_DEADLINES_SQLITE = _DEADLINES.format("?", "IN (SELECT value FROM json_each(?)) ORDER BY name, since")
_DEADLINES_POSTGRESQL = _DEADLINES.format("%s", "= ANY(%s) ORDER BY name, since")
_ENDED_SQLITE = _DEADLINES.format("?", "= ? AND since <= ? AND ended_at IS NOT NULL ORDER BY name, since")
_ENDED_POSTGRESQL = _ENDED_SQLITE.replace("?", "%s")

_CASE = DEADLINE_FIELDS.index("case_id")

NEVER = 2**62
"""Stands for the due instant of a case with nothing due, so that it sorts last."""

_ORDERS: Mapping[str, sa.ColumnElement[Any]] = {
    "opened": _case.c.opened_at, "updated": _case.c.updated_at, "number": _case.c.number,
}  # fmt: skip

Rows: TypeAlias = Sequence[Mapping[str, Any]]
Where: TypeAlias = Sequence[sa.ColumnElement[bool]]
Place: TypeAlias = Sequence[Value]
"""Where a page begins: the values of the order, of the last row before it."""


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
        key = _due_or_last(falling=falling) if name == "due" else _ORDERS[name]
        rows = gathered_in_order(
            connection, institution, way.parts, (key, _case.c.id), place, falling=falling, most=limit + 1
        )
    else:
        walk = Walk(connection, institution, _walked(connection, way.parts[0], narrowed), way.words, limit + 1)
        if name == "due":
            rows, beyond = _by_due(walk, place, falling=falling)
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


def gathered_in_order(
    connection: sa.Connection,
    institution: str,
    parts: Sequence[Where],
    order: Sequence[sa.ColumnElement[Any]],
    place: Place | None,
    *,
    falling: bool = False,
    most: int,
) -> Rows:
    """So many rows after a place, of all that are found first, part by part, and then put in order.

    Beside the values of the order, `key_0`, `key_1`…, each row tells as `found_in_all` how many there are.
    """
    keys = [column.label(f"key_{number}") for number, column in enumerate(order)]
    found = sa.union_all(*(sa.select(_case.c.id.label("chosen_id"), *keys).where(*where) for where in parts))
    # Said outright: either database might else walk some order to the end for what is rare in it.
    kept = found.cte("found").prefix_with("MATERIALIZED")
    again = [kept.c[key.name] for key in keys]
    in_all = sa.select(sa.func.count()).select_from(kept).scalar_subquery().label("found_in_all")
    chosen = sa.select(kept)
    if place is not None:
        chosen = chosen.where(after(again, place, falling=falling))
    page = chosen.order_by(*_sorted(again, falling=falling)).limit(most).subquery("chosen")
    return looked_up(connection, institution, page, len(keys), falling=falling, more=(in_all,))


def rows_in_order(
    connection: sa.Connection,
    institution: str,
    where: Where,
    order: Sequence[sa.ColumnElement[Any]],
    place: Place | None,
    *,
    falling: bool = False,
    most: int,
) -> Rows:
    """So many rows of case_record after a place in an order, with its values as `key_0`, `key_1`….

    With `falling` the first column falls. The rows themselves, which are long, are looked up
    only for those that are shown.
    """
    keys = [column.label(f"key_{number}") for number, column in enumerate(order)]
    chosen: sa.Select[Any] = sa.select(_case.c.id.label("chosen_id"), *keys).where(*where)
    if place is not None:
        chosen = chosen.where(after(order, place, falling=falling))
    page = chosen.order_by(*_sorted(keys, falling=falling)).limit(most).subquery("chosen")
    return looked_up(connection, institution, page, len(keys), falling=falling)


def looked_up(
    connection: sa.Connection,
    institution: str,
    page: sa.Subquery,
    keys: int,
    *,
    falling: bool = False,
    more: Sequence[sa.ColumnElement[Any]] = (),
) -> Rows:
    """The rows of a page of keys (`chosen_id`, `key_0`…), in its order."""
    shown = _case.alias("shown_case")
    order = [page.c[f"key_{number}"] for number in range(keys)]
    query = (
        sa.select(shown, *order, *more)
        .join_from(page, shown, shown.c.id == page.c.chosen_id)
        .where(shown.c.institution == institution)
        .order_by(*_sorted(order, falling=falling))
    )
    return [row._asdict() for row in connection.execute(query)]


def _sorted(columns: Sequence[sa.ColumnElement[Any]], *, falling: bool) -> list[sa.ColumnElement[Any]]:
    return [columns[0].desc() if falling else columns[0], *columns[1:]]


def _due_or_last(*, falling: bool) -> sa.ColumnElement[Any]:
    """The instant something is owed; what owes nothing comes last, whichever way the others are ordered."""
    return sa.case((_dated(), _case.c.due_at), else_=sa.literal(-NEVER if falling else NEVER, sa.BigInteger))


def _dated() -> sa.ColumnElement[bool]:
    return sa.and_(_case.c.due_at.is_not(None), _case.c.closed_at.is_(None))


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk along an order until a page is full: `most` rows for which `where` holds and that say `words`."""

    connection: sa.Connection
    institution: str
    where: Where
    words: tuple[str, ...]
    most: int

    def along(
        self, order: Sequence[sa.ColumnElement[Any]], place: Place | None, *, falling: bool = False, less: int = 0
    ) -> tuple[Rows, Place | None]:
        """`most` less so many rows after a place.

        With words no more than `LOOKED` cases are looked at; the place of the last of them is given where more follow.
        """
        connection, institution, most = self.connection, self.institution, self.most - less
        if not self.words:
            return rows_in_order(connection, institution, self.where, order, place, falling=falling, most=most), None
        met = sa.select(*order).where(*self.where).order_by(*_sorted(order, falling=falling))
        met = met if place is None else met.where(after(order, place, falling=falling))
        last = connection.execute(met.offset(LOOKED - 1).limit(1)).first()
        said = said_of(institution, self.words, _case.c.id, folded=connection.dialect.name != "sqlite")
        where = [*self.where, said, *([] if last is None else _until(order, tuple(last), falling=falling))]
        rows = rows_in_order(connection, institution, where, order, place, falling=falling, most=most)
        return rows, None if last is None or len(rows) >= most else tuple(last)


def _until(order: Sequence[sa.ColumnElement[Any]], place: Place, *, falling: bool) -> Where:
    """Hold for rows up to a place; the first by itself, for an index can end with it."""
    first = order[0] >= place[0] if falling else order[0] <= place[0]
    return [first, sa.not_(after(order, place, falling=falling))]


def _by_due(walk: Walk, place: Place | None, *, falling: bool) -> tuple[Rows, Place | None]:
    """Cases that owe something by the instant it is owed, then all others, whichever way the first are ordered."""
    undated = -NEVER if falling else NEVER
    rows: list[Mapping[str, Any]] = []
    if place is None or place[0] != undated:
        dated = replace(walk, where=[*walk.where, _dated()])
        found, beyond = dated.along((_case.c.due_at, _case.c.id), place, falling=falling)
        rows, place = [*found], None
        if beyond:
            return rows, beyond
    if len(rows) >= walk.most:
        return rows, None
    others = replace(walk, where=[*walk.where, sa.or_(_case.c.due_at.is_(None), _case.c.closed_at.is_not(None))])
    left, beyond = others.along((_case.c.id,), place and place[1:], less=len(rows))
    return [*rows, *({**row, "key_0": undated} for row in left)], (undated, *beyond) if beyond else None


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
    newest: dict[str, dict[str, DeadlineRow]] = {case: {} for case in cases}
    sqlite = connection.dialect.name == "sqlite"
    statement, asked = (_DEADLINES_SQLITE, json.dumps(cases)) if sqlite else (_DEADLINES_POSTGRESQL, list(cases))
    driver: Any = connection.connection.driver_connection
    for values in driver.execute(statement, (institution, asked)):
        row = _deadline(values, parsed=not sqlite)
        newest[values[_CASE]][row.name] = row
    return {case: tuple(rows.values()) for case, rows in newest.items()}


def ended_by(store: Store, institution: str, case: str, sequence: int) -> dict[str, DeadlineRow]:
    """The newest ended running of each deadline of a case, by name, of those begun by an event of it."""
    statement = _ENDED_SQLITE if store.sqlite else _ENDED_POSTGRESQL
    with store.asks() as driver:
        found = driver.execute(statement, (institution, case, sequence)).fetchall()
    rows = [_deadline(values, parsed=not store.sqlite) for values in found]
    return {row.name: row for row in rows}


def _deadline(values: Sequence[Any], *, parsed: bool) -> DeadlineRow:
    """A deadline of the driver's row; on SQLite its JSON is text."""
    row = dict(zip(DEADLINE_FIELDS, values, strict=True))
    if not parsed:
        row["ledger"], row["fired"] = json.loads(row["ledger"]), json.loads(row["fired"])
    return read_deadline(row)


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
