"""Messages sent to a channel that does nothing, against a bare batched UPDATE of the same rows.

The bare contestant reads 100 rows that wait and marks them sent in one transaction. The outbox
leases 100 rows, writes each message, hands it to the channel, and marks it sent before it takes
the next: a crash then doubles one mail at most, where the bare one doubles a hundred.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.system import NothingStandsThere, SystemClock
from engine.canonical import instant
from engine.outbox import BATCH, Outbox
from engine.ports import Message
from engine.store.migrate import upgrade
from engine.store.owed_rows import OwedRow
from engine.store.store import Store
from engine.tables import OutboxRecord, table_of
from tests.bench.measuring import Line, compare
from tests.databases import start_postgresql

ROWS = 1000
INSTITUTION = "bench.example"
OWED = table_of(OutboxRecord)
_READ = (
    "SELECT institution, id FROM outbox WHERE state = 'waiting' AND next_try <= {mark} ORDER BY next_try LIMIT {mark}"
)
_MARK = (
    "UPDATE outbox SET state = 'sent', sent_at = {mark}, lease_until = NULL WHERE institution = {mark} AND id = {mark}"
)


class NowhereChannel:
    """Takes a message and does nothing."""

    name = "nowhere"

    def deliver(self, message: Message) -> None:
        """Sent."""


class NoJitter:
    """Draws nothing."""

    def draw(self) -> float:
        """No spread."""
        return 0.0


class PlainRenderer:
    """Writes the same words always, and asks the database nothing."""

    def render(self, rows: Sequence[OwedRow], now: datetime) -> Message | None:
        """One message for these rows."""
        address, written = "a@example.org", instant(rows[0].created_at)
        return Message(rows[0].id, INSTITUTION, "", address, "", "us@example.org", "Hej", "Hej", "sv", written)

    def next_day(self, row: OwedRow, now: datetime) -> int:
        """Never asked: no row here is grouped."""
        raise TypeError(f"no row here is grouped, and {row.id} is one")


def outbox(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """Both databases, durable; a unit is a message."""
    with ExitStack() as stack:
        server = stack.enter_context(start_postgresql(folder / "outbox", durable=True))
        lines: list[Line] = []
        for url in (f"sqlite:///{folder / 'outbox.db'}", server):
            upgrade(url)
            store = Store(url)
            stack.callback(store.close)
            _fill(store)
            lines += _measured(store, rounds, seconds)
    return lines


def _measured(store: Store, rounds: int, seconds: float) -> list[Line]:
    kind = "sqlite FULL" if store.sqlite else "postgresql"
    ours = Outbox(store, SystemClock(), NowhereChannel(), PlainRenderer(), NoJitter(), NothingStandsThere())
    base = f"{kind}, bare batched update of owed rows"
    with store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        return compare(
            {
                base: lambda s: _rate(store, lambda: _bare(driver, sqlite=store.sqlite), s),
                f"{kind}, outbox, no-op channel": lambda s: _rate(store, ours.deliver, s),
            },
            base=base,
            rounds=rounds,
            seconds=seconds,
        )


def _rate(store: Store, some: Callable[[], int], seconds: float) -> float:
    """Messages a second; the time it takes to let the rows wait again is left out."""
    done, passed = 0, 0.0
    while passed < seconds:
        start = time.perf_counter()
        sent = some()
        passed += time.perf_counter() - start
        done += sent
        if not sent:
            _wait_again(store)
    return done / passed


def _bare(driver: Any, *, sqlite: bool) -> int:
    mark, now = "?" if sqlite else "%s", int(datetime.now(UTC).timestamp() * 1_000_000)
    cursor = driver.cursor()
    if sqlite:
        cursor.execute("BEGIN IMMEDIATE")
    found = cursor.execute(_READ.format(mark=mark), (now, BATCH)).fetchall()
    cursor.executemany(_MARK.format(mark=mark), [(now, *row) for row in found])
    cursor.execute("COMMIT")
    return len(found)


def _fill(store: Store) -> None:
    blank = {
        "institution": INSTITUTION, "case_id": "case", "sequence": 1, "channel": "mail", "recipient": "person:a",
        "template": "hello", "grouped": False, "attempts": 0, "state": "waiting", "not_before": 1, "next_try": 1,
        "created_at": 1,
    }  # fmt: skip
    with store.writes() as connection:
        connection.execute(sa.insert(OWED), [{**blank, "id": f"k{number}"} for number in range(ROWS)])


def _wait_again(store: Store) -> None:
    with store.writes() as connection:
        connection.execute(OWED.update().values(state="waiting", lease_until=None, sent_at=None))
