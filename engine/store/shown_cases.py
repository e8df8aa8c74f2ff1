"""Cases for those who look at them: with links and deadlines, found by id or number."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.model import Case, DeadlineRow
from engine.scope import Scope
from engine.store.ledger import DEADLINE_FIELDS, read_case, read_deadline
from engine.store.ordering import Rows
from engine.store.scope import case_table, readable
from engine.store.store import Store
from engine.tables import LinkRecord, table_of

_case = case_table
_link = table_of(LinkRecord)

# Asked after every step and for every page of cases, and so of the driver: over Core a seventh of a step over HTTP.
_DEADLINES = f"SELECT {', '.join(DEADLINE_FIELDS)} FROM deadline WHERE institution = {{}} AND case_id {{}}"
_DEADLINES_SQLITE = _DEADLINES.format("?", "IN (SELECT value FROM json_each(?)) ORDER BY name, since")
_DEADLINES_POSTGRESQL = _DEADLINES.format("%s", "= ANY(%s) ORDER BY name, since")
_ENDED_SQLITE = _DEADLINES.format("?", "= ? AND since <= ? AND ended_at IS NOT NULL ORDER BY name, since")
_ENDED_POSTGRESQL = _ENDED_SQLITE.replace("?", "%s")

_CASE = DEADLINE_FIELDS.index("case_id")


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
