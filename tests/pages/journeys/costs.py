"""What a page costs: everything the database is asked for it, however it is asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from tests.pages.serving import Served

AROUND = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA", "--")
"""Statements that open and close, and ask for nothing; SQLite also tells of what its triggers do, as remarks."""


@contextmanager
def statements(served: Served) -> Iterator[list[str]]:
    """Whatever the database is asked meanwhile, by Core and by the ledger's own statements alike."""
    asked: list[str] = []
    with _sqlite(served, asked) if served.house.store.sqlite else _postgresql(asked):
        yield asked


def _note(asked: list[str], statement: str) -> None:
    if not statement.lstrip().upper().startswith(AROUND):
        asked.append(" ".join(statement.split()))


@contextmanager
def _sqlite(served: Served, asked: list[str]) -> Iterator[None]:
    engine, traced = served.house.store.engine, set[sqlite3.Connection]()

    def trace(connection: sqlite3.Connection, *_more: object) -> None:
        connection.set_trace_callback(lambda statement: _note(asked, statement))
        traced.add(connection)

    sa.event.listen(engine, "checkout", trace)
    if served.house.store._writer is not None:
        trace(served.house.store._writer)
    try:
        yield
    finally:
        sa.event.remove(engine, "checkout", trace)
        for connection in traced:
            connection.set_trace_callback(None)


@contextmanager
def _postgresql(asked: list[str]) -> Iterator[None]:
    execute = psycopg.Cursor.execute

    def noted(cursor: Any, query: Any, *more: Any, **options: Any) -> Any:
        _note(asked, query if isinstance(query, str) else query.decode() if isinstance(query, bytes) else str(query))
        return execute(cursor, query, *more, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(psycopg.Cursor, "execute", noted)
        yield
