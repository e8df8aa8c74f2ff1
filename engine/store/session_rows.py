"""The rows of sessions and of the links that begin them. What is good is judged in `engine.sessions`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.store.store import Session, Store
from engine.tables import PersonRecord, SessionRecord, SignInLink, table_of

_session = table_of(SessionRecord)
_link = table_of(SignInLink)
_person = table_of(PersonRecord)


def insert(connection: Session, row: Mapping[str, Any]) -> None:
    """Write a new session, by column."""
    connection.execute(_session.insert().values(dict(row)))


def find(store: Store, session_hash: str) -> Mapping[str, Any] | None:
    """The session of this hash, with name, mail and language of whose it is; one statement."""
    query = sa.select(_session, _person.c.name, _person.c.email, _person.c.language).where(
        _session.c.hash == session_hash,
        _person.c.institution == _session.c.institution,
        _person.c.id == _session.c.person,
    )
    with store.reads() as connection:
        row = connection.execute(query).first()
    return row._asdict() if row else None


def note_seen(store: Store, session_hash: str, *, seen_at: int, expires_at: int) -> None:
    """Write when the session was last used, and until when it is good. Raises Busy."""
    mine = _session.c.hash == session_hash
    with store.writes(beside=True) as connection:
        connection.execute(_session.update().where(mine).values(seen_at=seen_at, expires_at=expires_at))


def end(connection: sa.Connection, institution: str, person: str, *, beginning: str, now: int) -> int:
    """End those of the person's open sessions whose hash begins so; how many there were."""
    mine = (_session.c.institution == institution, _session.c.person == person, _session.c.ended_at.is_(None))
    begun = _session.c.hash.startswith(beginning, autoescape=True)
    return connection.execute(_session.update().where(*mine, begun).values(ended_at=now)).rowcount


def of(store: Store, institution: str, person: str, *, now: int) -> Sequence[Mapping[str, Any]]:
    """The person's open sessions, the last used first."""
    query = (
        sa.select(_session)
        .where(
            _session.c.institution == institution,
            _session.c.person == person,
            _session.c.ended_at.is_(None),
            _session.c.expires_at > now,
        )
        .order_by(_session.c.seen_at.desc(), _session.c.hash)
    )
    with store.reads() as connection:
        return [row._asdict() for row in connection.execute(query)]


def put_link(store: Store, row: Mapping[str, Any]) -> None:
    """Write a new sign-in link, by column."""
    with store.writes(beside=True) as connection:
        connection.execute(_link.insert().values(dict(row)))


def link(store: Store, link_hash: str) -> Mapping[str, Any] | None:
    """The sign-in link of this hash, or None."""
    with store.reads() as connection:
        row = connection.execute(sa.select(_link).where(_link.c.hash == link_hash)).first()
    return row._asdict() if row else None


def use_link(connection: Session, link_hash: str, *, now: int) -> bool:
    """Mark a link as used; false where somebody was faster or it is too old."""
    good = (_link.c.hash == link_hash, _link.c.used_at.is_(None), _link.c.expires_at > now)
    return connection.execute(_link.update().where(*good).values(used_at=now)).rowcount == 1


def use_mailed(connection: Session, row: Mapping[str, Any]) -> bool:
    """Write that a signed link has been used; false where it had been before, or is being."""
    known = sa.select(_link.c.hash).where(_link.c.hash == row["hash"])
    if connection.execute(known).first() is not None:
        return False
    try:
        connection.execute(_link.insert().values(dict(row)))
    except sa.exc.IntegrityError:
        return False
    return True


def asked_since(store: Store, institution: str, *, address: str, origin: str, since: int) -> tuple[int, int]:
    """How many links this address, and this origin, have asked for since an instant."""

    def counted(column: sa.ColumnElement[str], value: str) -> sa.ScalarSelect[int]:
        return (
            sa.select(sa.func.count())
            .select_from(_link)
            .where(_link.c.institution == institution, column == value, _link.c.made_at > since)
            .scalar_subquery()
        )

    query = sa.select(counted(_link.c.address, address), counted(_link.c.origin, origin))
    with store.reads() as connection:
        by_address, by_origin = connection.execute(query).one()
    return by_address, by_origin


def forget(store: Store, *, before: int) -> int:
    """Remove sessions and links whose time was over before an instant; how many there were."""
    with store.writes(beside=True) as connection:
        return sum(
            connection.execute(table.delete().where(table.c.expires_at < before)).rowcount
            for table in (_session, _link)
        )
