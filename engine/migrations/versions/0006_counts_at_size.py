"""Counts at size: through which units cases are read, and indexes that figures are taken from

Revision: 0006
After: 0005

Beside the declared tables this makes `case_reach`: for every case, the units through which it
is read because it is linked to a case there. Who reads a unit counts what it reaches so without
walking every link its agreements ever had. A row says the case's own unit and workflow, and the
state it ended in (none: it is open), so that it changes where a case is tied, closed or moved to
another unit, and not with its steps. Triggers keep it, in the same transaction as the change.

A later migration that rebuilds `case_record` or `link` on SQLite (as Alembic's batches do) loses
the triggers on it and must make them anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.migrations.figures import expect

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_case_record_standing": (["workflow", "state", "entered_at", "id"], "closed_at IS NULL"),
    "ix_case_record_overdue": (
        ["workflow", "state", "unit", "assignee", "missed_at", "closed_at", "id"],
        "missed_at IS NOT NULL AND closed_at IS NULL",
    ),
    "ix_case_record_assigned": (
        ["assignee", "workflow", "state", "unit", "closed_at", "id"],
        "assignee IS NOT NULL AND closed_at IS NULL",
    ),
}
EXPECTED = {
    "case_record": {
        "ix_case_record_standing": "15000 15000 3000 300 2 1",
        "ix_case_record_overdue": "2000 2000 400 40 4 3 1 1 1",
        "ix_case_record_assigned": "8000 8000 60 20 10 5 5 1",
    },
    "event": {"ix_event_at": "1000000 1000000 5 1 1"},
    "case_reach": {
        "sqlite_autoindex_case_reach_1": "100000 100000 1 1",
        "ix_case_reach_unit": "100000 100000 2500 900 200 50 1",
    },
}
ROW = (
    "SELECT DISTINCT c.institution, c.id, o.unit, c.unit, c.workflow, "
    "CASE WHEN c.closed_at IS NULL THEN '' ELSE c.state END FROM link l "
    "JOIN case_record c ON c.institution = l.institution AND c.id = l.from_case "
    "JOIN case_record o ON o.institution = l.institution AND o.id = l.to_case"
)
INSERT = f"INSERT INTO case_reach (institution, case_id, unit, own, workflow, ended) {ROW}"
TIED_TO = "SELECT t.from_case FROM link t WHERE t.institution = {row}.institution AND t.to_case = {row}.id"

ADD = (
    INSERT + " WHERE l.institution = NEW.institution AND l.from_case = NEW.from_case AND l.name = NEW.name "
    "AND l.to_case = NEW.to_case ON CONFLICT (institution, case_id, unit) DO NOTHING;"
)
ANEW = (
    "DELETE FROM case_reach WHERE institution = OLD.institution AND case_id = OLD.from_case; "  # noqa: S608 - written of this file's own words
    f"{INSERT} WHERE l.institution = OLD.institution AND l.from_case = OLD.from_case;"
)
OF_TIED = (
    f"DELETE FROM case_reach WHERE institution = OLD.institution AND case_id IN ({TIED_TO.format(row='OLD')}); "  # noqa: S608 - written of this file's own words
    f"{INSERT} WHERE l.institution = OLD.institution AND l.from_case IN ({TIED_TO.format(row='OLD')});"
)
OWN = "UPDATE case_reach SET own = NEW.unit WHERE institution = NEW.institution AND case_id = NEW.id;"
ENDED = (
    "UPDATE case_reach SET ended = CASE WHEN NEW.closed_at IS NULL THEN '' ELSE NEW.state END "
    "WHERE institution = NEW.institution AND case_id = NEW.id;"
)
GONE = "DELETE FROM case_reach WHERE institution = OLD.institution AND case_id = OLD.id;"
MOVED = "OLD.unit <> NEW.unit"
CLOSED = "(OLD.closed_at IS NULL) <> (NEW.closed_at IS NULL) OR (NEW.closed_at IS NOT NULL AND OLD.state <> NEW.state)"

TRIGGERS = {
    "link_reaching": ("INSERT", "link", None, ADD),
    "link_unreaching": ("DELETE", "link", None, ANEW),
    "case_record_reaching": ("UPDATE OF unit", "case_record", MOVED, f"{OWN} {OF_TIED}"),
    "case_record_ending": ("UPDATE OF closed_at, state", "case_record", CLOSED, ENDED),
    "case_record_unreaching": ("DELETE", "case_record", None, f"{GONE} {OF_TIED}"),
}
"""By name: after which change of which table, on which condition, and what is done then."""

WORDED = "AFTER UPDATE OF number, search, subject ON"
"""When a case's words may change. SQLite then leaves a step alone that names other columns only."""


def upgrade() -> None:
    """Go to this schema."""
    dialect = op.get_bind().dialect.name
    for name, (columns, which) in INDEXES.items():
        where = sa.text(which)
        op.create_index(name, "case_record", ["institution", *columns], sqlite_where=where, postgresql_where=where)
    # In the order in which events are read, those of one instant too: a file read in brings thousands of them.
    op.drop_index("ix_event_at", table_name="event")
    op.create_index("ix_event_at", "event", ["institution", "at", "case_id", "sequence"], unique=False)
    op.execute(
        "CREATE TABLE case_reach (institution VARCHAR NOT NULL, case_id VARCHAR NOT NULL, unit VARCHAR NOT NULL, "
        "own VARCHAR NOT NULL, workflow VARCHAR NOT NULL, ended VARCHAR NOT NULL, "
        "CONSTRAINT pk_case_reach PRIMARY KEY (institution, case_id, unit))"
    )
    op.execute(INSERT)
    op.execute("CREATE INDEX ix_case_reach_unit ON case_reach (institution, unit, workflow, ended, own, case_id)")
    for name, (event, table, condition, done) in TRIGGERS.items():
        (_on_sqlite if dialect == "sqlite" else _on_postgresql)(name, event, table, condition, done)
    if dialect == "sqlite":
        _assume_a_large_office()
        _replace_reworded(" AFTER UPDATE ON ", f" {WORDED} ")


def _replace_reworded(was: str, becomes: str) -> None:
    """Make the trigger of 0003 that keeps the words of a case anew, to run after another change."""
    session = op.get_bind()
    made = session.scalar(sa.text("SELECT sql FROM sqlite_master WHERE name = 'case_record_reworded'"))
    session.exec_driver_sql("DROP TRIGGER case_record_reworded")
    session.exec_driver_sql(str(made).replace(was, becomes))


def _on_sqlite(name: str, event: str, table: str, condition: str | None, done: str) -> None:
    which = f"WHEN {condition} " if condition else ""
    op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} {which}BEGIN {done} END")


def _on_postgresql(name: str, event: str, table: str, condition: str | None, done: str) -> None:
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {done} RETURN NULL; END $$")
    which = f"WHEN ({condition}) " if condition else ""
    op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW {which}EXECUTE FUNCTION {name}()")


def _assume_a_large_office() -> None:
    """Tell SQLite what to expect, as the migration `lists at size` says, of what was made here."""
    for table, expected in EXPECTED.items():
        expect(table, expected)


def downgrade() -> None:
    """Go back to the schema before."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, (_, table, _, _) in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {name}" + ("" if sqlite else f" ON {table}"))
        if not sqlite:
            op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("case_reach")
    op.drop_index("ix_event_at", table_name="event")
    op.create_index("ix_event_at", "event", ["institution", "at"], unique=False)
    for name in INDEXES:
        op.drop_index(name, table_name="case_record")
    if sqlite:
        _replace_reworded(f" {WORDED} ", " AFTER UPDATE ON ")
        expect("event", {"ix_event_at": "1000000 1000000 5"})
