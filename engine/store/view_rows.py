"""The rows of saved views. Who may see and change which is judged in `engine.saved_views`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from engine.store.store import Session, Store
from engine.tables import SavedView, table_of

_view = table_of(SavedView)


def seen_by(store: Store, institution: str, person: str, units: Collection[str]) -> Sequence[Mapping[str, Any]]:
    """The views of a person and those of these units, by name."""
    theirs = sa.or_(_view.c.owner == person, _view.c.unit.in_(list(units)))
    query = sa.select(_view).where(_view.c.institution == institution, theirs)
    with store.reads() as connection:
        return [row._asdict() for row in connection.execute(query.order_by(_view.c.name, _view.c.id))]


def count_of(connection: Session, institution: str, person: str) -> int:
    """How many views the person has saved."""
    query = sa.select(sa.func.count()).select_from(_view)
    query = query.where(_view.c.institution == institution, _view.c.owner == person)
    return int(connection.execute(query).scalar_one())


def insert(connection: Session, row: Mapping[str, Any]) -> None:
    """Write a new view, by column."""
    connection.execute(_view.insert().values(dict(row)))


def rename(connection: Session, institution: str, person: str, view: str, *, name: str) -> bool:
    """Give a view of the person another name; whether there was one."""
    return connection.execute(_view.update().where(*_own(institution, person, view)).values(name=name)).rowcount == 1


def delete(connection: Session, institution: str, person: str, view: str) -> bool:
    """Remove a view of the person; whether there was one."""
    return connection.execute(_view.delete().where(*_own(institution, person, view))).rowcount == 1


def _own(institution: str, person: str, view: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (_view.c.institution == institution, _view.c.owner == person, _view.c.id == view)
