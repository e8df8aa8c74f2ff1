"""Delivers what is owed: messages written with an event, sent after its commit by any node.

At least once: rows are leased, their messages handed over one after the other, and marked
together. The row's key travels as Message-ID, so that a receiver can drop a double; how many
doubles a crash may make is bounded (ADR 22). Failures wait longer each time and end as dead
letters, which can be seen and sent again. Messages of rungs are grouped: one person
gets one such mail a day (PROCESSES 0).
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from engine.canonical import micros
from engine.errors import DeliveryFailed
from engine.ports import Channel, Clock, Jitter, Line, Message, Seams
from engine.store import owed_rows
from engine.store.outage import concerns_the_database
from engine.store.owed_rows import OwedRow, Sent, Unsent
from engine.store.store import Store

log = logging.getLogger(__name__)

LEASE: Final = timedelta(minutes=5)
"""Longer than a turn and the slowest hand-over at its end: no other node sends what is in hand here."""

TURN_SECONDS: Final = 5.0
"""For how long a batch is handed over; the rest goes back, so that no text waits longer than that."""

MARK_SECONDS: Final = 0.05
"""After so long of handing over it is marked what went out: a crash doubles no more than that."""

BATCH: Final = 500
"""How many rows are leased at once, and so how many are marked at once at most."""

A_TICK: Final = 20 * BATCH
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
ATTEMPTS = 12
"""After so many attempts (about two days) a message is a dead letter."""


class Letters(Protocol):
    """A batch of messages, of which everything is looked up; they are only to be written."""

    def write(self, rows: Sequence[OwedRow], /) -> Message | None:
        """One message for all rows (one, or a person's grouped ones); None if nothing is to be said.

        Raises DeliveryFailed where there is no address.
        """
        ...

    def next_day(self, row: OwedRow) -> int:
        """When the recipient's next working window after today opens."""
        ...


class Renderer(Protocol):
    """Looks up what the words of messages need, from the cases as they now are."""

    def look_up(self, rows: Sequence[OwedRow], now: datetime) -> Letters:
        """Everything these rows need, in as many statements for all of them as for one."""
        ...


@dataclass(frozen=True)
class Outbox:
    """Leases, sends, marks. `stopwatch` tells seconds from some beginning; it never goes back."""

    store: Store
    clock: Clock
    channel: Channel
    renderer: Renderer
    jitter: Jitter
    seams: Seams
    zone: str = "Europe/Stockholm"
    stopwatch: Callable[[], float] = time.monotonic

    def deliver_all(self) -> int:
        """Deliver until nothing more is due; the number of mails that went out."""
        sent = 0
        # What fails or is put off is not due any more, and of each batch at least one message is
        # handed over, so this comes to an end.
        while batch := self._lease(BATCH):
            sent += batch.deliver()
        return sent

    def deliver(self, limit: int = A_TICK) -> int:
        """Deliver what is due, `limit` rows at most, and begin nothing after a turn; how many mails went out.

        A recipient's grouped rows are never parted, so there may be more of those.
        """
        taken = sent = 0
        ends = self.stopwatch() + TURN_SECONDS
        while taken < limit and self.stopwatch() < ends and (batch := self._lease(min(BATCH, limit - taken))):
            taken += len(batch.rows)
            sent += batch.deliver()
        return sent

    def _lease(self, limit: int) -> _Batch | None:
        """Take rows for this node alone; None where none is due."""
        now = self.clock.now()
        until = micros(now + LEASE)
        rows = owed_rows.lease(self.store, now=micros(now), until=until, limit=limit)
        if not rows:
            return None
        local = now.astimezone(ZoneInfo(self.zone))
        midnight = micros(local.replace(hour=0, minute=0, second=0, microsecond=0))
        return _Batch(self, rows, now, until, owed_rows.told_since(self.store, rows, since=midnight))

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


@dataclass
class _Batch:
    """Rows in hand until an instant, and what has become of those that are not marked yet.

    `told` are the recipients who have had their grouped mail of today.
    """

    outbox: Outbox
    rows: list[OwedRow]
    now: datetime
    until: int
    told: frozenset[tuple[str, str]]
    _sent: list[Sent] = field(default_factory=list)
    _unsent: list[Unsent] = field(default_factory=list)
    _mark_by: float = 0.0
    _ends: float = field(init=False)
    _begun: bool = False
    _mails: int = 0

    def __post_init__(self) -> None:
        self._ends = self.outbox.stopwatch() + TURN_SECONDS

    def deliver(self) -> int:
        """Hand the messages over; how many mails went out. Raises what a database fails with.

        The rows still in hand then come back when their lease ends, as they were: it says nothing of their messages.
        """
        with self.outbox.channel.opened() as line:
            for portion in _portions(_grouped(self.rows)):
                self._hand_over(portion, line)
        self._mark()
        return self._mails

    def _hand_over(self, groups: list[list[OwedRow]], line: Line) -> None:
        if self._late():
            self._give_back([row for group in groups for row in group])
            return
        try:
            letters = self.outbox.renderer.look_up([row for group in groups for row in group], self.now)
        except Exception as error:
            if concerns_the_database(error):
                self._mark()
                raise
            self._halved(groups, line, error)
            return
        for group in groups:
            self._one(group, letters, line)

    def _halved(self, groups: list[list[OwedRow]], line: Line, error: Exception) -> None:
        """Look for the message that cannot be looked up, half by half."""
        if len(groups) == 1:
            self._begun = True
            self._failed(groups[0], _unwritten(groups[0], error))
            return
        middle = len(groups) // 2
        self._hand_over(groups[:middle], line)
        self._hand_over(groups[middle:], line)

    def _one(self, rows: list[OwedRow], letters: Letters, line: Line) -> None:
        """Send one message, or give it back where the turn is over; mark when it is time."""
        if self._late():
            self._give_back(rows)
            return
        begun = self.outbox.stopwatch()
        self._begun = True
        if not self._sent and not self._unsent:
            self._mark_by = begun + MARK_SECONDS
        try:
            self._send(rows, letters, line)
        except DeliveryFailed as failure:
            self._failed(rows, failure)
        if self.outbox.stopwatch() >= self._mark_by:
            self._mark()

    def _late(self) -> bool:
        """Whether the turn is over. It begins with the lease, and is never over before the first message."""
        return self._begun and self.outbox.stopwatch() >= self._ends

    def _give_back(self, rows: list[OwedRow]) -> None:
        """Let others have the rows at once, as they were."""
        self._unsent += [Unsent(row, "waiting", row.attempts, row.next_try) for row in rows]

    def _send(self, rows: list[OwedRow], letters: Letters, line: Line) -> None:
        """Hand one message over, or put it off where its recipient has had one today. Raises DeliveryFailed."""
        first, seams = rows[0], self.outbox.seams
        try:
            if first.grouped and (first.institution, first.recipient) in self.told:
                when = letters.next_day(first)
                self._unsent += [Unsent(row, "waiting", row.attempts, when) for row in rows]
                return
            message = letters.write(rows)
        except DeliveryFailed:
            raise
        except Exception as error:
            raise _unwritten(rows, error) from error
        seams.pass_by("before_delivery")
        if message is not None:
            _deliver(line, message)
        seams.pass_by("after_delivery")
        self._sent += [Sent(row, first.id) for row in rows]
        self._mails += 1

    def _failed(self, rows: list[OwedRow], failure: DeliveryFailed) -> None:
        attempts = rows[0].attempts + 1
        dead = failure.permanent or attempts >= ATTEMPTS
        log.warning(
            "delivery_failed",
            extra={"outbox": rows[0].id, "attempts": attempts, "dead": dead},
        )
        state, error = "dead" if dead else "waiting", str(failure)[:500]
        when = micros(self.outbox.clock.now() + self._pause(attempts))
        self._unsent += [Unsent(row, state, attempts, when, error) for row in rows]

    def _pause(self, attempts: int) -> timedelta:
        """Twice as long each time, up to six hours, spread by up to a quarter."""
        pause = min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE)
        return pause * (1 + self.outbox.jitter.draw() / 4)

    def _mark(self) -> None:
        """Write what has become of the messages since the last time, in one transaction."""
        sent, unsent = self._sent, self._unsent
        if sent or unsent:
            at = micros(self.outbox.clock.now())
            owed_rows.mark(self.outbox.store, sent, unsent, at=at, lease=self.until)
            self._sent, self._unsent = [], []


def _deliver(line: Line, message: Message) -> None:
    """Hand over; a fault of the channel's own is a failed delivery too, so that what went before it is marked."""
    try:
        line.deliver(message)
    except DeliveryFailed:
        raise
    except Exception as error:
        log.exception("message_not_delivered", extra={"outbox": message.key})
        raise DeliveryFailed(f"the channel failed: {error!r}") from error


def _unwritten(rows: list[OwedRow], error: Exception) -> DeliveryFailed:
    """Log a fault in a text; it is a failed delivery, so that it stops no other message."""
    log.error("message_not_written", exc_info=error, extra={"outbox": rows[0].id, "case": rows[0].case})
    return DeliveryFailed(f"the message cannot be written: {error!r}")


def _grouped(rows: list[OwedRow]) -> list[list[OwedRow]]:
    """Rows that go out together: a recipient's grouped ones, else each alone."""
    together: dict[tuple[str, ...], list[OwedRow]] = {}
    for row in rows:
        key = (row.institution, row.recipient) if row.grouped else (row.institution, row.id, "")
        together.setdefault(key, []).append(row)
    return [sorted(group, key=lambda row: row.id) for group in together.values()]


def _portions(groups: list[list[OwedRow]]) -> Iterator[list[list[OwedRow]]]:
    """Groups whose rows are about a batch together: a person's rest may have made it many times that."""
    portion: list[list[OwedRow]] = []
    rows = 0
    for group in groups:
        if portion and rows + len(group) > BATCH:
            yield portion
            portion, rows = [], 0
        portion.append(group)
        rows += len(group)
    yield portion
