"""The rows of access tokens. Whether a token is good is judged in `engine.tokens`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import TokenRecord, table_of

_token = table_of(TokenRecord)

# Each request asks this, so it is asked of the driver itself: over Core it took a seventh of a step over HTTP.
_FIND_POSTGRESQL: Final = (
    "SELECT hash, institution, person, expires_at, revoked_at, reads_only, last_used_on FROM token WHERE hash = %s"
)
_FIND_SQLITE: Final = _FIND_POSTGRESQL.replace("%s", "?")


class Token(NamedTuple):
    """A token as it is judged. Instants are UTC microseconds, the day is in UTC."""

    hash: str
    institution: str
    person: str
    expires_at: int | None
    revoked_at: int | None
    reads_only: bool
    last_used_on: date | None


def insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    """Write a new token, by column."""
    connection.execute(_token.insert().values(dict(row)))


def find(store: Store, token_hash: str) -> Token | None:
    """The token of this hash, or None."""
    with store.asks() as connection:
        row = connection.execute(_FIND_SQLITE if store.sqlite else _FIND_POSTGRESQL, (token_hash,)).fetchone()
    if row is None:
        return None
    used = row[6]  # SQLite keeps a truth as a number and a day as text
    return Token._make((*row[:5], bool(row[5]), date.fromisoformat(used) if isinstance(used, str) else used))


def note_use(store: Store, token_hash: str, day: date) -> None:
    """Write the day (UTC) of the last use. Raises Busy."""
    with store.writes(beside=True) as connection:
        mine = _token.c.hash == token_hash
        connection.execute(_token.update().where(mine).values(last_used_on=day))


def of(store: Store, institution: str, person: str) -> list[Mapping[str, Any]]:
    """The person's tokens, oldest first."""
    query = sa.select(_token).where(*_of(institution, person)).order_by(_token.c.created_at, _token.c.hash)
    with store.reads() as connection:
        return [row._asdict() for row in connection.execute(query)]


def revoke(connection: sa.Connection, institution: str, person: str, *, beginning: str, now: int) -> int:
    """Revoke those of the person's good tokens whose hash begins so; how many there were."""
    mine = (*_of(institution, person), _token.c.revoked_at.is_(None))
    begun = _token.c.hash.startswith(beginning, autoescape=True)
    return connection.execute(_token.update().where(*mine, begun).values(revoked_at=now)).rowcount


def _of(institution: str, person: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (_token.c.institution == institution, _token.c.person == person)
