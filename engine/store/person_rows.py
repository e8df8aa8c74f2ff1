"""The rows of people, read and written. What a name or an address may be: `engine.people`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.people import PersonCard
from engine.tables import PersonRecord, table_of

_person = table_of(PersonRecord)


def by_id(connection: Connection, institution: str, ids: Collection[str]) -> dict[str, PersonCard]:
    """The people of these ids, by id. Unknown ones are left out."""
    if not ids:
        return {}
    query = _all(institution).where(_person.c.id.in_(list(ids)))
    return {row.id: _card(row) for row in connection.execute(query)}


def by_email(connection: Connection, institution: str, email: str) -> PersonCard | None:
    """The person of a folded address, or None."""
    return by_emails(connection, institution, [email]).get(email)


def by_emails(connection: Connection, institution: str, emails: Collection[str]) -> dict[str, PersonCard]:
    """The people of these folded addresses, by address. Unknown ones are left out."""
    if not emails:
        return {}
    query = _all(institution).where(_person.c.email.in_(list(emails)))
    return {row.email: _card(row) for row in connection.execute(query)}


# One statement, so that two who add the same person at once meet in one row.
_WRITE = sa.text(
    "INSERT INTO person (institution, id, name, email, language, created_at) "
    "VALUES (:institution, :id, :name, :email, :language, :now) "
    "ON CONFLICT (institution, email) DO UPDATE "
    "SET name = excluded.name, language = excluded.language RETURNING id"
)


def write(connection: Connection, institution: str, card: PersonCard, *, now: int) -> str:
    """Insert the person, or put name and language of whoever has the address right; the id of the row."""
    written = connection.execute(
        _WRITE,
        {
            "institution": institution,
            "id": card.id,
            "name": card.name,
            "email": card.email,
            "language": card.language,
            "now": now,
        },
    )
    return str(written.scalar_one())


def _all(institution: str) -> sa.Select[Any]:
    return sa.select(_person).where(_person.c.institution == institution)


def _card(row: sa.Row[Any]) -> PersonCard:
    return PersonCard(row.id, row.name, row.email, row.language)
