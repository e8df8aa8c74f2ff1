"""Fewer pages a step: rows that are looked up by their key lie under it, and one index in place of two

Revision: 0007
After: 0006

SQLite keeps a table apart from the index over its key, and writes a page of each. Where a row is
small and found by its key, the rows can lie in that index themselves (WITHOUT ROWID); PostgreSQL
has no such thing. An index over messages is asked for grouped ones alone, and holds no others now.
And of two indexes over whom a case is assigned to, one holds what both did.

A table is made anew beside the old one and filled in the order of its key, all in one transaction.
No trigger stands on these tables or names them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.figures import expect, forget

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BY_KEY = {
    "event_detail": "institution, case_id, sequence",
    "outbox": "institution, id",
    "idempotency": "institution, party, key",
    "natural_key": "institution, kind, key",
}
"""Tables whose rows lie under their key, and the key.

Deadlines do not: among a million, the thousand that are due are found through their index, and then each
would be looked for by its key (5.9 ms, where its row is there in 1.2).
"""

WITHOUT = " WITHOUT ROWID"
EXPECTED = {
    "event_detail": {"sqlite_autoindex_event_detail_1": "1000000 1000000 10 1"},
    "outbox": {
        "sqlite_autoindex_outbox_1": "500000 500000 1",
        "ix_outbox_waiting": "500 2 2 1",
        "ix_outbox_case": "500000 500000 5",
        "ix_outbox_recipient": "50000 50000 50 1",
    },
}
"""What SQLite is told to expect, as of other tables (0003). Of rows that lie under their key it would else read all
of an institution's, which it takes for ten, rather than follow an index and look each up.
"""

Made = tuple[str, str, list[str], str | None, str | None]
BEFORE: tuple[Made, ...] = (
    (
        "ix_case_record_assigned", "case_record",
        ["institution", "assignee", "workflow", "state", "unit", "closed_at", "id"],
        "assignee IS NOT NULL AND closed_at IS NULL", "8000 8000 60 20 10 5 5 1",
    ),
    (
        "ix_case_record_assignee", "case_record", ["institution", "assignee", "workflow"],
        "assignee IS NOT NULL", "50000 50000 400 150",
    ),
    ("ix_outbox_recipient", "outbox", ["institution", "recipient", "sent_at"], None, None),
)  # fmt: skip
"""By name: of which table, over which columns, of which rows, and what SQLite is told to expect (as in 0003)."""

AFTER: tuple[Made, ...] = (
    (
        "ix_case_record_assigned", "case_record",
        ["institution", "assignee", "closed_at", "workflow", "state", "unit", "id"],
        "assignee IS NOT NULL", "50000 50000 400 60 20 10 5 1",
    ),
    ("ix_outbox_recipient", "outbox", ["institution", "recipient", "sent_at"], "grouped IS {true}", None),
)  # fmt: skip


def upgrade() -> None:
    """Go to this schema."""
    _go(BEFORE, AFTER, by_key=True)


def downgrade() -> None:
    """Go back to the schema before."""
    _go(AFTER, BEFORE, by_key=False)


def _go(were: tuple[Made, ...], become: tuple[Made, ...], *, by_key: bool) -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, table, *_ in were:
        op.drop_index(name, table_name=table)
    for made in become:
        _index(*made, sqlite=sqlite)
    for table in BY_KEY if sqlite else ():
        _rebuild(table, by_key=by_key)
        (expect if by_key else forget)(table, EXPECTED.get(table, {}))


def _index(name: str, table: str, columns: list[str], which: str | None, figures: str | None, *, sqlite: bool) -> None:
    where = None if which is None else sa.text(which.format(true="1" if sqlite else "TRUE"))
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    if sqlite and figures is not None:
        expect(table, {name: figures})


def _rebuild(table: str, *, by_key: bool) -> None:
    """Make a table of SQLite anew with its rows and indexes; what SQLite expects of these stays under their names."""
    session = op.get_bind()
    listed = "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type = ? AND sql IS NOT NULL"
    (made,) = session.exec_driver_sql(listed, (table, "table")).scalars()
    indexes = session.exec_driver_sql(listed, (table, "index")).scalars().all()
    session.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_before")
    session.exec_driver_sql(made + WITHOUT if by_key else made.removesuffix(WITHOUT))
    # Table and key are this file's own words.
    session.exec_driver_sql(f"INSERT INTO {table} SELECT * FROM {table}_before ORDER BY {BY_KEY[table]}")  # noqa: S608
    session.exec_driver_sql(f"DROP TABLE {table}_before")
    for index in indexes:
        session.exec_driver_sql(index)
