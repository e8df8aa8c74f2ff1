"""The bare driver: read the case row, then four statements in one transaction.

One history row, the case row with a version check, one deadline, one outbox row;
payloads of about 200 bytes, indexes as a product needs. This is the fair limit of an
engine that keeps no case in memory.
"""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.bench.measuring import Contestant

PAYLOAD = "x" * 200
CASES = 200
SCHEMA = (
    "CREATE TABLE bare_case (id BIGINT PRIMARY KEY, state TEXT, version BIGINT, facts TEXT)",
    "CREATE TABLE bare_event (case_id BIGINT, seq BIGINT, body TEXT, PRIMARY KEY (case_id, seq))",
    "CREATE TABLE bare_deadline (id BIGINT PRIMARY KEY, case_id BIGINT, due BIGINT, status TEXT)",
    "CREATE INDEX bare_open ON bare_deadline (due) WHERE status = 'open'",
    "CREATE TABLE bare_outbox (id BIGINT PRIMARY KEY, case_id BIGINT, body TEXT, sent BIGINT)",
    "CREATE INDEX bare_unsent ON bare_outbox (id) WHERE sent IS NULL",
)
READ = "SELECT state, version, facts FROM bare_case WHERE id = ?"
FOUR = (
    "INSERT INTO bare_event VALUES (?, ?, ?)",
    "UPDATE bare_case SET state = ?, version = ?, facts = ? WHERE id = ? AND version = ?",
    "INSERT INTO bare_deadline VALUES (?, ?, ?, 'open')",
    "INSERT INTO bare_outbox VALUES (?, ?, ?, NULL)",
)


@contextmanager
def sqlite_unit(path: Path, synchronous: str = "FULL") -> Iterator[Contestant]:
    """One durable unit of work on SQLite, WAL."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {synchronous}")
    for statement in SCHEMA:
        connection.execute(statement)
    connection.executemany("INSERT INTO bare_case VALUES (?, 'a', 1, ?)", [(n, PAYLOAD) for n in range(CASES)])
    numbers = itertools.count(1)

    def unit() -> None:
        number = next(numbers)
        connection.execute("BEGIN IMMEDIATE")
        _four(connection, READ, FOUR, number, number % CASES)
        connection.execute("COMMIT")

    yield unit
    connection.close()


@contextmanager
def postgresql_unit(url: str, first: int, step: int) -> Iterator[Contestant]:
    """One durable unit of work on PostgreSQL, on a connection and cases of its own."""
    read, four = READ.replace("?", "%s"), tuple(s.replace("?", "%s") for s in FOUR)
    numbers = itertools.count(first, step)
    with psycopg.connect(url, autocommit=False) as connection:

        def unit() -> None:
            _four(connection, read, four, next(numbers), first % CASES)
            connection.commit()

        yield unit


def prepare_postgresql(url: str) -> None:
    """Make the bare tables."""
    with psycopg.connect(url) as connection:
        for statement in SCHEMA:
            connection.execute(statement)
        for number in range(CASES):
            connection.execute("INSERT INTO bare_case VALUES (%s, 'a', 1, %s)", (number, PAYLOAD))


def _four(connection: Any, read: str, four: tuple[str, ...], number: int, case: int) -> None:
    _, version, facts = connection.execute(read, (case,)).fetchone()
    connection.execute(four[0], (case, version + 1, PAYLOAD))
    connection.execute(four[1], ("b", version + 1, facts, case, version))
    connection.execute(four[2], (number, case, number))
    connection.execute(four[3], (number, case, PAYLOAD))


@contextmanager
def fdatasync_unit(path: Path) -> Iterator[Contestant]:
    """The disk's floor: 8 KiB written and synced."""
    block = b"\0" * 8192
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY)

    def unit() -> None:
        os.pwrite(descriptor, block, 0)
        os.fdatasync(descriptor)

    yield unit
    os.close(descriptor)
