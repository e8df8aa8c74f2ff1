"""Cases counted by the database: alike on both kinds, only what may be read, in one statement each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.canonical import micros
from engine.paging import seal
from engine.scope import Scope
from engine.store import insight_rows
from engine.store.insight_rows import LateRow, Narrowed, TimeRow
from tests.engine.house import INSTITUTION, MONDAY, House, open_house

DAY = 86_400_000_000
EVERYTHING = Scope(INSTITUTION, "olle", ("x.se", "a", "b"), everything=True)
ONLY_B = Scope(INSTITUTION, "bea", ("b",), everything=False)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


@contextmanager
def reading(house: House) -> Iterator[tuple[sa.Connection, list[str]]]:
    """A connection, and the statements it is asked."""
    asked: list[str] = []

    def note(_c: object, _r: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with house.store.reads() as connection:
        sa.event.listen(connection, "before_cursor_execute", note)
        yield connection, asked


def pass_days(house: House, days: int) -> None:
    house.clock.at += timedelta(days=days)


def test_open_cases_are_counted_by_state_and_age(house: House) -> None:
    old = house.open()
    pass_days(house, 10)
    house.open()
    house.open()
    house.take(old, "take")
    bounds = [micros(house.clock.at) - 7 * DAY, micros(house.clock.at) - 30 * DAY]
    with reading(house) as (connection, asked):
        (row,) = insight_rows.ages(connection, EVERYTHING, Narrowed(), bounds=bounds)
    assert (row.workflow, row.state, row.counts) == ("stay", "asked", (2, 1, 0))
    assert row.oldest_at == micros(MONDAY)
    assert len(asked) == 1


def test_a_case_that_moved_is_as_old_as_its_present_state(house: House) -> None:
    case = house.open()
    pass_days(house, 40)
    house.take(case, "propose", note="ready")
    bounds = [micros(house.clock.at) - 7 * DAY]
    with reading(house) as (connection, _):
        (row,) = insight_rows.ages(connection, EVERYTHING, Narrowed(), bounds=bounds)
    assert (row.state, row.counts) == ("proposed", (1, 0))


def test_closed_cases_and_those_of_other_units_are_not_counted(house: House) -> None:
    house.take(house.open(), "withdraw")
    house.open()
    house.open(unit="b", by="bea")
    with reading(house) as (connection, _):
        (row,) = insight_rows.ages(connection, ONLY_B, Narrowed(), bounds=[0])
        assert insight_rows.ages(connection, ONLY_B, Narrowed(unit=("a",)), bounds=[0]) == []
    assert row.counts == (1, 0)


def test_visits_are_measured_from_entry_to_departure(house: House) -> None:
    for days in (1, 2, 3, 4, 20):
        case = house.open()
        pass_days(house, days)
        house.take(case, "propose", note="ready")
    with reading(house) as (connection, asked):
        found = insight_rows.times(connection, EVERYTHING, Narrowed(), since=0)
    assert found == [TimeRow("stay", "asked", 5, 3 * DAY, 20 * DAY)]
    assert len(asked) == 1


def test_a_visit_counts_by_its_end_and_is_measured_from_before_the_window(house: House) -> None:
    case = house.open()
    pass_days(house, 50)
    since = micros(house.clock.at)
    house.take(case, "propose", note="ready")
    with reading(house) as (connection, _):
        found = insight_rows.times(connection, EVERYTHING, Narrowed(), since=since)
        assert insight_rows.times(connection, EVERYTHING, Narrowed(), since=since + 1) == []
    assert found == [TimeRow("stay", "asked", 1, 50 * DAY, 50 * DAY)]


def test_each_visit_to_a_state_is_a_visit_of_its_own(house: House) -> None:
    case = house.open()
    for days in (2, 6):
        pass_days(house, days)
        house.take(case, "propose", note="ready")
        house.take(case, "send_back", by="hedda", reason="more")
    with reading(house) as (connection, _):
        found = insight_rows.times(connection, EVERYTHING, Narrowed(), since=0)
    assert found == [TimeRow("stay", "asked", 2, 2 * DAY, 6 * DAY), TimeRow("stay", "proposed", 2, 0, 0)]


def test_noting_something_in_a_state_ends_no_visit(house: House) -> None:
    case = house.open()
    house.take(case, "take")
    with reading(house) as (connection, _):
        assert insight_rows.times(connection, EVERYTHING, Narrowed(), since=0) == []


def test_times_are_read_by_the_index_of_instants(sqlite_url: str) -> None:
    plans: list[str] = []

    def explain(connection: sa.Connection, cursor: object, statement: str, parameters: Any, *_: object) -> None:
        if not statement.startswith("EXPLAIN"):
            raw = connection.connection.cursor()
            raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            plans.extend(row[-1] for row in raw.fetchall())

    with open_house(sqlite_url) as house, house.store.reads() as connection:
        sa.event.listen(connection, "before_cursor_execute", explain)
        insight_rows.times(connection, EVERYTHING, Narrowed(), since=5)
    assert any("ix_event_at" in step for step in plans)


def overdue(house: House, **more: Any) -> str:
    """A case whose answer is late by now."""
    case = house.open(**more)
    while not any(row.status == "missed" for row in house.case(case).deadlines):
        row = next(row for row in house.case(case).deadlines if row.acts_at)
        pass_days(house, max(0, (row.acts_at or 0) - micros(house.clock.at)) // DAY + 1)
        house.climb(case)
    return case


def test_overdue_cases_are_counted_by_who_has_them(house: House) -> None:
    taken = overdue(house)
    house.take(taken, "take")
    overdue(house)
    house.open()
    with reading(house) as (connection, asked):
        found = insight_rows.late(connection, EVERYTHING, Narrowed(), elsewhere={})
    due = house.rows("case_record", id=taken)[0]["missed_at"]
    assert LateRow("stay", "asked", "a", None, "ann", None, 1, due) in found
    assert sorted((row.assignee or "", row.cases) for row in found) == [("", 1), ("ann", 1)]
    assert len(asked) == 1


def test_an_owner_may_sit_in_the_unit_of_a_linked_case(house: House) -> None:
    contract = house.contract(unit="b")
    overdue(house, links={"contract": contract})
    elsewhere = {"contract": {("stay", "asked")}}
    with reading(house) as (connection, _):
        (row,) = insight_rows.late(connection, EVERYTHING, Narrowed(), elsewhere=elsewhere)
        there = Narrowed(through="contract", linked_unit="b", overdue=True)
        assert len(insight_rows.list_narrowed(connection, EVERYTHING, there, cursor=None, limit=9).items) == 1
    assert (row.unit, row.linked_unit) == ("a", "b")


def test_the_longest_waiting_come_first_with_the_number_of_all(house: House) -> None:
    first, second = house.open(), house.open()
    pass_days(house, 1)
    house.open()
    with reading(house) as (connection, _):
        ids, count = insight_rows.longest_waiting(connection, EVERYTHING, Narrowed(), limit=2)
    assert (ids, count) == ([first, second], 3)


def test_open_and_all_cases_are_counted_under_each_definition(house: House) -> None:
    house.open()
    house.take(house.open(), "withdraw")
    digest = house.case(house.open()).definition
    with reading(house) as (connection, _):
        (row,) = insight_rows.under(connection, EVERYTHING)
    assert (row.hash, row.open, row.cases) == (digest, 2, 3)


def test_pages_of_what_was_counted_show_every_case_once(house: House) -> None:
    cases = [house.open() for _ in range(5)]
    shown: list[str] = []
    cursor = None
    with reading(house) as (connection, _):
        for _ in range(3):
            page = insight_rows.list_narrowed(connection, EVERYTHING, Narrowed(), cursor=cursor, limit=2)
            shown += [case.id for case in page.items]
            cursor = page.next_cursor
    assert (shown, cursor) == (cases, None)


@pytest.mark.parametrize(
    ("narrowed", "count"),
    [
        (Narrowed(open=True), 2),
        (Narrowed(open=False), 1),
        (Narrowed(overdue=True), 0),
        (Narrowed(overdue=False), 3),
        (Narrowed(assignee="ann"), 1),
        (Narrowed(unassigned=True), 2),
        (Narrowed(state=("withdrawn",)), 1),
        (Narrowed(workflow=("contract",)), 0),
        (Narrowed(definition="0" * 64), 0),
        (Narrowed(entered_since=micros(MONDAY)), 3),
        (Narrowed(entered_before=micros(MONDAY)), 0),
        (Narrowed(ids=frozenset()), 0),
    ],
)
def test_each_part_of_a_filter_narrows(house: House, narrowed: Narrowed, count: int) -> None:
    house.take(house.open(), "take")
    house.take(house.open(), "withdraw")
    house.open()
    with reading(house) as (connection, asked):
        page = insight_rows.list_narrowed(connection, EVERYTHING, narrowed, cursor=None, limit=9)
    assert len(page.items) == count
    # The page and the links; what asks for deadlines goes to the driver itself and is not heard here.
    assert len(asked) == (2 if count else 1)


def test_which_cases_somebody_reaches_is_told_by_their_scope(house: House) -> None:
    mine, other = house.open(unit="b", by="bea"), house.open()
    with reading(house) as (connection, _):
        assert insight_rows.reached(connection, ONLY_B, [mine, other]) == {mine}


def test_a_cursor_of_another_list_is_refused(house: House) -> None:
    with reading(house) as (connection, _), pytest.raises(Exception, match="next_cursor"):
        insight_rows.list_narrowed(connection, EVERYTHING, Narrowed(), cursor=seal("other"), limit=2)
