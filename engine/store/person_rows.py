"""The rows of people, read and written. What a name or an address may be: `engine.people`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.people import PersonCard
from engine.tables import PersonRecord, table_of

_person = table_of(PersonRecord)

# Made once: putting one together costs an import more than asking it does.
_BY = {
    name: sa.select(*(_person.c[field.name] for field in fields(PersonCard))).where(
        _person.c.institution == sa.bindparam("institution"),
        _person.c[name].in_(sa.bindparam("values", expanding=True)),
    )
    for name in ("id", "email")
}


def by_id(connection: Connection, institution: str, ids: Collection[str]) -> dict[str, PersonCard]:
    """The people of these ids, by id. Unknown ones are left out."""
    if not ids:
        return {}
    rows = connection.execute(_BY["id"], {"institution": institution, "values": list(ids)})
    return {row.id: PersonCard(*row) for row in rows}


def by_email(connection: Connection, institution: str, email: str) -> PersonCard | None:
    """The person of a folded address, or None."""
    return by_emails(connection, institution, [email]).get(email)


def by_emails(connection: Connection, institution: str, emails: Collection[str]) -> dict[str, PersonCard]:
    """The people of these folded addresses, by address. Unknown ones are left out."""
    if not emails:
        return {}
    rows = connection.execute(_BY["email"], {"institution": institution, "values": list(emails)})
    return {row.email: PersonCard(*row) for row in rows}


# One statement, so that two who add the same person at once meet in one row.
_WRITE_MANY = sa.text(
    "INSERT INTO person (institution, id, name, email, language, created_at) "
    "VALUES (:institution, :id, :name, :email, :language, :now) "
    "ON CONFLICT (institution, email) DO UPDATE "
    "SET name = excluded.name, language = excluded.language"
)
_WRITE = sa.text(f"{_WRITE_MANY.text} RETURNING id")


def write(connection: Connection, institution: str, card: PersonCard, *, now: int) -> str:
    """Insert the person, or put name and language of whoever has the address right; the id of the row."""
    return str(connection.execute(_WRITE, _values(institution, card, now)).scalar_one())


def write_many(connection: Connection, institution: str, cards: Collection[PersonCard], *, now: int) -> None:
    """Insert people, or put name and language of those who have their addresses right."""
    if cards:
        connection.execute(_WRITE_MANY, [_values(institution, card, now) for card in cards])


def _values(institution: str, card: PersonCard, now: int) -> dict[str, str | int | None]:
    return {
        "institution": institution,
        "id": card.id,
        "name": card.name,
        "email": card.email,
        "language": card.language,
        "now": now,
    }
