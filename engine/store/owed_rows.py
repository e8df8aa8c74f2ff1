"""The rows of the outbox: leased, marked, asked when they are due. What is done with them: `engine.outbox`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.store.store import Session, Store
from engine.tables import Event, EventDetail, OutboxRecord, table_of

LEASING = 0x6661_7264_706C_616E
"""The advisory lock of whoever leases ("fardplan" in ASCII)."""

_outbox = table_of(OutboxRecord)
_waiting, _other = _outbox.alias("waiting"), _outbox.alias("other")
# Written out, not bound: a plan made once for any value cannot use the index of the rows that wait.
_WAITS: sa.ColumnElement[str] = sa.literal_column("'waiting'")
_event = table_of(Event)
_detail = table_of(EventDetail)


@dataclass(frozen=True, slots=True)
class OwedRow:
    """A row of the outbox, as a renderer needs it. Instants are UTC microseconds."""

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
    next_try: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A row whose message has been handed over, in the mail of the row `sent_with`."""

    row: OwedRow
    sent_with: str


@dataclass(frozen=True, slots=True)
class Unsent:
    """A row whose message is not on its way, and what becomes of it. Without `error` the last one stays."""

    row: OwedRow
    state: str
    attempts: int
    next_try: int
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    """The event that owes a message: whose doing it was, and its detail, None where there is none (any more)."""

    party: str
    detail: bytes | None

    @property
    def told(self) -> Mapping[str, Any] | None:
        """The detail as read."""
        return json.loads(self.detail) if self.detail is not None else None


# For this transaction, PostgreSQL joins rows to the few keys given by looking each up. It thinks reading
# the whole outbox no dearer, and takes 94 ms for 500 of 70,000 rows where a look at each takes 5.
_BY_KEY = [sa.func.set_config(way, "off", sa.true()) for way in ("enable_hashjoin", "enable_mergejoin")]
_COLUMNS = tuple(_outbox.c["case_id" if field.name == "case" else field.name] for field in fields(OwedRow))


def lease(store: Store, *, now: int, until: int, limit: int) -> list[OwedRow]:
    """Take up to `limit` due rows for this node alone until an instant, oldest first.

    A recipient's grouped rows are never parted: those beyond the limit come too.
    """
    # A look before a write is opened: mostly there is nothing.
    with store.reads() as connection:
        if connection.execute(_due(now).limit(1)).first() is None:
            return []
    with store.writes() as connection:
        if not store.sqlite:
            # One node leases at a time: two that each took a part of what one person is to
            # get would send that person two mails.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LEASING), *_BY_KEY))
        # What somebody has in hand is passed over rather than waited for: a node that comes
        # too late with its mark would otherwise be leased what is sent already.
        due = _due(now).limit(limit).with_for_update(skip_locked=True, of=_waiting).cte("due")
        rows = _take(connection, until, sa.tuple_(_outbox.c.institution, _outbox.c.id).in_(sa.select(due)))
        rows += _the_rest(connection, rows, now, until)
    return sorted(rows, key=lambda row: (row.next_try, row.institution, row.id))


def _the_rest(connection: Session, rows: Sequence[OwedRow], now: int, until: int) -> list[OwedRow]:
    """Take what else the recipients of grouped rows are to get now, beyond the limit too."""
    found = []
    for institution, people in _grouped_by_institution(rows).items():
        mine = (_outbox.c.institution == institution, _outbox.c.recipient.in_(sorted(people)))
        # That nothing of them is sent says no more than that they wait, but is in the index.
        unsent = (_outbox.c.sent_at.is_(None), _outbox.c.grouped.is_(True))
        found += _take(connection, until, *mine, *unsent, *_free(_outbox, now))
    return found


def _grouped_by_institution(rows: Iterable[OwedRow]) -> dict[str, set[str]]:
    """The recipients of grouped rows, by institution."""
    people: dict[str, set[str]] = {}
    for row in rows:
        if row.grouped:
            people.setdefault(row.institution, set()).add(row.recipient)
    return people


def _take(connection: Session, until: int, *which: sa.ColumnElement[bool]) -> list[OwedRow]:
    taken = connection.execute(_outbox.update().where(*which).values(lease_until=until).returning(*_COLUMNS))
    return [OwedRow(*row) for row in taken]


def told_since(store: Store, rows: Sequence[OwedRow], *, since: int) -> frozenset[tuple[str, str]]:
    """Which recipients of these grouped rows, as (institution, recipient), have had a grouped mail since an instant.

    One statement an institution; none where no row is grouped.
    """
    people = _grouped_by_institution(rows)
    if not people:
        return frozenset()
    with store.reads() as connection:
        return frozenset(
            (institution, recipient)
            for institution, some in people.items()
            for recipient in connection.execute(_told(institution, some, since)).scalars()
        )


def _told(institution: str, people: Collection[str], since: int) -> sa.Select[Any]:
    return (
        sa.select(_outbox.c.recipient)
        .where(
            _outbox.c.institution == institution,
            _outbox.c.recipient.in_(sorted(people)),
            _outbox.c.sent_at >= since,
            _outbox.c.grouped.is_(True),
        )
        .distinct()
    )


# Whoever handed a message over has sent it, in whose hand the row is by now or not; what else becomes
# of a row is for the holder of its lease to write.
_SENT = (
    "UPDATE outbox SET state = 'sent', sent_at = :at, sent_with = {sent_with}, lease_until = NULL {these} "
    "WHERE outbox.institution = {institution} AND outbox.id = {id}"
)
_SENT_ONE = sa.text(_SENT.format(sent_with=":sent_with", these="", institution=":institution", id=":id"))
_SENT_MANY = sa.text(
    _SENT.format(
        sent_with="these.sent_with",
        these="FROM unnest(:institution, :id, :sent_with) AS these (institution, id, sent_with)",
        institution="these.institution",
        id="these.id",
    )
).bindparams(*(sa.bindparam(name, type_=ARRAY(sa.Text)) for name in ("institution", "id", "sent_with")))
_UNSENT = sa.text(
    "UPDATE outbox SET state = :state, attempts = :attempts, next_try = :next_try, "
    "last_error = coalesce(:error, last_error), lease_until = NULL "
    "WHERE institution = :institution AND id = :id AND state = 'waiting' AND lease_until = :lease"
)


def mark(store: Store, sent: Sequence[Sent], unsent: Sequence[Unsent], *, at: int, lease: int) -> None:
    """Write what became of rows leased until `lease`, in one transaction. `at` is when they were sent."""
    with store.writes() as connection:
        if sent and store.sqlite:
            connection.execute(_SENT_ONE, [_sent_values(each, at) for each in sent])
        elif sent:
            # Statements are what costs there: one for 500 rows takes half as long as 500 in a pipeline,
            # and a fifth of this process's time (2.7 against 15 ms).
            connection.execute(sa.select(*_BY_KEY))
            columns = zip(*((each.row.institution, each.row.id, each.sent_with) for each in sent), strict=True)
            institutions, ids, withs = map(list, columns)
            connection.execute(_SENT_MANY, {"at": at, "institution": institutions, "id": ids, "sent_with": withs})
        if unsent:
            connection.execute(_UNSENT, [_unsent_values(each, lease) for each in unsent])


def _sent_values(sent: Sent, at: int) -> dict[str, Any]:
    return {"institution": sent.row.institution, "id": sent.row.id, "at": at, "sent_with": sent.sent_with}


def _unsent_values(unsent: Unsent, lease: int) -> dict[str, Any]:
    return {
        "institution": unsent.row.institution,
        "id": unsent.row.id,
        "state": unsent.state,
        "attempts": unsent.attempts,
        "next_try": unsent.next_try,
        "error": unsent.error,
        "lease": lease,
    }


def causes(connection: Session, institution: str, ids: Collection[str]) -> dict[str, Cause]:
    """The events that owe the messages of these rows, by the row's id; one statement."""
    query = (
        sa.select(_outbox.c.id, _event.c.party, _detail.c.detail)
        .join_from(_outbox, _event, _of_the_event(_event))
        .outerjoin(_detail, _of_the_event(_detail))
        .where(_outbox.c.institution == institution, _outbox.c.id.in_(list(ids)))
    )
    found = connection.execute(query)
    return {row: Cause(party, None if detail is None else bytes(detail)) for row, party, detail in found}


def _of_the_event(table: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(
        table.c.institution == _outbox.c.institution,
        table.c.case_id == _outbox.c.case_id,
        table.c.sequence == _outbox.c.sequence,
    )


def wake(store: Store, institution: str, outbox_id: str, *, now: int) -> bool:
    """Let a dead letter wait again from an instant; False where there is no such row."""
    mine = (_outbox.c.institution == institution, _outbox.c.id == outbox_id)
    again = {"state": "waiting", "attempts": 0, "next_try": now, "lease_until": None}
    with store.writes() as connection:
        connection.execute(_outbox.update().where(*mine, _outbox.c.state == "dead").values(again))
        return connection.execute(sa.select(_outbox.c.id).where(*mine)).first() is not None


def next_stop(store: Store, *, after: int, until: int) -> int | None:
    """The first instant, later than `after` and not after `until`, at which a row may be sent.

    A row under lease may be sent when the lease ends.
    """
    leased = _outbox.c.lease_until > _outbox.c.next_try
    at = sa.case((leased, _outbox.c.lease_until), else_=_outbox.c.next_try)
    query = sa.select(sa.func.min(at)).where(
        _outbox.c.state == _WAITS, _outbox.c.next_try <= until, at > after, at <= until
    )
    with store.reads() as connection:
        found = connection.execute(query).scalar()
    return None if found is None else int(found)


def next_due(store: Store, *, until: int) -> int | None:
    """The first instant, not after `until`, at which a row is to be sent."""
    query = sa.select(sa.func.min(_outbox.c.next_try)).where(
        _outbox.c.state == _WAITS, _outbox.c.next_try <= until
    )
    with store.reads() as connection:
        found = connection.execute(query).scalar()
    return None if found is None else int(found)


def _due(now: int) -> sa.Select[Any]:
    """The keys of rows to be sent that nobody has in hand, oldest first.

    A person's grouped rows wait while others of theirs are in somebody's hand: those may
    be the day's one mail. Asked by a subquery of one value and not by EXISTS, which PostgreSQL
    answers by reading the whole outbox once.
    """
    in_hand = (
        sa.select(sa.literal_column("1"))
        .where(
            _other.c.institution == _waiting.c.institution,
            _other.c.recipient == _waiting.c.recipient,
            _other.c.sent_at.is_(None),
            _other.c.grouped.is_(True),
            _other.c.lease_until > now,
        )
        .limit(1)
        .scalar_subquery()
    )
    return (
        sa.select(_waiting.c.institution, _waiting.c.id)
        .where(*_free(_waiting, now), sa.or_(_waiting.c.grouped.is_(False), in_hand.is_(None)))
        .order_by(_waiting.c.next_try, _waiting.c.institution, _waiting.c.id)
    )


def _free(table: sa.FromClause, now: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Which rows are to be sent, and in nobody's hand."""
    return (
        table.c.state == _WAITS,
        table.c.next_try <= now,
        sa.or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
    )
