"""Delivers what is owed: messages written with an event, sent after its commit by any node.

At least once: a row is leased, sent, marked. The row's key travels as Message-ID, so
that a receiver can drop a double. Failures wait longer each time and end as dead
letters, which can be seen and sent again. Messages of rungs are grouped: one person
gets one such mail a day (PROCESSES 0).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine.canonical import micros
from engine.errors import DeliveryFailed
from engine.ports import Channel, Clock, Jitter, Message, Seams
from engine.store.store import Store
from engine.tables import OutboxRecord, table_of

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=6)
ATTEMPTS = 12
"""After so many attempts (about two days) a message is a dead letter."""

BATCH = 100
LEASING = 0x6661_7264_706C_616E
"""The advisory lock of whoever leases ("fardplan" in ASCII)."""

_outbox = table_of(OutboxRecord)


@dataclass(frozen=True, slots=True)
class OwedRow:
    """A row of the outbox, as a renderer needs it."""

    institution: str
    id: str
    case: str
    sequence: int
    recipient: str
    template: str
    deadline: str | None
    grouped: bool
    attempts: int
    created_at: int


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
        # A look before a write is opened: mostly there is nothing.
        with self.store.reads() as connection:
            if connection.execute(_due(now).limit(1)).first() is None:
                return []
        with self.store.writes() as connection:
            if not self.store.sqlite:
                # One node leases at a time: two that each took a part of what one person is to
                # get would send that person two mails.
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LEASING)))
            found = [row._asdict() for row in connection.execute(_due(now).limit(limit))]
            rows = self._with_the_rest(connection, found, now)
            if rows:
                connection.execute(
                    _outbox.update()
                    .where(_one_of(rows))
                    .values(lease_until=now + LEASE // timedelta(microseconds=1))
                )
        return _grouped([_read(row) for row in rows])

    def _with_the_rest(
        self, connection: sa.Connection, found: list[dict[str, Any]], now: int
    ) -> list[dict[str, Any]]:
        """Add what else the recipients of grouped rows are to get now, beyond the limit too."""
        people = {(row["institution"], row["recipient"]) for row in found if row["grouped"]}
        alone = [row for row in found if not row["grouped"]]
        if not people:
            return alone
        same = sa.tuple_(_outbox.c.institution, _outbox.c.recipient).in_(sorted(people))
        grouped = connection.execute(_due(now).where(_outbox.c.grouped.is_(True), same))
        return alone + [row._asdict() for row in grouped]

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
        query = sa.select(_outbox.c.id).where(
            _outbox.c.institution == row.institution,
            _outbox.c.recipient == row.recipient,
            _outbox.c.sent_at >= midnight,
            _outbox.c.grouped.is_(True),
        )
        with self.store.reads() as connection:
            return connection.execute(query.limit(1)).first() is not None

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
        with self.store.writes() as connection:
            for row in rows:
                connection.execute(_mine(row.institution, row.id).values(**values))

    def retry(self, institution: str, outbox_id: str) -> bool:
        """Send a dead letter again; False where there is no such row. Harmless to repeat."""
        now = micros(self.clock.now())
        with self.store.writes() as connection:
            connection.execute(
                _mine(institution, outbox_id)
                .where(_outbox.c.state == "dead")
                .values(state="waiting", attempts=0, next_try=now, lease_until=None)
            )
            known = sa.select(_outbox.c.id).where(
                _outbox.c.institution == institution, _outbox.c.id == outbox_id
            )
            return connection.execute(known).first() is not None

    def oldest_waiting(self) -> int | None:
        """Since when the longest overdue row waits; None if nothing is overdue."""
        return self.next_due(micros(self.clock.now()))

    def next_stop(self, *, after: int, until: int) -> int | None:
        """The first instant, later than `after` and not after `until`, at which a row may be sent.

        A row under lease may be sent when the lease ends.
        """
        leased = _outbox.c.lease_until > _outbox.c.next_try
        at = sa.case((leased, _outbox.c.lease_until), else_=_outbox.c.next_try)
        query = sa.select(sa.func.min(at)).where(
            _outbox.c.state == "waiting", _outbox.c.next_try <= until, at > after, at <= until
        )
        with self.store.reads() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else int(found)

    def next_due(self, until: int) -> int | None:
        """The first instant, not after `until`, at which a row is to be sent."""
        query = sa.select(sa.func.min(_outbox.c.next_try)).where(
            _outbox.c.state == "waiting", _outbox.c.next_try <= until
        )
        with self.store.reads() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else int(found)


def _due(now: int) -> sa.Select[Any]:
    """Rows to be sent that nobody has in hand, oldest first.

    A person's grouped rows wait while others of theirs are in somebody's hand: those may
    be the day's one mail.
    """
    other = _outbox.alias("other")
    in_hand = sa.exists().where(
        other.c.institution == _outbox.c.institution,
        other.c.recipient == _outbox.c.recipient,
        other.c.sent_at.is_(None),
        other.c.grouped.is_(True),
        other.c.lease_until > now,
    )
    return (
        sa.select(_outbox)
        .where(
            _outbox.c.state == "waiting",
            _outbox.c.next_try <= now,
            sa.or_(_outbox.c.lease_until.is_(None), _outbox.c.lease_until <= now),
            sa.or_(_outbox.c.grouped.is_(False), ~in_hand),
        )
        .order_by(_outbox.c.next_try, _outbox.c.institution, _outbox.c.id)
    )


def _one_of(rows: list[dict[str, Any]]) -> sa.ColumnElement[bool]:
    keys = [(row["institution"], row["id"]) for row in rows]
    return sa.tuple_(_outbox.c.institution, _outbox.c.id).in_(keys)


def _mine(institution: str, outbox_id: str) -> Any:
    return _outbox.update().where(
        _outbox.c.institution == institution, _outbox.c.id == outbox_id
    )


def _read(row: Mapping[str, Any]) -> OwedRow:
    return OwedRow(
        institution=row["institution"],
        id=row["id"],
        case=row["case_id"],
        sequence=row["sequence"],
        recipient=row["recipient"],
        template=row["template"],
        deadline=row["deadline"],
        grouped=bool(row["grouped"]),
        attempts=row["attempts"],
        created_at=row["created_at"],
    )


def _grouped(rows: list[OwedRow]) -> list[list[OwedRow]]:
    """Rows that go out together: a recipient's grouped ones, else each alone."""
    together: dict[tuple[str, ...], list[OwedRow]] = {}
    for row in rows:
        key = (row.institution, row.recipient) if row.grouped else (row.institution, row.id, "")
        together.setdefault(key, []).append(row)
    return [sorted(group, key=lambda row: row.id) for group in together.values()]
