"""The rows of the bank of reasons. Who may see and change which is judged in `engine.reasons`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.store.store import Session, Store
from engine.tables import ReasonText, table_of

_reason = table_of(ReasonText)


def seen_by(store: Store, institution: str, person: str, units: Collection[str]) -> Sequence[Mapping[str, Any]]:
    """The reasons of a person and those shared with these units, by name."""
    theirs = sa.or_(_reason.c.owner == person, _reason.c.unit.in_(list(units)))
    query = sa.select(_reason).where(_reason.c.institution == institution, theirs)
    with store.reads() as connection:
        return [row._asdict() for row in connection.execute(query.order_by(_reason.c.name, _reason.c.id))]


def count_of(connection: Session, institution: str, person: str) -> int:
    """How many reasons the person keeps."""
    query = sa.select(sa.func.count()).select_from(_reason)
    query = query.where(_reason.c.institution == institution, _reason.c.owner == person)
    return int(connection.execute(query).scalar_one())


def insert(connection: Session, row: Mapping[str, Any]) -> None:
    """Write a new reason, by column."""
    connection.execute(_reason.insert().values(dict(row)))


def update(connection: Session, institution: str, person: str, reason: str, values: Mapping[str, Any]) -> bool:
    """Write values over a reason of the person; whether there was one."""
    changed = _reason.update().where(*_own(institution, person, reason)).values(dict(values))
    return connection.execute(changed).rowcount == 1


def delete(connection: Session, institution: str, person: str, reason: str) -> bool:
    """Remove a reason of the person; whether there was one."""
    return connection.execute(_reason.delete().where(*_own(institution, person, reason))).rowcount == 1


def _own(institution: str, person: str, reason: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (_reason.c.institution == institution, _reason.c.owner == person, _reason.c.id == reason)
