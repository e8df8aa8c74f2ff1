"""Messages sent to a channel that does nothing, against a bare batched UPDATE of the same rows.

The bare contestant takes rows as the outbox does, so that what is told is the outbox's own cost:
it leases 100 in one transaction and marks them sent in another. The outbox leases 500, hands
each to the channel, and marks them together. A line of its own has the words of real messages
written by `engine.writing`: of reviews in an office, one message a review.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.system import NothingStandsThere, SystemClock
from engine.canonical import instant
from engine.cases import Cases
from engine.model import NewPerson, Open, Request
from engine.outbox import Outbox, Renderer
from engine.people import PersonCard
from engine.ports import Message
from engine.store import person_rows
from engine.store.migrate import upgrade
from engine.store.owed_rows import OwedRow
from engine.store.store import Store
from engine.tables import OutboxRecord, table_of
from engine.writing import Writer
from tests.bench.engine_step import INSTITUTION, office
from tests.bench.measuring import Line, compare
from tests.databases import administer, sibling_url, start_postgresql

ROWS = 5000
REVIEWS = 500
AT_ONCE = 100
"""Rows the bare contestant leases and marks at once."""

OWED = table_of(OutboxRecord)
_LEASE = (
    "UPDATE outbox SET lease_until = {mark} WHERE (institution, id) IN (SELECT institution, id FROM outbox "
    "WHERE state = 'waiting' AND next_try <= {mark} AND (lease_until IS NULL OR lease_until <= {mark}) "
    "ORDER BY next_try LIMIT {mark}) RETURNING institution, id"
)
_MARK = (
    "UPDATE outbox SET state = 'sent', sent_at = {mark}, lease_until = NULL WHERE institution = {mark} AND id = {mark}"
)


class NowhereChannel:
    """Takes a message and does nothing."""

    name = "nowhere"

    def deliver(self, message: Message) -> None:
        """Sent."""

    def opened(self) -> AbstractContextManager[NowhereChannel]:
        """Always open."""
        return nullcontext(self)


class NoJitter:
    """Draws nothing."""

    def draw(self) -> float:
        """No spread."""
        return 0.0


class PlainRenderer:
    """Writes the same words always, and asks the database nothing."""

    def look_up(self, rows: Sequence[OwedRow], now: datetime) -> PlainRenderer:
        """Nothing to look up."""
        return self

    def write(self, rows: Sequence[OwedRow]) -> Message | None:
        """One message for these rows."""
        address, written = "a@example.org", instant(rows[0].created_at)
        return Message(rows[0].id, INSTITUTION, "", address, "", "us@example.org", "Hej", "Hej", "sv", written)

    def next_day(self, row: OwedRow) -> int:
        """Never asked: no row here is grouped."""
        raise TypeError(f"no row here is grouped, and {row.id} is one")


def outbox(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """Both databases, durable; a unit is a message."""
    with ExitStack() as stack:
        server = stack.enter_context(start_postgresql(folder / "outbox", durable=True))
        lines: list[Line] = []
        for url, real in (
            (f"sqlite:///{folder / 'outbox.db'}", f"sqlite:///{folder / 'letters.db'}"),
            (server, _another(server)),
        ):
            upgrade(url)
            store, cases = Store(url), office(real)
            stack.callback(store.close)
            stack.callback(cases.store.close)
            _fill(store)
            _owe_letters(cases)
            lines += _measured(store, cases, rounds, seconds)
    return lines


def _another(server: str) -> str:
    administer(server, "CREATE DATABASE {name}", name="letters")
    return sibling_url(server, "letters")


def _measured(store: Store, cases: Cases, rounds: int, seconds: float) -> list[Line]:
    kind = "sqlite FULL" if store.sqlite else "postgresql"
    writer = Writer(cases.store, cases.catalogue, "https://bench.example", "us@bench.example")
    ours, letters = _to_nowhere(store, PlainRenderer()), _to_nowhere(cases.store, writer)
    base = f"{kind}, bare batched lease and mark"
    with store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        return compare(
            {
                base: lambda s: _rate(store, lambda: _bare(driver, sqlite=store.sqlite), s),
                f"{kind}, outbox, no-op channel": lambda s: _rate(store, ours.deliver_all, s),
                f"{kind}, outbox, real letters": lambda s: _rate(cases.store, letters.deliver_all, s),
            },
            base=base,
            rounds=rounds,
            seconds=seconds,
        )


def _to_nowhere(store: Store, renderer: Renderer) -> Outbox:
    return Outbox(store, SystemClock(), NowhereChannel(), renderer, NoJitter(), NothingStandsThere())


def _rate(store: Store, some: Callable[[], int], seconds: float) -> float:
    """Messages a second; the time it takes to let the rows wait again is left out."""
    done, passed = 0, 0.0
    while passed < seconds:
        start = time.perf_counter()
        sent = some()
        passed += time.perf_counter() - start
        done += sent
        if not sent or sent > AT_ONCE:
            _wait_again(store)
    return done / passed


def _bare(driver: Any, *, sqlite: bool) -> int:
    mark, now = "?" if sqlite else "%s", int(datetime.now(UTC).timestamp() * 1_000_000)
    cursor = driver.cursor()
    if sqlite:
        cursor.execute("BEGIN IMMEDIATE")
    found = cursor.execute(_LEASE.format(mark=mark), (2 * now, now, now, AT_ONCE)).fetchall()
    cursor.execute("COMMIT")
    if sqlite:
        cursor.execute("BEGIN IMMEDIATE")
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


def _owe_letters(cases: Cases) -> None:
    """Reviews that were asked for: each tells its reviewer."""
    reviewer = PersonCard("reviewer", "Rut Granskare", "rut@bench.example", "sv")
    with cases.store.writes() as connection:
        person_rows.write(connection, INSTITUTION, reviewer, now=1)
    for number in range(REVIEWS):
        subject = NewPerson(f"Sökande {number}", f"applicant{number}@example.org", "sv")
        ask = Open("eligibility_review", INSTITUTION, subject, {"course": f"Statistik {number}"})
        cases.step(Request(INSTITUTION, ask, "admissions"))


def _wait_again(store: Store) -> None:
    with store.writes() as connection:
        connection.execute(OWED.update().values(state="waiting", lease_until=None, sent_at=None))
