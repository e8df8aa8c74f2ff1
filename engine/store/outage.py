"""Tells a database that is away or full from a fault of ours, by what a driver raises.

A step asked for meanwhile is neither taken nor refused: what was lost may be the answer alone.
Whoever asks again with the same idempotency key learns what became of it.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import sqlalchemy as sa

from engine.errors import Away, Busy, Full
from engine.store.admission import DatabaseNotReady

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

_AWAY: Final = frozenset({"25006", "25P03", "25P04"})
"""PostgreSQL's read_only_sql_transaction (what we speak to is a standby that nobody has promoted), and what it says as
it hangs up on a transaction in which nobody spoke for too long, or that itself took too long."""

_STOPPED: Final = "57P"
"""How the codes begin by which PostgreSQL says that somebody stops it, or the session, or that it only starts."""

_HUNG_UP_AGAIN: Final = "This connection is closed"
"""SQLAlchemy's words where the server has hung up on each connection tried, the fresh one too; a class it has none."""


def outage_of(error: BaseException) -> Away | None:
    """What to tell whoever asked, where the database is away or full; None for any other error.

    https://www.sqlite.org/rescode.html, https://www.postgresql.org/docs/current/errcodes-appendix.html
    """
    if isinstance(error, Away):
        return error
    if isinstance(error, sa.exc.TimeoutError | sa.exc.PendingRollbackError):
        return Away()
    if isinstance(error, sa.exc.InvalidRequestError) and str(error) == _HUNG_UP_AGAIN:
        return Away()
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    if isinstance(cause, sqlite3.OperationalError):
        told = _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
        return told() if told else None
    return _of_postgresql(cause)


def concerns_the_database(error: BaseException) -> bool:
    """Whether an error tells of nothing but the database: it is busy, away or full, or another release's by now.

    Whatever was asked of it may be asked again; that it was asked in vain is nobody's fault.
    """
    return isinstance(error, Busy | DatabaseNotReady) or outage_of(error) is not None


@contextmanager
def noted_if_it_can_be() -> Iterator[None]:
    """Around what is only noted beside the work: where the database cannot take it now, it is not noted.

    Reading must not end because of it. A fault of ours is raised all the same.
    """
    try:
        yield
    except Exception as error:
        if not concerns_the_database(error):
            raise


def _of_postgresql(cause: BaseException | None) -> Away | None:
    # Whoever works on SQLite has not read the driver in, and gets no error of it.
    psycopg = sys.modules.get("psycopg")
    if psycopg is None or not isinstance(cause, psycopg.Error):
        return None
    if cause.sqlstate in _FULL:
        return Full()
    gone = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
    said = cause.sqlstate or ""
    return Away() if gone or said in _AWAY or said.startswith(_STOPPED) else None
