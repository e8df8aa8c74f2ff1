"""SQLAlchemy's ORM doing what the bare driver does: the case read by its key, then four statements at the commit."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from tests.bench.bare import CASES, PAYLOAD, SCHEMA
from tests.bench.measuring import Contestant

BEYOND = 1 << 40
"""Numbers from here on are no bare contestant's."""


class Bare(DeclarativeBase):
    """The tables of the bare driver."""


class BareCase(Bare):
    """A case; its version is checked and raised by the ORM."""

    __tablename__ = "bare_case"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    state: Mapped[str]
    version: Mapped[int] = mapped_column(sa.BigInteger)
    facts: Mapped[str]
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own spelling


class BareEvent(Bare):
    """A row of history."""

    __tablename__ = "bare_event"
    case_id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
    body: Mapped[str]


class BareDeadline(Bare):
    """A deadline."""

    __tablename__ = "bare_deadline"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(sa.BigInteger)
    due: Mapped[int] = mapped_column(sa.BigInteger)
    status: Mapped[str] = mapped_column(default="open")


class BareOutbox(Bare):
    """A message owed."""

    __tablename__ = "bare_outbox"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    case_id: Mapped[int] = mapped_column(sa.BigInteger)
    body: Mapped[str]
    sent: Mapped[int | None] = mapped_column(sa.BigInteger)


@contextmanager
def orm_sqlite_unit(path: Path) -> Iterator[Contestant]:
    """One durable unit of work on SQLite, WAL, FULL, in a file of its own."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        for statement in SCHEMA:
            connection.execute(statement)
        connection.executemany("INSERT INTO bare_case VALUES (?, 'a', 1, ?)", [(n, PAYLOAD) for n in range(CASES)])
        connection.commit()
    engine = sa.create_engine(f"sqlite:///{path}")
    sa.event.listen(engine, "connect", _durable)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    yield _unit(engine, range(CASES))
    engine.dispose()


@contextmanager
def orm_postgresql_unit(url: str) -> Iterator[Contestant]:
    """One durable unit of work on PostgreSQL, in the bare tables, on a case that no other contestant takes."""
    engine = sa.create_engine(url)
    yield _unit(engine, range(CASES - 1, CASES))
    engine.dispose()


def _durable(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are opened by hand, at once for writing
    connection.execute("PRAGMA synchronous = FULL")


def _unit(engine: sa.Engine, cases: range) -> Contestant:
    numbers, turns = itertools.count(BEYOND), itertools.cycle(cases)

    def unit() -> None:
        number = next(numbers)
        with Session(engine) as session, session.begin():
            case = session.get_one(BareCase, next(turns))
            case.state = "b" if case.state == "a" else "a"
            session.add(BareEvent(case_id=case.id, seq=case.version + 1, body=PAYLOAD))
            session.add(BareDeadline(id=number, case_id=case.id, due=number))
            session.add(BareOutbox(id=number, case_id=case.id, body=PAYLOAD, sent=None))

    return unit
