"""Opens the database and hands out ledgers: one for a step, one for a transaction of many.

SQLite: one writing connection a process, behind a lock, WAL and `synchronous=FULL`.
PostgreSQL: a pool; single steps in autocommit. Reading lists goes over SQLAlchemy Core
(`reads`), which never stands on the road of a step.
"""

from __future__ import annotations

import select
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url

from engine.errors import Busy, Full, ReadOnly
from engine.store import admission
from engine.store.ledger import Ledger
from engine.store.sqlite import SqliteLedger

BUSY_SECONDS = 20
"""How long is waited for what somebody else holds, and for a free connection, unless it is set otherwise."""

IDLE_SECONDS: Final = 300
"""After so long without a word in an open transaction PostgreSQL ends it: whoever opened it hangs, and locks stay."""

PATIENCE: Final[Mapping[str, int]] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
"""How long PostgreSQL is waited for where the network has gone silent; what stands in the URL comes first.

Seconds, but for the last (milliseconds): https://www.postgresql.org/docs/current/libpq-connect.html.
"""

Session: TypeAlias = Connection
"""A transaction that a Store has opened. Outside of engine.store it is only handed on."""


class Store:
    """A database, opened. `url` is a SQLAlchemy URL; only SQLite and PostgreSQL are known.

    Without `durable` no commit waits for the disk, and a power cut may spoil the database:
    for what can be made anew from the beginning, like a demo office. A `read_only` one changes no
    case and nothing about people; `restoring` is for whoever puts the database back from a backup,
    while everybody else only reads.
    """

    def __init__(
        self,
        url: str,
        *,
        pool_size: int = 16,
        durable: bool = True,
        read_only: bool = False,
        restoring: bool = False,
        lock_seconds: float = BUSY_SECONDS,
        statement_seconds: float | None = None,
    ) -> None:
        self.url = make_url(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self._writing = threading.RLock()
        self._writer: sqlite3.Connection | None = None
        self._durable, self._lock_seconds = durable, lock_seconds
        self._read_only, self._restoring = read_only, restoring
        self._being_put_back = False
        self._ledger: Callable[[Any], Ledger] = SqliteLedger
        if self.sqlite:
            self.engine = sa.create_engine(url, connect_args={"timeout": lock_seconds}, pool_timeout=lock_seconds)
            sa.event.listen(self.engine, "connect", self._prepare_sqlite)
        elif self.url.get_backend_name() == "postgresql":
            # Imported here: reading its driver in takes 0.1 s of processor time, and SQLite needs nothing of it.
            from engine.store.postgres import PostgresLedger  # noqa: PLC0415

            self._ledger = PostgresLedger
            waits: dict[str, Any] = {name: value for name, value in PATIENCE.items() if name not in self.url.query}
            waits["options"] = self._options(statement_seconds)
            self.engine = sa.create_engine(
                url, pool_size=pool_size, max_overflow=pool_size, connect_args=waits, pool_timeout=lock_seconds
            )
            self._steps: Engine = sa.create_engine(
                url,
                connect_args=waits,
                pool_size=pool_size,
                max_overflow=pool_size,
                pool_timeout=lock_seconds,
                isolation_level="AUTOCOMMIT",
                pool_reset_on_return=None,
            )
            for pool in (self.engine, self._steps):
                sa.event.listen(pool, "connect", self._enter)
            sa.event.listen(self._steps, "connect", _prepare_steps)
            for pool in (self.engine, self._steps):
                sa.event.listen(pool, "checkout", _must_be_there)
        else:
            raise ValueError("the database must be sqlite:///FILE or postgresql+psycopg://…")

    def _options(self, statement_seconds: float | None) -> str:
        """What PostgreSQL is told of each connection: how long it may wait, run, and do nothing in a transaction."""
        bounds = {"lock_timeout": self._lock_seconds, "idle_in_transaction_session_timeout": IDLE_SECONDS}
        if statement_seconds is not None:
            bounds["statement_timeout"] = statement_seconds
        told = [f"-c {name}={int(seconds * 1000)}" for name, seconds in bounds.items()]
        told += [] if self._durable else ["-c synchronous_commit=off"]
        # What stands in the URL comes last, and so counts.
        return " ".join([*told, str(self.url.query.get("options", ""))]).strip()

    @contextmanager
    def step(self) -> Iterator[Ledger]:
        """A ledger for one step, which is its own transaction."""
        if self.sqlite:
            with self.transaction() as ledger:
                yield ledger
            return
        with self.asks() as driver:
            self._must_be_open(driver)
            yield self._ledger(driver)

    @contextmanager
    def transaction(self) -> Iterator[Ledger]:
        """A ledger for many steps in one transaction, committed at the end."""
        if self.sqlite:
            with self._sqlite_transaction() as connection:
                yield SqliteLedger(connection)
            return
        with self.engine.begin() as connection:
            self._must_be_open(connection.connection.driver_connection)
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
                self._must_be_open(connection)
                yield connection
                _must_go_on(connection)
                connection.execute("COMMIT")
            except BaseException:
                # A commit that fails may leave the transaction open, or a full disk may have ended it.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _open_writer(self) -> sqlite3.Connection:
        self._writer = sqlite3.connect(
            self.url.database or ":memory:",
            timeout=self._lock_seconds,
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
            try:
                yield connection
            except sa.exc.OperationalError:
                self._must_know(connection.connection.driver_connection)
                raise

    @contextmanager
    def asks(self) -> Iterator[Any]:
        """The driver's own connection, where every statement is a transaction by itself.

        For what is asked over and over: a question over Core takes 0.34 ms on SQLite, one so 0.02.
        """
        pool = self.engine if self.sqlite else self._steps
        raw = pool.raw_connection()
        try:
            yield raw.driver_connection
        except sqlite3.OperationalError:
            self._must_know(raw.driver_connection)
            raise
        finally:
            if getattr(raw.driver_connection, "broken", False):
                raw.invalidate()
            else:
                raw.close()

    @contextmanager
    def writes(self, *, undo: bool = False, beside: bool = False) -> Iterator[Connection]:
        """A Core transaction for what is no case: people, tokens, the outbox, the clock.

        With `undo` it is rolled back at the end: what was done in it was only tried. What is noted
        `beside` the work (who signed in, who read a case) is noted where nothing may be changed, too.
        """
        if self.sqlite:
            with self._writing, self.engine.connect() as connection:
                try:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                except sa.exc.OperationalError as error:
                    raise Busy(f"the database is busy: {error.orig}") from error
                self._must_be_open(connection.connection.driver_connection, beside=beside or undo)
                yield connection
                _must_go_on(connection.connection.driver_connection)
                (connection.rollback if undo else connection.commit)()
            return
        with self.engine.begin() as connection:
            self._must_be_open(connection.connection.driver_connection, beside=beside or undo)
            yield connection
            if undo:
                connection.rollback()

    def writes_in(self, handed: Connection | None, *, beside: bool = False) -> AbstractContextManager[Connection]:
        """The transaction that was handed; where none was, one of its own, as `writes` opens it."""
        return self.writes(beside=beside) if handed is None else nullcontext(handed)

    def ledger_on(self, connection: Connection) -> Ledger:
        """A ledger inside the transaction a Core connection has open."""
        return self._ledger(connection.connection.driver_connection)

    def rests(self) -> bool:
        """Whether nothing may be changed just now: as the setting says, or while the database is put back."""
        if self._read_only or self._restoring:
            return self._read_only
        with self.asks() as driver:
            return admission.standing(driver).restoring

    def _enter(self, connection: Any, _record: Any) -> None:
        """Let a new connection to PostgreSQL in, or close it. Raises DatabaseNotReady."""
        try:
            self._being_put_back |= admission.enter(connection).restoring
        except BaseException:
            connection.close()
            raise

    def _must_know(self, driver: Any) -> None:
        """After a reading that failed: say so where it is because SQLite's tables are another release's by now.

        Whoever changes something is asked before; for reading alone that would cost more than it is worth.
        Raises DatabaseNotReady.
        """
        if self.sqlite:
            admission.must_know(admission.standing(driver).schema)

    def _must_be_open(self, driver: Any, *, beside: bool = False) -> None:
        """Refuse to change what may only be read now, or what this release does not know.

        SQLite is asked each time, under the write lock. On PostgreSQL the schema cannot change while the
        connection is there, nor can the database begin to be put back. Raises ReadOnly, DatabaseNotReady.
        """
        if self._read_only and not beside:
            raise ReadOnly
        if not (self.sqlite or self._being_put_back):
            return
        found = admission.standing(driver)
        admission.must_know(found.schema)
        self._being_put_back = found.restoring
        if found.restoring and not (beside or self._restoring):
            raise ReadOnly

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
        connection.execute(f"PRAGMA busy_timeout = {int(self._lock_seconds * 1000)}")


def _prepare_steps(connection: Any, _record: Any) -> None:
    # What is asked there is found by key, so one plan serves whatever is asked, and planning takes longer than
    # running it; a table that was small when the plan was made is not small for long.
    connection.execute("SET plan_cache_mode = force_generic_plan")
    connection.execute("SET enable_seqscan = off")
    connection.commit()


def _must_go_on(connection: Any) -> None:
    """Raise Full where SQLite has ended the transaction by itself, as it does when there is no room: all is undone."""
    if not connection.in_transaction:
        raise Full


def _must_be_there(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have a connection made anew, and all others in the pool, where the server has hung up meanwhile.

    A server that is gone has left an end of file or its last words on each connection that lay idle; to
    look for them costs some microseconds, where to ask the server costs a round trip a step.
    """
    if connection.closed:
        raise sa.exc.InvalidatePoolError
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise sa.exc.InvalidatePoolError


def begin(session: Session) -> None:
    """Let the transaction begin now. PostgreSQL's driver would wait for the first statement."""
    session.execute(sa.select(sa.literal(1)))
