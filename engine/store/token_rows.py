"""The rows of access tokens. Whether a token is good is judged in `engine.tokens`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import TokenRecord, table_of

_token = table_of(TokenRecord)


def insert(store: Store, row: Mapping[str, Any]) -> None:
    """Write a new token, by column."""
    with store.writes() as connection:
        connection.execute(_token.insert().values(dict(row)))


def find(store: Store, token_hash: str) -> Mapping[str, Any] | None:
    """The token of this hash, or None."""
    query = sa.select(_token).where(_token.c.hash == token_hash)
    with store.reads() as connection:
        row = connection.execute(query).first()
    return row._asdict() if row else None


def note_use(store: Store, token_hash: str, day: date) -> None:
    """Write the day (UTC) of the last use. Raises Busy."""
    with store.writes() as connection:
        mine = _token.c.hash == token_hash
        connection.execute(_token.update().where(mine).values(last_used_on=day))


def of(store: Store, institution: str, person: str) -> list[Mapping[str, Any]]:
    """The person's tokens, oldest first."""
    query = sa.select(_token).where(*_of(institution, person)).order_by(_token.c.created_at, _token.c.hash)
    with store.reads() as connection:
        return [row._asdict() for row in connection.execute(query)]


def revoke(store: Store, institution: str, person: str, *, beginning: str, now: int) -> int:
    """Revoke those of the person's good tokens whose hash begins so; how many there were."""
    mine = (*_of(institution, person), _token.c.revoked_at.is_(None))
    begun = _token.c.hash.startswith(beginning, autoescape=True)
    with store.writes() as connection:
        done = connection.execute(_token.update().where(*mine, begun).values(revoked_at=now))
    return done.rowcount


def _of(institution: str, person: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (_token.c.institution == institution, _token.c.person == person)
