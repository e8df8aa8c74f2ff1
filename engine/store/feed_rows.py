"""The rows of calendar feeds. What a secret opens is judged in `engine.feeds`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.store.store import Session, Store
from engine.tables import CalendarFeed, PersonRecord, table_of

_feed = table_of(CalendarFeed)
_person = table_of(PersonRecord)


def insert(connection: Session, row: Mapping[str, Any]) -> None:
    """Write a new feed, by column."""
    connection.execute(_feed.insert().values(dict(row)))


def count_of(connection: Session, institution: str, person: str) -> int:
    """How many feeds of the person are open."""
    query = sa.select(sa.func.count()).select_from(_feed).where(*_open_of(institution, person))
    return int(connection.execute(query).scalar_one())


def of(store: Store, institution: str, person: str) -> Sequence[Mapping[str, Any]]:
    """The person's open feeds, oldest first."""
    query = sa.select(_feed).where(*_open_of(institution, person)).order_by(_feed.c.created_at, _feed.c.hash)
    with store.reads() as connection:
        return [row._asdict() for row in connection.execute(query)]


def find(store: Store, feed_hash: str) -> Mapping[str, Any] | None:
    """The open feed of this hash, with the language of whose it is; one statement."""
    query = sa.select(_feed, _person.c.language).where(
        _feed.c.hash == feed_hash,
        _feed.c.revoked_at.is_(None),
        _person.c.institution == _feed.c.institution,
        _person.c.id == _feed.c.person,
    )
    with store.reads() as connection:
        row = connection.execute(query).first()
    return row._asdict() if row else None


def revoke(connection: Session, institution: str, person: str, *, beginning: str, now: int) -> bool:
    """Close the person's open feed whose hash begins so; whether there was one."""
    begun = _feed.c.hash.startswith(beginning, autoescape=True)
    query = _feed.update().where(*_open_of(institution, person), begun).values(revoked_at=now)
    return connection.execute(query).rowcount > 0


def _open_of(institution: str, person: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (_feed.c.institution == institution, _feed.c.person == person, _feed.c.revoked_at.is_(None))
