"""Which cases may be erased or carried over, and people whose names have had their time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.store.rows import NOBODYS_CONCERN
from engine.store.store import Session, Store
from engine.tables import CaseRecord, Event, table_of

_case = table_of(CaseRecord)
_event = table_of(Event)
_SHOWN = (
    _case.c.id, _case.c.number, _case.c.workflow, _case.c.state, _case.c.unit, _case.c.title, _case.c.definition,
    _case.c.closed_at,
)  # fmt: skip
_FORGET = sa.text(
    f"UPDATE person SET name = NULL, email = NULL WHERE institution = :institution AND id = :person "
    f"AND (name IS NOT NULL OR email IS NOT NULL) AND {NOBODYS_CONCERN}"
)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case as a list of those to be erased or carried over shows it. `closed_at` is an instant or None."""

    id: str
    number: str
    workflow: str
    state: str
    unit: str
    title: str
    definition: str
    closed_at: int | None


def closed_before(
    connection: Session, institution: str, *, before: int, workflow: str | None = None, limit: int | None = None
) -> list[CaseLine]:
    """Cases that were closed before an instant and are not erased, the oldest first."""
    query = _lines(institution).where(_case.c.closed_at < before, ~_erased())
    if workflow is not None:
        query = query.where(_case.c.workflow == workflow)
    return _read(connection, query.order_by(_case.c.closed_at, _case.c.id).limit(limit))


def of_person(connection: Session, institution: str, person: str) -> list[CaseLine]:
    """The cases about a person that are not erased, open ones too, in the order they were opened."""
    query = _lines(institution).where(_case.c.subject == person, ~_erased())
    return _read(connection, query.order_by(_case.c.opened_at, _case.c.id))


def named(connection: Session, institution: str, ids: Sequence[str]) -> list[CaseLine]:
    """The cases of these ids, erased or not, in order of id."""
    return _read(connection, _lines(institution).where(_case.c.id.in_(list(ids))).order_by(_case.c.id))


def is_erased(connection: Session, institution: str, case: str) -> bool:
    """Whether the details of the case have been erased, as `Case.erased` says; no case has none to be erased.

    Until the transaction ends nobody erases them: an erasure waits, and then sees what was written.
    """
    query = sa.select(_case.c.facts).where(_case.c.institution == institution, _case.c.id == case)
    # On SQLite, which has no such lock, nobody else writes meanwhile anyhow.
    return any(not facts for facts in connection.execute(query.with_for_update(read=True)).scalars())


def under_others(connection: Session, institution: str, workflow: str, definition: str) -> list[CaseLine]:
    """The open cases of a workflow that stand under another definition than this, in order of id."""
    query = _lines(institution).where(
        _case.c.workflow == workflow, _case.c.definition != definition, _case.c.closed_at.is_(None)
    )
    return _read(connection, query.order_by(_case.c.id))


def counted(connection: Session, institution: str, workflow: str) -> dict[str, int]:
    """How many cases of a workflow, closed ones too, stand under each definition, by hash."""
    query = sa.select(_case.c.definition, sa.func.count()).where(
        _case.c.institution == institution, _case.c.workflow == workflow
    )
    return {row[0]: row[1] for row in connection.execute(query.group_by(_case.c.definition))}


def forget(store: Store, institution: str, person: str) -> bool:
    """Take a person's name and address away, unless a case about them is left or they held a role; whether done."""
    with store.writes() as connection:
        return connection.execute(_FORGET, {"institution": institution, "person": person}).rowcount > 0


def _lines(institution: str) -> sa.Select[Any]:
    return sa.select(*_SHOWN).where(_case.c.institution == institution)


def _erased() -> sa.ColumnElement[bool]:
    return sa.exists().where(
        _event.c.institution == _case.c.institution, _event.c.case_id == _case.c.id, _event.c.kind == "erased"
    )


def _read(connection: Session, query: sa.Select[Any]) -> list[CaseLine]:
    return [CaseLine(**row) for row in connection.execute(query).mappings()]
