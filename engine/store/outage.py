"""Tells a database that is away or full from a fault of ours, by what a driver raises.

A step asked for meanwhile is neither taken nor refused: what was lost may be the answer alone.
Whoever asks again with the same idempotency key learns what became of it.
"""

from __future__ import annotations

import sqlite3
import sys
from typing import Final

import sqlalchemy as sa

from engine.errors import Away, Full

_SQLITE: Final = {
    sqlite3.SQLITE_FULL: Full,
    # What the system says of a disk that is full depends on what was to be written.
    sqlite3.SQLITE_IOERR: Full,
    sqlite3.SQLITE_BUSY: Away,
    sqlite3.SQLITE_LOCKED: Away,
    sqlite3.SQLITE_CANTOPEN: Away,
    sqlite3.SQLITE_READONLY: Away,
}
"""By the last byte of SQLite's code; the others tell in which way."""

_FULL: Final = frozenset({"53100", "58030"})
"""PostgreSQL's disk_full and io_error."""

_READ_ONLY: Final = "25006"
"""PostgreSQL's read_only_sql_transaction: what we speak to is a standby that nobody has promoted."""


def outage_of(error: BaseException) -> Away | None:
    """What to tell whoever asked, where the database is away or full; None for any other error.

    https://www.sqlite.org/rescode.html, https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    if isinstance(error, sa.exc.TimeoutError | sa.exc.PendingRollbackError):
        return Away()
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError):
        told = _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
        return told() if told else None
    return _of_postgresql(cause)


def _of_postgresql(cause: BaseException | None) -> Away | None:
    # Whoever works on SQLite has not read the driver in, and gets no error of it.
    psycopg = sys.modules.get("psycopg")
    if psycopg is None or not isinstance(cause, psycopg.Error):
        return None
    if cause.sqlstate in _FULL:
        return Full()
    gone = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
    return Away() if gone or cause.sqlstate == _READ_ONLY else None
