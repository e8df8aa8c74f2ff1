"""No overview, dashboard, register or list of events reads a large table from end to end.

What it proves: each statement has an index to follow for what narrows it, on both databases, and
SQLite gathers no whole table beforehand. What is told of
a whole period (how long states take, which ways cases go) grows with it, and is not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from adapters.system import NothingStandsThere, SecretNonces, Uuid7
from engine.auditing import Audit, EventFilter
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.feeds import Feeds
from engine.insight import Insight
from engine.queries import Queries
from engine.reports.index import Filter, Reports
from engine.store import audit_rows, report_rows
from engine.store.store import Store
from engine.tokens import Caller
from tests.bench.filling import INSTITUTION, fill
from tests.engine.store.plans import WHOLE, StillClock, Watched

OFFICER, CONTACT = "officer", "coordinator-D05-0"
# A filter made beforehand of all rows that might be met: SQLite's own way of reading a table whole.
FILTERED: Final = re.compile(r"BLOOM FILTER ON (case_record|case_\w+|\w+_case|event|link|deadline)\b")
DETAILS: Final = (
    "INSERT INTO event_detail (institution, case_id, sequence, detail, nonce) "
    "SELECT institution, case_id, sequence, body, body FROM event"
)
Ask: TypeAlias = Callable[[Cases, str], Any]


def overview(unit: tuple[str, ...] = ()) -> Ask:
    return lambda cases, person: Queries(cases).overview(INSTITUTION, person, workflow="outgoing_exchange", unit=unit)


def counts(unit: tuple[str, ...] = ()) -> Ask:
    return lambda cases, person: Queries(cases).counts(INSTITUTION, person, unit=unit)


def events(**narrowed: Any) -> Ask:
    return lambda cases, person: Audit(cases).events(INSTITUTION, person, narrowed=EventFilter(**narrowed))


def agreements(**narrowed: Any) -> Ask:
    return lambda cases, person: Insight(cases).agreements(INSTITUTION, person, **narrowed)


def report(name: str) -> Ask:
    return lambda cases, _: Reports(cases).page(INSTITUTION, None, name, Filter())


# Each question with the most statements it may take, that for the organisation's version among them.
QUESTIONS: Final[dict[str, tuple[Ask, int]]] = {
    "overview": (overview(), 2),
    "overview of a unit": (overview(("D05",)), 2),
    "all overviews": (counts(), 2),
    "all overviews of units": (counts(("D05", "D06")), 2),
    "ages": (lambda cases, person: Insight(cases).ages(INSTITUTION, person), 2),
    "overdue": (lambda cases, person: Insight(cases).overdue(INSTITUTION, person), 2),
    "agreements": (agreements(), 5),
    "agreements by end": (agreements(sort="ends"), 5),
    "agreements that end": (agreements(expiring=True), 5),
    "balance": (lambda cases, person: Insight(cases).balance(INSTITUTION, person), 3),
    "events": (events(), 3),
    "events of a kind": (events(kind=("opened",)), 3),
    "events of a process": (events(workflow=("agreement",)), 3),
    "events of a case": (events(number="OUT-2026-00007"), 2),
    "readings": (lambda cases, person: Audit(cases).readings(INSTITUTION, person), 2),
    "report of deviations": (report("deviations"), 12),
    "report of decisions": (report("decisions"), 12),
    "feeds": (lambda cases, person: Feeds(cases.store, cases.clock).of(Caller(INSTITUTION, person)), 1),
}


@pytest.fixture
def office(database_url: str) -> Iterator[tuple[Cases, Watched]]:
    """An office with some years of cases."""
    store = Store(database_url, durable=False)
    catalogue = Catalogue.of((Path(__file__).parents[2] / "workflows").glob("*.py"))
    fill(store, catalogue, cases=1000, events=2)
    with store.writes() as connection:
        connection.exec_driver_sql(DETAILS)
        connection.exec_driver_sql("ANALYZE sqlite_schema" if store.sqlite else "ANALYZE event_detail")
    yield Cases(store, catalogue, StillClock(), Uuid7(), SecretNonces(), NothingStandsThere()), Watched(store)
    store.close()


def test_nothing_large_is_read_from_end_to_end(office: tuple[Cases, Watched], monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (audit_rows, report_rows):
        monkeypatch.setattr(module, "STRETCH", 20)  # or it would be all events there are
    cases, watched = office
    Queries(cases).organisation(INSTITUTION)  # is then kept
    for person in (OFFICER, CONTACT):
        for name, (ask, most) in QUESTIONS.items():
            watched.statements.clear()
            assert ask(cases, person) is not None
            asked = len(watched.statements)
            assert asked <= most, (name, person, asked)
            plans = list(watched.plans())
            whole = [plan for plan in plans if WHOLE.search(plan) or FILTERED.search(plan)]
            assert whole == [], (name, person)


def test_a_whole_table_behind_a_filter_is_seen() -> None:
    assert FILTERED.search("BLOOM FILTER ON case_record (institution=? AND id=?)")
