"""Who may work with a database: a process that knows its schema, and to change it only while nothing is put back.

Old and new releases never write side by side. On SQLite every transaction that writes asks first, under
the write lock. On PostgreSQL every connection asks once, when it is made, and then holds a lock that
says "in use" for as long as it lives; an upgrade or a restore takes that lock for itself and is refused
while anybody holds it. So a schema cannot change under a process that has been let in, and no step
pays for it. (A pooler that shares connections between transactions loses such locks: use none, or one
in session mode.)
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from engine.errors import EngineError
from engine.store.migrate import newest

IN_USE: Final = 0x6661_7264_7573_6564
"""The advisory lock of whoever works with a PostgreSQL database ("fardused" in ASCII)."""

STOP_FIRST: Final = (
    "stop every process of Färdplan that works with this database (`fardplan serve`, `fardplan worker`), then run this "
    "again"
)
MISSING: Final = "the database has not the newest tables; run `fardplan db upgrade` first"

TRIES: Final = 50
PAUSE_SECONDS: Final = 0.1
_STANDING: Final = (
    "SELECT (SELECT version_num FROM alembic_version), (SELECT at FROM heartbeat WHERE name = 'restore_begun'), "
    "(SELECT at FROM heartbeat WHERE name = 'restore_done')"
)
_NO_SUCH_TABLE: Final = "42P01"


class DatabaseNotReady(EngineError):
    """The database cannot be reached, or has not the schema that this release knows."""


class DatabaseInUse(DatabaseNotReady):
    """The database is in use; stop every process of Färdplan first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a database stands: its schema (None: it has no tables), and whether it is being put back from a backup."""

    schema: str | None
    restoring: bool


known = lru_cache(maxsize=1)(newest)
"""The schema of this release; asked for with every transaction on SQLite."""


def must_know(schema: str | None) -> None:
    """Raise DatabaseNotReady for a schema this release does not know, with words on what to do."""
    if schema == known():
        return
    if schema is None:
        raise DatabaseNotReady(MISSING)
    if schema < known():
        raise DatabaseNotReady(
            f"the database has the tables of schema {schema}, this release works with {known()}: "
            "stop what still runs of the older release, make a backup, run `fardplan db upgrade` first, then start"
        )
    raise DatabaseNotReady(
        f"the database has schema {schema}, which is newer than this release knows ({known()}): install the release "
        "it was upgraded with, or put back a backup made before that upgrade (docs/recovery.md)"
    )


def standing(connection: Any) -> Standing:
    """How the database stands, asked over a driver's own connection, as of what it has open."""
    try:
        schema, begun, done = connection.execute(_STANDING).fetchone()
    except Exception as error:
        if _says_no_such_table(error):
            return Standing(None, restoring=False)
        raise
    return Standing(schema, restoring=begun is not None and (done is None or done < begun))


def be_alone(ask: Callable[[], object]) -> None:
    """Ask for the lock until nobody holds it; a process that has just been stopped is given a moment to be gone.

    Raises DatabaseInUse.
    """
    for _ in range(TRIES):
        if ask():
            return
        time.sleep(PAUSE_SECONDS)
    raise DatabaseInUse(f"the database is in use: {STOP_FIRST}")


def _says_no_such_table(error: Exception) -> bool:
    if isinstance(error, sqlite3.OperationalError):
        return "no such table" in str(error)
    return getattr(error, "sqlstate", None) == _NO_SUCH_TABLE


def enter(connection: Any) -> Standing:
    """Let a new connection of psycopg's own in: it says "in use" from now on. Raises DatabaseNotReady."""
    (free,) = connection.execute("SELECT pg_try_advisory_lock_shared(%s)", (IN_USE,)).fetchone()
    if not free:
        raise DatabaseNotReady("the database is being upgraded or put back just now; start again when that is done")
    found = standing(connection)
    # The lock is the session's, and stays.
    connection.rollback()
    must_know(found.schema)
    return found
