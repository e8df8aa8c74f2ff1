"""What a database holds, asked over a driver's own connection, so that one of any schema can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from engine.errors import EngineError
from engine.store.restore_rows import BEGUN, DONE, FROM, NOTING
from engine.tables import Table

OFFICE: Final = (
    "case_record", "event", "person", "unit", "membership", "partner", "token", "organisation",
)  # fmt: skip
"""Tables that are empty as long as nobody has put anything into a database: what a start notes is in others."""

OURS: Final = frozenset({*Table.metadata.tables, "alembic_version", "case_words", "case_reach"})
"""Every table of ours, by any migration."""

_HELD: Final = (
    "SELECT (SELECT version_num FROM alembic_version), (SELECT count(*) FROM case_record), "
    "(SELECT count(*) FROM event), (SELECT max(at) FROM event)"
)


class BackupFailed(EngineError):
    """The backup was not made, or cannot be used."""


class NotEmpty(EngineError):
    """The database holds something already; a backup is put into an empty one."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a database holds. `newest_event` is an instant in UTC microseconds, or None."""

    schema: str
    cases: int
    events: int
    newest_event: int | None


def held(connection: Any) -> Held:
    """What the database holds, as of the transaction that is open."""
    return Held(*connection.execute(_HELD).fetchone())


def refuse_full(connection: Any, tables: frozenset[str]) -> None:
    """Raise NotEmpty where one of these tables is an office's and has a row."""
    for name in OFFICE:
        if name in tables and connection.execute(f"SELECT 1 FROM {name} LIMIT 1").fetchone():
            raise NotEmpty(
                f"the database has rows already (in {name}); nothing was changed. Put the backup into an empty one: "
                "set FARDPLAN_DATABASE_URL to a new database (another file, or another name made with createdb) and "
                "run this again; the old one stays as it is, should it be needed"
            )


def marks(*, backup_at: int, begun_at: int) -> tuple[str, ...]:
    """The statements that mark a database as being put back. Both are instants in UTC microseconds."""
    gone = ", ".join(f"'{name}'" for name in (FROM, BEGUN, NOTING, DONE))
    return (
        f"DELETE FROM heartbeat WHERE name IN ({gone})",
        f"INSERT INTO heartbeat (name, at) VALUES ('{FROM}', {int(backup_at)}), ('{BEGUN}', {int(begun_at)})",
    )
