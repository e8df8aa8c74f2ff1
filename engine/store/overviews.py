"""How many cases stand in each state, and what cases and people are called, many at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import sqlalchemy as sa

from engine.store.narrowing import CaseFilter, Terms, conditions
from engine.store.scope import case_table
from engine.tables import PersonRecord, table_of
from engine.tasks import Waiting

_case = case_table
_person = table_of(PersonRecord)

Count: TypeAlias = sa.ColumnElement[Any]
Where: TypeAlias = Iterable[sa.ColumnElement[bool]]

NONE = sa.literal(0)
NEVER = sa.cast(sa.null(), sa.BigInteger)
COUNT = sa.func.count()
OLDEST = sa.func.min(sa.case((_case.c.closed_at.is_(None), _case.c.entered_at)))
OVERDUE = sa.func.count(_case.c.missed_at)


@dataclass(frozen=True, slots=True)
class StateCount:
    """The cases in one state: how many, since when the one that came first, how many overdue, how many wait for me.

    `oldest_entered_at` is of open cases, None where there is none.
    """

    workflow: str
    state: str
    count: int = 0
    oldest_entered_at: int | None = None
    overdue: int = 0
    mine: int = 0


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


def count_states(
    connection: sa.Connection, terms: Terms, mine: Waiting, *, narrowed: CaseFilter
) -> Mapping[tuple[str, str], StateCount]:
    """Count the cases the person may read and the filter leaves, by workflow and state, in one statement.

    `mine` is what waits for the person the list is made for.
    """
    all_of_them = conditions(connection, terms, narrowed, counted=True)
    own_terms, own = replace(terms, waiting=mine), replace(narrowed, waits_for=mine.person)
    of_mine = [
        *conditions(connection, own_terms, own, counted=True),
        *([] if narrowed.waits_for is None else all_of_them),
    ]
    # Where all cases count, an index holds the open ones with what is asked of them, and another
    # the states of all; where only some do, those are looked at one by one, once.
    whole: list[tuple[Where, Count, Count, Count, Count]] = [(all_of_them, COUNT, OLDEST, OVERDUE, NONE)]
    if terms.scope.everything and not narrowed.q:
        whole = [
            (all_of_them, COUNT, NEVER, NONE, NONE),
            ([*all_of_them, _case.c.closed_at.is_(None)], NONE, OLDEST, OVERDUE, NONE),
        ]
    counts = [_by_state(*each) for each in (*whole, (of_mine, NONE, NEVER, NONE, COUNT))]
    part = sa.union_all(*counts).subquery().c
    sums = (sa.func.sum(part.found), sa.func.min(part.oldest), sa.func.sum(part.overdue), sa.func.sum(part.mine))
    query = sa.select(part.workflow, part.state, *sums).group_by(part.workflow, part.state)
    return {
        (workflow, state): StateCount(workflow, state, int(found), oldest, int(late), int(own))
        for workflow, state, found, oldest, late, own in connection.execute(query)
    }


def _by_state(where: Where, found: Count, oldest: Count, overdue: Count, mine: Count) -> sa.Select[Any]:
    labels = {"found": found, "oldest": oldest, "overdue": overdue, "mine": mine}
    counted = (column.label(name) for name, column in labels.items())
    return sa.select(_case.c.workflow, _case.c.state, *counted).where(*where).group_by(_case.c.workflow, _case.c.state)


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
