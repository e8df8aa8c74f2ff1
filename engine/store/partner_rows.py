"""The rows of partner institutions, found, searched and written. What they may hold: `engine.partners`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.partners import Partner, folded_name
from engine.tables import PartnerRecord, table_of

_partner = table_of(PartnerRecord)


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


def by_id(connection: Connection, institution: str, ids: Collection[str]) -> dict[str, Partner]:
    """The partners of these ids, by id. Unknown ones are left out."""
    if not ids:
        return {}
    query = _all(institution).where(_partner.c.id.in_(list(ids)))
    return {partner.id: partner for partner in _read(connection, query)}


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
        connection.execute(_INSERT, {"institution": institution, **values})
        return
    mine = (_partner.c.institution == institution) & (_partner.c.id == partner.id)
    connection.execute(_partner.update().where(mine).values(values))


def _all(institution: str) -> sa.Select[Any]:
    columns = (_partner.c[field.name] for field in fields(Partner))
    return sa.select(*columns).where(_partner.c.institution == institution)


# Made once, for an import asks them a hundred thousand times.
_INSERT = _partner.insert()
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
