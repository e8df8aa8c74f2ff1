"""No statement behind a list reads a large table from end to end, nor asks once for each row it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from adapters.system import NothingStandsThere, SecretNonces, Uuid7
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.queries import Queries
from engine.store import searching
from engine.store.lists import CaseFilter
from engine.store.store import Store
from engine.tables import Table
from tests.bench.filling import INSTITUTION, NOW, fill

LARGE = "case_record|event|event_detail|deadline|link|outbox|person|case_words"
WHOLE = re.compile(
    # SQLite says SCAN for a whole table, and SEARCH by the institution alone for nearly that. An
    # index that holds all that is asked may be read so, and one whose order the list is in.
    rf"SCAN ({LARGE}|\w+_case)\b(?! VIRTUAL)|SEARCH ({LARGE}|\w+_case) USING INDEX "
    r"(?!ix_case_record_(opened|updated)|uq_case_record_number)\w+ \(institution=\?\)"
    # PostgreSQL is asked not to where it can help it, for the tables of a test are small; an
    # index it then follows by the institution alone is no better.
    rf"|Seq Scan on ({LARGE})\b"
    r"|Scan (on|using) (ix|pk)_(event|deadline|outbox)\w*\b[^\n]*\n\s*Index Cond: "
    r"\(\(institution\)::text = '[^']*'::text\)\n"
)
COLUMN = {"event": "kind", "deadline": "status"}
"""Of each table, a column by which no index finds its rows."""
OFFICER, CONTACT = "officer", "coordinator-D05-0"
Ask = Callable[[Queries, str, CaseFilter], Any]


def listed(sort: str) -> Ask:
    return lambda queries, person, narrowed: queries.list_cases(INSTITUTION, person, narrowed=narrowed, sort=sort)


def tasks(queries: Queries, person: str, narrowed: CaseFilter) -> Any:
    return queries.tasks(INSTITUTION, person, narrowed=narrowed)


def overview(queries: Queries, person: str, narrowed: CaseFilter) -> Any:
    return queries.overview(INSTITUTION, person, workflow="outgoing_exchange", narrowed=narrowed)


def counts(queries: Queries, person: str, narrowed: CaseFilter) -> Any:
    return queries.counts(INSTITUTION, person, narrowed=narrowed)


def total(queries: Queries, person: str, narrowed: CaseFilter) -> Any:
    return queries.total(INSTITUTION, person, narrowed=narrowed)


NEWEST = listed("-opened")
EVERYTHING = CaseFilter()
# Each question with the most statements it may take, that which asks for the organisation's version among them.
QUESTIONS: dict[str, tuple[Ask, CaseFilter, int]] = {
    "tasks": (tasks, CaseFilter(waits_for="me"), 5),
    "the pool": (tasks, CaseFilter(unassigned=True, unit=("D05",)), 5),
    "tasks with words": (tasks, CaseFilter(waits_for="me", q="wien"), 6),
    "overview": (overview, EVERYTHING, 2),
    "all overviews": (counts, EVERYTHING, 2),
    "all overviews with words": (counts, CaseFilter(q="wien"), 2),
    "total": (total, EVERYTHING, 2),
    "total with words": (total, CaseFilter(q="wien"), 2),
    "newest": (NEWEST, EVERYTHING, 4),
    "by number": (listed("number"), EVERYTHING, 4),
    "by change": (listed("-updated"), EVERYTHING, 4),
    "by due date": (listed("due"), CaseFilter(closed=False), 5),
    "of a state": (NEWEST, CaseFilter(workflow=("outgoing_exchange",), state=("abroad",)), 4),
    "of a unit": (NEWEST, CaseFilter(unit=("D05",)), 4),
    "overdue": (NEWEST, CaseFilter(overdue=True), 4),
    "due before": (NEWEST, CaseFilter(due_before=date(2027, 3, 1)), 4),
    "of a partner": (NEWEST, CaseFilter(partner="p7"), 4),
    "of a person": (NEWEST, CaseFilter(subject="s7"), 4),
    "search": (NEWEST, CaseFilter(q="björn wien"), 5),
    "short search": (NEWEST, CaseFilter(q="ek"), 5),
}


@dataclass
class Watched:
    """An office with some years of cases, and every statement that is asked of it."""

    queries: Queries
    statements: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        sa.event.listen(self.queries.cases.store.engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            self.statements.append((statement, parameters))

    def plans(self) -> Iterator[str]:
        """How the database would answer each statement, as one text a statement."""
        store = self.queries.cases.store
        with store.engine.connect() as connection:
            cursor = connection.connection.cursor()
            if not store.sqlite:
                cursor.execute("SET enable_seqscan = off")
            for statement, parameters in tuple(self.statements):
                cursor.execute(f"EXPLAIN {'QUERY PLAN ' if store.sqlite else ''}{statement}", parameters)
                yield "\n".join(str(row[-1]) for row in cursor.fetchall()) + "\n"
            connection.rollback()


class StillClock:
    """Stands where the office's years end."""

    def now(self) -> datetime:
        return NOW.astimezone(UTC)


@pytest.fixture
def watched(database_url: str) -> Iterator[Watched]:
    store = Store(database_url, durable=False)
    catalogue = Catalogue.of((Path(__file__).parents[3] / "workflows").glob("*.py"))
    fill(store, catalogue, cases=1000)
    cases = Cases(store, catalogue, StillClock(), Uuid7(), SecretNonces(), NothingStandsThere())
    yield Watched(Queries(cases))
    store.close()


@pytest.mark.parametrize(("few", "many"), [(3000, 40_000), (0, 40_000), (0, 0)], ids=["few", "many", "very many"])
def test_nothing_large_is_read_from_end_to_end_nor_once_a_row(
    watched: Watched, few: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "FEW", few)
    monkeypatch.setattr(searching, "MANY", many)
    watched.queries.counts(INSTITUTION, OFFICER)  # reads the organisation, which is then kept
    for person in (OFFICER, CONTACT):
        for name, (ask, narrowed, most) in QUESTIONS.items():
            watched.statements.clear()
            mine = CaseFilter(waits_for=person, q=narrowed.q) if narrowed.waits_for else narrowed
            assert ask(watched.queries, person, mine) is not None
            asked = len(watched.statements)
            # Of somebody who may not read everything it is also asked how much they may.
            assert asked <= most + (person is CONTACT and ask not in {tasks, overview, counts, total}), (
                name,
                person,
                asked,
            )
            plans = list(watched.plans())
            assert len(plans) == asked
            assert [plan for plan in plans if WHOLE.search(plan)] == [], (name, person)


@pytest.mark.parametrize("table", ["event", "deadline"])
def test_a_plan_that_reads_all_of_a_table_is_seen(watched: Watched, table: str) -> None:
    with watched.queries.cases.store.engine.connect() as connection:
        chosen = Table.metadata.tables[table]
        which = (chosen.c.institution == INSTITUTION, chosen.c[COLUMN[table]] != "x")
        connection.execute(sa.select(sa.func.count()).where(*which))
    (plan,) = watched.plans()
    assert WHOLE.search(plan)
