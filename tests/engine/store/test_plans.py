"""No statement behind a list reads a large table from end to end, nor asks once for each row it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import sqlalchemy as sa

from adapters.system import NothingStandsThere, SecretNonces, Uuid7
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.queries import Queries
from engine.store import narrowing, scope, searching
from engine.store.narrowing import CaseFilter
from engine.store.store import Store
from engine.tables import Table
from tests.bench.filling import INSTITUTION, fill
from tests.engine.store.plans import COLUMN, StillClock, Watched, reads_whole

OFFICER, CONTACT = "officer", "coordinator-D05-0"
Ask: TypeAlias = Callable[[Queries, str, CaseFilter], Any]
Office: TypeAlias = tuple[Queries, Watched]


def listed(sort: str) -> Ask:
    return lambda queries, person, narrowed: queries.list_cases(
        INSTITUTION, person, narrowed=narrowed, sort=sort, counted=True
    )


def tasks(queries: Queries, person: str, narrowed: CaseFilter) -> Any:
    return queries.tasks(INSTITUTION, person, narrowed=narrowed)


def total(queries: Queries, person: str, narrowed: CaseFilter) -> Any:
    return queries.total(INSTITUTION, person, narrowed=narrowed)


NEWEST, CHANGED = listed("-opened"), listed("-updated")
EVERYTHING = CaseFilter()
# Each question with the most statements it may take, that which asks for the organisation's version among them.
QUESTIONS: dict[str, tuple[Ask, CaseFilter, int]] = {
    "tasks": (tasks, CaseFilter(waits_for="me"), 3),
    "the pool": (tasks, CaseFilter(unassigned=True, unit=("D05",)), 3),
    "tasks with words": (tasks, CaseFilter(waits_for="me", q="wien"), 3),
    "total": (total, EVERYTHING, 2),
    "total with words": (total, CaseFilter(q="wien"), 2),
    "newest": (NEWEST, EVERYTHING, 5),
    "by number": (listed("number"), EVERYTHING, 5),
    "by change": (CHANGED, EVERYTHING, 5),
    "by due date": (listed("due"), CaseFilter(closed=False), 6),
    "latest due": (listed("-due"), EVERYTHING, 6),
    "of a process": (CHANGED, CaseFilter(workflow=("agreement",)), 5),
    "of a state": (NEWEST, CaseFilter(workflow=("outgoing_exchange",), state=("abroad",)), 5),
    "of a unit": (NEWEST, CaseFilter(unit=("D05",)), 5),
    "open": (CHANGED, CaseFilter(closed=False), 5),
    "overdue": (NEWEST, CaseFilter(overdue=True), 5),
    "due this week": (CHANGED, CaseFilter(due="week"), 5),
    "due before": (NEWEST, CaseFilter(due_before=date(2027, 3, 1)), 5),
    "of a partner": (NEWEST, CaseFilter(partner="p7"), 4),
    "of a person": (NEWEST, CaseFilter(subject="s7"), 4),
    "mine": (CHANGED, CaseFilter(assignee="coordinator-D05-0"), 4),
    "search": (NEWEST, CaseFilter(q="björn wien"), 5),
    "search for letters beyond A to Z": (CHANGED, CaseFilter(q="björn"), 5),
    "short search": (CHANGED, CaseFilter(q="ek"), 5),
}


@pytest.fixture
def office(database_url: str) -> Iterator[Office]:
    """An office with some years of cases."""
    store = Store(database_url, durable=False)
    catalogue = Catalogue.of((Path(__file__).parents[3] / "workflows").glob("*.py"))
    fill(store, catalogue, cases=1000, events=2)
    cases = Cases(store, catalogue, StillClock(), Uuid7(), SecretNonces(), NothingStandsThere())
    yield Queries(cases), Watched(store)
    store.close()


@pytest.mark.parametrize("many", [False, True], ids=["gathered", "walked"])
def test_nothing_large_is_read_from_end_to_end_nor_once_a_row(
    office: Office, *, many: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, bound in ((searching, "FEW"), (narrowing, "COUNTED"), (scope, "MANY")) if many else ():
        monkeypatch.setattr(module, bound, 0)
    queries, watched = office
    queries.organisation(INSTITUTION)  # which is then kept
    for person in (OFFICER, CONTACT):
        for name, (ask, narrowed, most) in QUESTIONS.items():
            watched.statements.clear()
            mine = CaseFilter(waits_for=person, q=narrowed.q) if narrowed.waits_for else narrowed
            assert ask(queries, person, mine) is not None
            # Of somebody who may not read everything it is also asked how much they may; PostgreSQL what it expects.
            asked = len([each for each, _ in watched.statements if not each.startswith("EXPLAIN")])
            assert asked <= most + (person is CONTACT), (name, person, asked)
            assert [plan for plan in watched.plans() if reads_whole(plan)] == [], (name, person)


@pytest.mark.parametrize("table", ["event", "deadline"])
def test_a_plan_that_reads_all_of_a_table_is_seen(office: Office, table: str) -> None:
    queries, watched = office
    with queries.cases.store.engine.connect() as connection:
        chosen = Table.metadata.tables[table]
        which = (chosen.c.institution == INSTITUTION, chosen.c[COLUMN[table]] != "x")
        connection.execute(sa.select(sa.func.count()).where(*which))
    (plan,) = watched.plans()
    assert reads_whole(plan)
