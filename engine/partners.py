"""The register of partner institutions.

A partner is known again by Erasmus code, else by PIC, else by name. Erasmus codes are
kept with the country padded to three characters ("S  UMEA01"), as the partner network
writes them, and compared without regard to spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.people import clean_name, folded_email, known_language, wrong
from engine.tables import PartnerRecord, table_of

_partner = table_of(PartnerRecord)


@dataclass(frozen=True, slots=True)
class Partner:
    """An institution in the register; what is not known is None."""

    id: str
    name: str
    erasmus_code: str | None = None
    pic: str | None = None
    oid: str | None = None
    city: str | None = None
    country: str | None = None
    website: str | None = None
    email: str | None = None
    language: str = "en"
    charter_from: date | None = None
    charter_to: date | None = None


COLUMNS = frozenset(field.name for field in fields(Partner)) - {"id"}


def folded_name(name: str) -> str:
    """The name for comparing: small letters without accents, one space between words."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+", bare))


def padded_code(written: str) -> str:
    """The Erasmus code with its country padded to three characters. Raises BadFields."""
    bare = " ".join(written.upper().split())
    found = re.fullmatch(r"([A-Z]{3})([A-Z-]+[0-9]{1,3})|([A-Z]{1,3}) ([A-Z-]+[0-9]{1,3})", bare)
    if not found:
        raise wrong(
            "erasmus_code",
            "det är ingen Erasmuskod; skriv t.ex. S  UMEA01.",
            "this is no Erasmus code; write for example S  UMEA01.",
        )
    country, place = (found[1], found[2]) if found[1] else (found[3], found[4])
    return f"{country:<3}{place}"


def cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be written of a partner: known columns with a value. Raises BadFields."""
    unknown = sorted(set(given) - COLUMNS)
    if unknown:
        raise wrong(unknown[0], "uppgiften finns inte.", "there is no such column.")
    values = {name: value for name, value in given.items() if value not in (None, "")}
    readers = {
        "name": clean_name,
        "erasmus_code": padded_code,
        "pic": _pic,
        "email": folded_email,
        "language": known_language,
    }
    for name, read in readers.items():
        if name in values:
            values[name] = read(values[name])
    starts, ends = values.get("charter_from"), values.get("charter_to")
    if starts and ends and ends < starts:
        raise wrong("charter_to", "slutar före sin början.", "ends before it begins.")
    return values


def find(
    connection: Connection,
    institution: str,
    *,
    erasmus_code: str | None = None,
    pic: str | None = None,
    name: str | None = None,
) -> Partner | None:
    """The partner of this Erasmus code, else of this PIC, else of this name; None if there is none.

    A name that several have names nobody. One whose code or PIC is another is not meant.
    """
    for column, value in (("erasmus_code", erasmus_code), ("pic", pic)):
        if value:
            found = _where(connection, institution, column, value)
            if found:
                return found[0]
    if not name:
        return None
    called = _where(connection, institution, "folded_name", folded_name(name))
    meant = [each for each in called if not (erasmus_code and each.erasmus_code) and not (pic and each.pic)]
    return meant[0] if len(meant) == 1 else None


def get(connection: Connection, institution: str, partner_id: str) -> Partner | None:
    """The partner of this id, or None."""
    found = _where(connection, institution, "id", partner_id)
    return found[0] if found else None


def search(connection: Connection, institution: str, words: str, *, limit: int) -> list[Partner]:
    """Partners whose name or code holds the words, or whose PIC begins so; by name."""
    query = _all(institution)
    # What a person types has no wildcards; theirs stand for themselves.
    typed, folded = words.strip(), folded_name(words)
    if typed:
        found = [
            _partner.c.erasmus_code.contains(typed.upper(), autoescape=True),
            _partner.c.pic.startswith(typed, autoescape=True),
        ]
        if folded:
            found.append(_partner.c.folded_name.contains(folded, autoescape=True))
        query = query.where(sa.or_(*found))
    return _read(connection, query.order_by(_partner.c.folded_name, _partner.c.id).limit(limit))


def write(connection: Connection, institution: str, partner: Partner, *, new: bool) -> None:
    """Insert a partner, or write over the one of this id."""
    values = {**asdict(partner), "folded_name": folded_name(partner.name)}
    if new:
        connection.execute(_partner.insert().values(institution=institution, **values))
        return
    mine = (_partner.c.institution == institution) & (_partner.c.id == partner.id)
    connection.execute(_partner.update().where(mine).values(values))


def _pic(written: str) -> str:
    bare = "".join(written.split())
    if not re.fullmatch(r"[0-9]{9}", bare):
        raise wrong("pic", "en PIC har nio siffror.", "a PIC has nine digits.")
    return bare


def _all(institution: str) -> sa.Select[Any]:
    columns = (_partner.c[field.name] for field in fields(Partner))
    return sa.select(*columns).where(_partner.c.institution == institution)


# Made once, for an import asks them a hundred thousand times.
_BY_COLUMN = {
    name: sa.select(*(_partner.c[field.name] for field in fields(Partner))).where(
        _partner.c.institution == sa.bindparam("institution"), _partner.c[name] == sa.bindparam("value")
    )
    for name in ("id", "erasmus_code", "pic", "folded_name")
}


def _where(connection: Connection, institution: str, column: str, value: str) -> list[Partner]:
    # Put in order here: asked to order them, SQLite would walk all partners by their key instead.
    rows = connection.execute(_BY_COLUMN[column], {"institution": institution, "value": value})
    return sorted((Partner(*row) for row in rows), key=lambda each: each.id)


def _read(connection: Connection, query: sa.Select[Any]) -> list[Partner]:
    return [Partner(**row._asdict()) for row in connection.execute(query)]
