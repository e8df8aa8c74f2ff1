"""Which cases there are, and what stands of them in no event: number, title, searchable text."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import CaseRecord, Event, table_of

_case = table_of(CaseRecord)
_event = table_of(Event)


def any_case(store: Store) -> bool:
    """Whether there is any case, in any institution."""
    with store.reads() as connection:
        return connection.execute(sa.select(_case.c.id).limit(1)).first() is not None


def institutions(store: Store) -> list[str]:
    """The institutions that have cases, by name."""
    query = sa.select(_case.c.institution).distinct().order_by(_case.c.institution)
    with store.reads() as connection:
        return list(connection.execute(query).scalars())


def ids(store: Store, institution: str) -> list[str]:
    """The ids of all cases that have a row or an event, sorted (which is by opening)."""
    rows = sa.select(_case.c.id).where(_case.c.institution == institution)
    events = sa.select(_event.c.case_id).where(_event.c.institution == institution)
    with store.reads() as connection:
        found = {*connection.execute(rows).scalars()}
        found.update(connection.execute(events.distinct()).scalars())
    return sorted(found)


def find(store: Store, institution: str, name: str) -> str | None:
    """The id of the case of this id or number, or None."""
    query = sa.select(_case.c.id).where(
        _case.c.institution == institution, (_case.c.id == name) | (_case.c.number == name)
    )
    with store.reads() as connection:
        return connection.execute(query).scalar()


def words(store: Store, institution: str, case: str) -> tuple[str, str, str] | None:
    """Number, title and searchable text of a case; None where it has no row."""
    query = sa.select(_case.c.number, _case.c.title, _case.c.search).where(
        _case.c.institution == institution, _case.c.id == case
    )
    with store.reads() as connection:
        row = connection.execute(query).first()
    return (row[0], row[1], row[2]) if row else None
