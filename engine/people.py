"""People: students and staff. Their names and addresses stand here and nowhere else.

A person is known by mail address, which is unique in an institution and folded to lower
case; everything else names people by id, so that a person can be erased.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.errors import BadFields
from engine.tables import PersonRecord, table_of
from engine.vocabulary import Reason, Text

LANGUAGES = ("sv", "en")
LONGEST_NAME = 200
LONGEST_EMAIL = 254

_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\"\\\x00-\x1f\x7f]{1,64}@[\w-]+(\.[\w-]+)+")
_person = table_of(PersonRecord)


@dataclass(frozen=True, slots=True)
class PersonCard:
    """Who somebody is. Name and address are None once the person has been erased."""

    id: str
    name: str | None
    email: str | None
    language: str


def wrong(field: str, sv: str, en: str) -> BadFields:
    """A refusal that names the field, in both languages."""
    message = Text(f"{field}: {sv}", f"{field}: {en}")
    return BadFields(message, (Reason(f"field:{field}", message),))


def folded_email(written: str, field: str = "email") -> str:
    """The address as it is kept: lower case, composed, without spaces around it. Raises BadFields."""
    folded = unicodedata.normalize("NFC", written).strip().lower()
    if len(folded) > LONGEST_EMAIL or ".." in folded or not _EMAIL.fullmatch(folded):
        raise wrong(field, "det är ingen e-postadress.", "this is no mail address.")
    return folded


def clean_name(written: str, field: str = "name") -> str:
    """The name on one line, composed. Raises BadFields where nothing is left, or too much."""
    name = " ".join(unicodedata.normalize("NFC", written).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise wrong(
            field,
            f"skriv ett namn med högst {LONGEST_NAME} tecken.",
            f"write a name of at most {LONGEST_NAME} characters.",
        )
    return name


def known_language(written: str) -> str:
    """The language a person is written to in. Raises BadFields."""
    if written not in LANGUAGES:
        raise wrong("language", "ange sv eller en.", "give sv or en.")
    return written


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
