"""How many cases a filter leaves, and what cases and people are called, many at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from engine.store.narrowing import CaseFilter, Terms, conditions
from engine.store.scope import case_table
from engine.tables import PersonRecord, table_of

_case = case_table
_person = table_of(PersonRecord)

@dataclass(frozen=True, slots=True)
class CaseWords:
    """By what a case is known where it is only named."""

    number: str
    title: str
    workflow: str
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when a case is in its state, and by when it owes something (both None: nothing is owed)."""

    entered_at: int
    due_at: int | None
    missed_at: int | None


def count_cases(connection: sa.Connection, terms: Terms, *, narrowed: CaseFilter) -> int:
    """Count the cases the person may read and the filter leaves."""
    where = conditions(connection, terms, narrowed, counted=True)
    return int(connection.execute(sa.select(sa.func.count()).select_from(_case).where(*where)).scalar_one())


def names_of(connection: sa.Connection, institution: str, ids: Collection[str]) -> Mapping[str, str]:
    """The names of people, by id; those without one, or unknown, are left out."""
    query = sa.select(_person.c.id, _person.c.name).where(
        _person.c.institution == institution, _person.c.id.in_(list(ids)), _person.c.name.is_not(None)
    )
    return {row[0]: row[1] for row in connection.execute(query)} if ids else {}


def titles_of(connection: sa.Connection, institution: str, cases: Collection[str]) -> Mapping[str, CaseWords]:
    """By what cases are known, by id; unknown ones are left out. Asks for nobody's right to read them."""
    columns = (_case.c.id, _case.c.number, _case.c.title, _case.c.workflow, _case.c.state)
    query = sa.select(*columns).where(_case.c.institution == institution, _case.c.id.in_(list(cases)))
    return {row[0]: CaseWords(*row[1:]) for row in connection.execute(query)} if cases else {}


def standing_of(connection: sa.Connection, institution: str, cases: Collection[str]) -> Mapping[str, Standing]:
    """Since when cases are in their states and what they owe, by id. Asks for nobody's right to read them."""
    columns = (_case.c.id, _case.c.entered_at, _case.c.due_at, _case.c.missed_at)
    query = sa.select(*columns).where(_case.c.institution == institution, _case.c.id.in_(list(cases)))
    return {row[0]: Standing(*row[1:]) for row in connection.execute(query)} if cases else {}
