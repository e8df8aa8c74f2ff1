"""Delivers what is owed: messages written with an event, sent after its commit by any node.

At least once: a row is leased, sent, marked. The row's key travels as Message-ID, so
that a receiver can drop a double. Failures wait longer each time and end as dead
letters, which can be seen and sent again. Messages of rungs are grouped: one person
gets one such mail a day (PROCESSES 0).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from engine.canonical import micros
from engine.errors import DeliveryFailed
from engine.ports import Channel, Clock, Jitter, Message, Seams
from engine.store import owed_rows
from engine.store.owed_rows import OwedRow
from engine.store.store import Store

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
ATTEMPTS = 12
"""After so many attempts (about two days) a message is a dead letter."""

BATCH = 100

class Renderer(Protocol):
    """Writes the words of a message, from the cases as they now are."""

    def render(self, rows: Sequence[OwedRow], now: datetime) -> Message | None:
        """One message for all rows (one, or a person's grouped ones); None if nothing is to be said.

        Raises DeliveryFailed where there is no address.
        """
        ...

    def next_day(self, row: OwedRow, now: datetime) -> int:
        """When the recipient's next working window after today opens."""
        ...


@dataclass(frozen=True)
class Outbox:
    """Leases, sends, marks."""

    store: Store
    clock: Clock
    channel: Channel
    renderer: Renderer
    jitter: Jitter
    seams: Seams
    zone: str = "Europe/Stockholm"

    def deliver_all(self) -> int:
        """Deliver until nothing more is due; the number of mails that went out."""
        sent = 0
        # What fails or is put off is not due any more, so this comes to an end.
        while groups := self._lease(BATCH):
            sent += sum(self._send(group) for group in groups)
        return sent

    def deliver(self, limit: int = BATCH) -> int:
        """Send up to `limit` rows that are due; the number of mails that went out.

        A recipient's grouped rows are never parted: they count as one.
        """
        return sum(self._send(group) for group in self._lease(limit))

    def _lease(self, limit: int) -> list[list[OwedRow]]:
        """Take rows for this node alone, a recipient's grouped ones together."""
        now = micros(self.clock.now())
        until = now + LEASE // timedelta(microseconds=1)
        return _grouped(owed_rows.lease(self.store, now=now, until=until, limit=limit))

    def _send(self, rows: list[OwedRow]) -> int:
        if rows[0].grouped and self._told_today(rows[0]):
            self._postpone(rows)
            return 0
        now = self.clock.now()
        try:
            message = self._written(rows, now)
            self.seams.pass_by("before_delivery")
            if message is not None:
                self.channel.deliver(message)
            self.seams.pass_by("after_delivery")
        except DeliveryFailed as failure:
            self._failed(rows, failure)
            return 0
        self._mark(rows, state="sent", sent_at=micros(now), sent_with=rows[0].id, lease_until=None)
        return 1

    def _written(self, rows: list[OwedRow], now: datetime) -> Message | None:
        """Render; a fault in a text is a failed delivery, so that it stops no other message."""
        try:
            return self.renderer.render(rows, now)
        except DeliveryFailed:
            raise
        except Exception as error:
            log.exception("message_not_written", extra={"outbox": rows[0].id, "case": rows[0].case})
            raise DeliveryFailed(f"the message cannot be written: {error!r}") from error

    def _told_today(self, row: OwedRow) -> bool:
        """Whether the recipient has had a grouped mail since local midnight."""
        local = self.clock.now().astimezone(ZoneInfo(self.zone))
        midnight = micros(local.replace(hour=0, minute=0, second=0, microsecond=0))
        return owed_rows.told_since(self.store, row.institution, row.recipient, since=midnight)

    def _postpone(self, rows: list[OwedRow]) -> None:
        when = self.renderer.next_day(rows[0], self.clock.now())
        self._mark(rows, next_try=when, lease_until=None)

    def _failed(self, rows: list[OwedRow], failure: DeliveryFailed) -> None:
        attempts = rows[0].attempts + 1
        dead = failure.permanent or attempts >= ATTEMPTS
        log.warning(
            "delivery_failed",
            extra={"outbox": rows[0].id, "attempts": attempts, "dead": dead},
        )
        self._mark(
            rows,
            state="dead" if dead else "waiting",
            attempts=attempts,
            next_try=micros(self.clock.now() + self._pause(attempts)),
            last_error=str(failure)[:500],
            lease_until=None,
        )

    def _pause(self, attempts: int) -> timedelta:
        """Twice as long each time, up to six hours, spread by up to a quarter."""
        pause = min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)
        return pause * (1 + self.jitter.draw() / 4)

    def _mark(self, rows: list[OwedRow], **values: Any) -> None:
        owed_rows.mark(self.store, rows, **values)

    def retry(self, institution: str, outbox_id: str) -> bool:
        """Send a dead letter again; False where there is no such row. Harmless to repeat."""
        return owed_rows.wake(self.store, institution, outbox_id, now=micros(self.clock.now()))

    def oldest_waiting(self) -> int | None:
        """Since when the longest overdue row waits; None if nothing is overdue."""
        return self.next_due(micros(self.clock.now()))

    def next_stop(self, *, after: int, until: int) -> int | None:
        """The first instant, later than `after` and not after `until`, at which a row may be sent.

        A row under lease may be sent when the lease ends.
        """
        return owed_rows.next_stop(self.store, after=after, until=until)

    def next_due(self, until: int) -> int | None:
        """The first instant, not after `until`, at which a row is to be sent."""
        return owed_rows.next_due(self.store, until=until)


def _grouped(rows: list[OwedRow]) -> list[list[OwedRow]]:
    """Rows that go out together: a recipient's grouped ones, else each alone."""
    together: dict[tuple[str, ...], list[OwedRow]] = {}
    for row in rows:
        key = (row.institution, row.recipient) if row.grouped else (row.institution, row.id, "")
        together.setdefault(key, []).append(row)
    return [sorted(group, key=lambda row: row.id) for group in together.values()]
