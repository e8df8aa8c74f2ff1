"""Opens the database and hands out ledgers: one for a step, one for a transaction of many.

SQLite: one writing connection a process, behind a lock, WAL and `synchronous=FULL`.
PostgreSQL: a pool; single steps in autocommit. Reading lists goes over SQLAlchemy Core
(`reads`), which never stands on the road of a step.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url

from engine.errors import Busy
from engine.store.ledger import Ledger
from engine.store.sqlite import SqliteLedger

BUSY_SECONDS = 20

Session: TypeAlias = Connection
"""A transaction that a Store has opened. Outside of engine.store it is only handed on."""


class Store:
    """A database, opened. `url` is a SQLAlchemy URL; only SQLite and PostgreSQL are known.

    Without `durable` no commit waits for the disk, and a power cut may spoil the database:
    for what can be made anew from the beginning, like a demo office.
    """

    def __init__(self, url: str, *, pool_size: int = 16, durable: bool = True) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._writing = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._durable = durable
        self._ledger: Callable[[Any], Ledger] = SqliteLedger
        if self.sqlite:
            self.engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS})
            sa.event.listen(self.engine, "connect", self._prepare_sqlite)
        elif self.url.get_backend_name() == "postgresql":
            # Imported here: reading its driver in takes 0.1 s of processor time, and SQLite needs nothing of it.
            from engine.store.postgres import PostgresLedger  # noqa: PLC0415

            self._ledger = PostgresLedger
            waits = {} if durable else {"options": "-c synchronous_commit=off"}
            self.engine = sa.create_engine(
                url, pool_size=pool_size, max_overflow=pool_size, connect_args=waits
            )
            self._steps: Engine = sa.create_engine(
                url,
                connect_args=waits,
                pool_size=pool_size,
                max_overflow=pool_size,
                isolation_level="AUTOCOMMIT",
                pool_reset_on_return=None,
            )
            sa.event.listen(self._steps, "connect", _prepare_steps)
        else:
            raise ValueError("the database must be sqlite:///FILE or postgresql+psycopg://…")

    @contextmanager
    def step(self) -> Iterator[Ledger]:
        """A ledger for one step, which is its own transaction."""
        if self.sqlite:
            with self.transaction() as ledger:
                yield ledger
            return
        with self.asks() as driver:
            yield self._ledger(driver)

    @contextmanager
    def transaction(self) -> Iterator[Ledger]:
        """A ledger for many steps in one transaction, committed at the end."""
        if self.sqlite:
            with self._sqlite_transaction() as connection:
                yield SqliteLedger(connection)
            return
        with self.engine.begin() as connection:
            yield self._ledger(connection.connection.driver_connection)

    @contextmanager
    def _sqlite_transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing:
            connection = self._writer or self._open_writer()
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                raise Busy(f"the database is busy: {error}") from error
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A commit that fails may leave the transaction open, or a full disk may have ended it.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _open_writer(self) -> sqlite3.Connection:
        self._writer = sqlite3.connect(
            self.url.database or ":memory:",
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=256,
        )
        self._prepare_sqlite(self._writer, None)
        return self._writer

    @contextmanager
    def reads(self) -> Iterator[Connection]:
        """A connection to read with; what it sees is of one instant."""
        with self.engine.connect() as connection:
            if self.sqlite:
                connection.exec_driver_sql("BEGIN")
            yield connection

    @contextmanager
    def asks(self) -> Iterator[Any]:
        """The driver's own connection, where every statement is a transaction by itself.

        For what is asked over and over: a question over Core takes 0.34 ms on SQLite, one so 0.02.
        """
        pool = self.engine if self.sqlite else self._steps
        raw = pool.raw_connection()
        try:
            yield raw.driver_connection
        finally:
            if getattr(raw.driver_connection, "broken", False):
                raw.invalidate()
            else:
                raw.close()

    @contextmanager
    def writes(self, *, undo: bool = False) -> Iterator[Connection]:
        """A Core transaction for what is no case: people, tokens, the outbox, the clock.

        With `undo` it is rolled back at the end: what was done in it was only tried.
        """
        if self.sqlite:
            with self._writing, self.engine.connect() as connection:
                try:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                except sa.exc.OperationalError as error:
                    raise Busy(f"the database is busy: {error.orig}") from error
                yield connection
                (connection.rollback if undo else connection.commit)()
            return
        with self.engine.begin() as connection:
            yield connection
            if undo:
                connection.rollback()

    def ledger_on(self, connection: Connection) -> Ledger:
        """A ledger inside the transaction a Core connection has open."""
        return self._ledger(connection.connection.driver_connection)

    def close(self) -> None:
        """Give all connections back."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self.engine.dispose()
        if not self.sqlite:
            self._steps.dispose()

    def _prepare_sqlite(self, connection: Any, _record: Any) -> None:
        # Transactions are opened by hand: the driver's own would begin too late (deferred).
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'OFF'}")
        # A page written many times meanwhile goes to the file once: 1.2 times the steps of the usual 1,000 pages.
        connection.execute("PRAGMA wal_autocheckpoint = 4000")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")


def _prepare_steps(connection: Any, _record: Any) -> None:
    # What is asked there is found by key, so one plan serves whatever is asked, and planning takes longer than
    # running it; a table that was small when the plan was made is not small for long.
    connection.execute("SET plan_cache_mode = force_generic_plan")
    connection.execute("SET enable_seqscan = off")
    connection.commit()


def begin(session: Session) -> None:
    """Let the transaction begin now. PostgreSQL's driver would wait for the first statement."""
    session.execute(sa.select(sa.literal(1)))
