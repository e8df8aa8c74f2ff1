"""The bare driver claims what is due and fires it: 100 deadlines a transaction, moved set by set.

Deadline, case, history and message are written, as for a rung; nothing is decided. PostgreSQL
needs two statements for a batch, SQLite four lists of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.store.store import Store
from tests.bench.bare import PAYLOAD, SCHEMA

BATCH = 100
_FIND = "SELECT id, case_id FROM bare_deadline WHERE status = 'open' AND due <= {mark} ORDER BY due LIMIT {mark}"
_FIND_SQLITE = _FIND.format(mark="?")
_FIND_POSTGRESQL = _FIND.format(mark="%s") + " FOR NO KEY UPDATE SKIP LOCKED"
_FIRE_SQLITE = (
    "UPDATE bare_deadline SET status = 'done' WHERE id = :id",
    "UPDATE bare_case SET version = version + 1 WHERE id = :case",
    "INSERT INTO bare_event SELECT id, version, :payload FROM bare_case WHERE id = :case",
    "INSERT INTO bare_outbox SELECT coalesce(max(id), 0) + 1, :case, :payload, NULL FROM bare_outbox",
)
_FIRE_POSTGRESQL = """
WITH done AS (UPDATE bare_deadline SET status = 'done' WHERE id = ANY(%(ids)s)),
moved AS (UPDATE bare_case SET version = version + 1 WHERE id = ANY(%(cases)s) RETURNING id, version),
told AS (INSERT INTO bare_outbox SELECT nextval('bare_number'), id, %(payload)s, NULL FROM moved)
INSERT INTO bare_event SELECT id, version, %(payload)s FROM moved"""


@dataclass(frozen=True)
class Bare:
    """So many deadlines due in tables of their own, on one connection of the driver."""

    driver: Any
    sqlite: bool
    due: int

    def fire(self) -> int:
        """Claim and fire all that is due; how many that were."""
        fired = 0
        while done := self._some():
            fired += done
        return fired

    def _some(self) -> int:
        cursor = self.driver.cursor()
        if self.sqlite:
            cursor.execute("BEGIN IMMEDIATE")
            found = cursor.execute(_FIND_SQLITE, (self.due, BATCH)).fetchall()
            rows = [{"id": number, "case": case, "payload": PAYLOAD} for number, case in found]
            for statement in _FIRE_SQLITE:
                cursor.executemany(statement, rows)
        else:
            found = cursor.execute(_FIND_POSTGRESQL, (self.due, BATCH)).fetchall()
            numbers, cases = [number for number, _ in found], [case for _, case in found]
            cursor.execute(_FIRE_POSTGRESQL, {"ids": numbers, "cases": cases, "payload": PAYLOAD})
        cursor.execute("COMMIT")
        return len(found)

    def rewind(self) -> None:
        """Let them all be due again."""
        self.driver.cursor().execute("UPDATE bare_deadline SET status = 'open'")
        if not self.sqlite:
            self.driver.commit()


@contextmanager
def bare_deadlines(url: str, due: int) -> Iterator[Bare]:
    """A database with so many, none of them fired."""
    store = Store(url)
    numbers, mark = range(1, due + 1), "?" if store.sqlite else "%s"
    with store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        cursor = driver.cursor()
        for statement in SCHEMA if store.sqlite else (*SCHEMA, "CREATE SEQUENCE bare_number"):
            cursor.execute(statement)
        cursor.executemany(f"INSERT INTO bare_case VALUES ({mark}, 'a', 1, '{PAYLOAD}')", [(n,) for n in numbers])
        cursor.executemany(
            f"INSERT INTO bare_deadline VALUES ({mark}, {mark}, {mark}, 'open')", [(n, n, n) for n in numbers]
        )
        if not store.sqlite:
            driver.commit()
        yield Bare(driver, store.sqlite, due)
    store.close()
