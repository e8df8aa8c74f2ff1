"""The rows of the outbox: leased, marked, asked when they are due. What is done with them: `engine.outbox`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import OutboxRecord, table_of

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


def lease(store: Store, *, now: int, until: int, limit: int) -> list[OwedRow]:
    """Take up to `limit` due rows for this node alone until an instant.

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
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(LEASING)))
        found = [row._asdict() for row in connection.execute(_due(now).limit(limit))]
        rows = _with_the_rest(connection, found, now)
        if rows:
            connection.execute(_outbox.update().where(_one_of(rows)).values(lease_until=until))
    return [_read(row) for row in rows]


def _with_the_rest(
    connection: sa.Connection, found: list[dict[str, Any]], now: int
) -> list[dict[str, Any]]:
    """Add what else the recipients of grouped rows are to get now, beyond the limit too."""
    people = {(row["institution"], row["recipient"]) for row in found if row["grouped"]}
    alone = [row for row in found if not row["grouped"]]
    if not people:
        return alone
    same = sa.tuple_(_outbox.c.institution, _outbox.c.recipient).in_(sorted(people))
    grouped = connection.execute(_due(now).where(_outbox.c.grouped.is_(True), same))
    return alone + [row._asdict() for row in grouped]


def told_since(store: Store, institution: str, recipient: str, *, since: int) -> bool:
    """Whether the recipient has had a grouped mail since an instant."""
    query = sa.select(_outbox.c.id).where(
        _outbox.c.institution == institution,
        _outbox.c.recipient == recipient,
        _outbox.c.sent_at >= since,
        _outbox.c.grouped.is_(True),
    )
    with store.reads() as connection:
        return connection.execute(query.limit(1)).first() is not None


def mark(store: Store, rows: Sequence[OwedRow], **values: Any) -> None:
    """Write these columns of all the rows, in one transaction."""
    with store.writes() as connection:
        for row in rows:
            connection.execute(_mine(row.institution, row.id).values(**values))


def wake(store: Store, institution: str, outbox_id: str, *, now: int) -> bool:
    """Let a dead letter wait again from an instant; False where there is no such row."""
    with store.writes() as connection:
        connection.execute(
            _mine(institution, outbox_id)
            .where(_outbox.c.state == "dead")
            .values(state="waiting", attempts=0, next_try=now, lease_until=None)
        )
        known = sa.select(_outbox.c.id).where(
            _outbox.c.institution == institution, _outbox.c.id == outbox_id
        )
        return connection.execute(known).first() is not None


def next_stop(store: Store, *, after: int, until: int) -> int | None:
    """The first instant, later than `after` and not after `until`, at which a row may be sent.

    A row under lease may be sent when the lease ends.
    """
    leased = _outbox.c.lease_until > _outbox.c.next_try
    at = sa.case((leased, _outbox.c.lease_until), else_=_outbox.c.next_try)
    query = sa.select(sa.func.min(at)).where(
        _outbox.c.state == "waiting", _outbox.c.next_try <= until, at > after, at <= until
    )
    with store.reads() as connection:
        found = connection.execute(query).scalar()
    return None if found is None else int(found)


def next_due(store: Store, *, until: int) -> int | None:
    """The first instant, not after `until`, at which a row is to be sent."""
    query = sa.select(sa.func.min(_outbox.c.next_try)).where(
        _outbox.c.state == "waiting", _outbox.c.next_try <= until
    )
    with store.reads() as connection:
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
