"""The rows of an organisation as they stand in the tables, version by version.

A row is never changed: it is closed with the version that ends it, and another is
written with the version that begins it (`engine.tables.Versioned`). So the organisation
can be read as it was at any version, which replay needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.organisation import Organisation
from engine.store.rows import ORGANISATION_TABLES, read_organisation
from engine.store.store import Store
from engine.tables import Table

_tables = Table.metadata.tables
_organisation = _tables["organisation"]
_change = _tables["organisation_change"]


def version_of(connection: Connection, institution: str) -> int:
    """The present version of the institution's organisation; 0 where it has none yet."""
    query = sa.select(_organisation.c.version).where(_organisation.c.institution == institution)
    return int(connection.execute(query).scalar() or 0)


def hold(connection: Connection, institution: str) -> int:
    """Hold the organisation against other changes until the transaction ends; its version."""
    connection.execute(
        sa.text(
            "INSERT INTO organisation (institution, version) VALUES (:institution, 0) "
            "ON CONFLICT (institution) DO NOTHING"
        ),
        {"institution": institution},
    )
    query = sa.select(_organisation.c.version).where(_organisation.c.institution == institution)
    return int(connection.execute(query.with_for_update()).scalar_one())


def at_version(connection: Connection, institution: str, version: int) -> Organisation:
    """The organisation as it was at a version, its rows in the order a ledger gives them."""
    rows: dict[str, Any] = {"version": version}
    for name, fields in ORGANISATION_TABLES.items():
        table = _tables[name]
        ends = table.c.until_version
        query = sa.select(*(table.c[field] for field in fields)).where(
            table.c.institution == institution,
            table.c.since_version <= version,
            sa.or_(ends.is_(None), ends > version),
        )
        found = connection.execute(query.order_by(table.c.since_version, table.c.id))
        rows[name] = [row._asdict() for row in found]
    return read_organisation(institution, rows)


def as_of(store: Store, institution: str, version: int) -> Organisation:
    """The organisation as it was at a version, read by itself; the key of replay. 0 is the empty one."""
    with store.reads() as connection:
        return at_version(connection, institution, version)


# Made once each: putting a statement together costs twice what asking it does, and an import asks thousands.
@cache
def _present(table: str, given: frozenset[str], nothing: frozenset[str]) -> sa.Select[Any]:
    """The rows in force with these columns bound by their names, and those without a value."""
    columns = _tables[table].c
    return (
        sa.select(_tables[table])
        .where(
            columns.institution == sa.bindparam("institution"),
            columns.until_version.is_(None),
            *(columns[name] == sa.bindparam(name) for name in sorted(given)),
            *(columns[name].is_(None) for name in sorted(nothing)),
        )
        .order_by(columns.since_version, columns.id)
    )


@cache
def _insert(table: str) -> sa.Insert:
    return _tables[table].insert()


class Rows:
    """The present rows of one institution, inside one open change towards `version`."""

    def __init__(self, connection: Connection, institution: str, version: int) -> None:
        self._connection, self._institution, self.version = connection, institution, version

    def present(self, table: str, **where: Any) -> list[Mapping[str, Any]]:
        """The rows in force that have these values; None is a value."""
        given = {name: value for name, value in where.items() if value is not None}
        query = _present(table, frozenset(given), frozenset(where) - frozenset(given))
        found = self._connection.execute(query, {"institution": self._institution, **given})
        return [row._asdict() for row in found]

    def begin(self, table: str, row_id: str, values: Mapping[str, Any]) -> None:
        """Write a row that is true from this change on."""
        fixed = {"institution": self._institution, "id": row_id, "since_version": self.version}
        self._connection.execute(_insert(table), {**fixed, **values})

    def end(self, table: str, row: Mapping[str, Any]) -> None:
        """Close a row with this change. What this very change wrote was never true, and goes."""
        found = _tables[table]
        mine = (found.c.institution == self._institution) & (found.c.id == row["id"])
        if row["since_version"] == self.version:
            self._connection.execute(found.delete().where(mine))
        else:
            closed = found.update().where(mine).values(until_version=self.version)
            self._connection.execute(closed)

    def finish(self, *, at: int, by: str, what: str) -> None:
        """Let the organisation move on to this version, and note who did what."""
        mine = _organisation.c.institution == self._institution
        self._connection.execute(_organisation.update().where(mine).values(version=self.version))
        self._connection.execute(
            _change.insert().values(institution=self._institution, version=self.version, at=at, by=by, what=what)
        )


def changes(connection: Connection, institution: str, *, limit: int) -> list[Mapping[str, Any]]:
    """The newest changes first: version, at (instant), by, what."""
    query = (
        sa.select(_change).where(_change.c.institution == institution).order_by(_change.c.version.desc()).limit(limit)
    )
    return [row._asdict() for row in connection.execute(query)]
