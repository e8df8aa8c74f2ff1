"""What is to be done: the most pressing first, page by page, with how many there are of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from engine.canonical import micros
from engine.errors import BadFields
from engine.queries import Queries
from engine.store.narrowing import CaseFilter
from engine.store.tasks import Tasks
from tests.engine.house import INSTITUTION, House, local, open_house
from tests.engine.rows_by_hand import case_row, queries_of, rows_of

TODAY = micros(local("2026-12-22 00:00"))
SUNDAY = micros(local("2026-12-28 00:00"))
LATER = micros(local("2027-01-05 00:00"))
IN_ORDER = ("resting", "late", "today", "week", "older", "newer", "none1", "none2")


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        rows_of(made).put(
            "case_record",
            case_row("none2", opened_at=9, due_at=None, missed_at=None, closed_at=None, unit="b"),
            case_row("none1", opened_at=8, due_at=None, missed_at=None, closed_at=None),
            case_row("newer", opened_at=7, due_at=LATER, missed_at=None, closed_at=None),
            case_row("older", opened_at=6, due_at=LATER, missed_at=None, closed_at=None),
            case_row("week", opened_at=5, due_at=SUNDAY, missed_at=None, closed_at=None),
            case_row("today", opened_at=4, due_at=TODAY, missed_at=None, closed_at=None),
            case_row("late", opened_at=3, due_at=90, missed_at=90, closed_at=None),
            # It rests since it was missed, and something else of it is due later.
            case_row("resting", opened_at=2, due_at=LATER, missed_at=80, closed_at=None),
            case_row("done", opened_at=1, due_at=None, missed_at=None, closed_at=5, state="finished"),
        )
        yield made


@pytest.fixture
def queries(house: House) -> Queries:
    return queries_of(house)


def tasks(queries: Queries, person: str = "olle", **more: Any) -> Tasks:
    given = {name: more.pop(name) for name in ("today", "cursor", "limit") if name in more}
    return queries.tasks(INSTITUTION, person, narrowed=CaseFilter(**more), **given)


def ids(found: Tasks) -> tuple[str, ...]:
    return tuple(case.id for case in found.cases.items)


def test_the_most_pressing_come_first_and_undated_ones_last(queries: Queries) -> None:
    found = tasks(queries)
    assert ids(found) == IN_ORDER
    assert list(found.groups.values()) == ["overdue", "overdue", "today", "week", "later", "later", "none", "none"]
    assert found.counts == {"overdue": 2, "today": 1, "week": 1, "later": 2, "none": 2}


def test_pages_show_each_case_once_and_count_all(queries: Queries) -> None:
    seen: list[str] = []
    page = tasks(queries, limit=3)
    while True:
        seen += ids(page)
        assert sum(page.counts.values()) == len(IN_ORDER)
        if page.cases.next_cursor is None:
            break
        page = tasks(queries, limit=3, cursor=page.cases.next_cursor)
    assert tuple(seen) == IN_ORDER


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMiwiMyIsIjQiXQ"])
def test_a_cursor_of_another_list_is_refused(queries: Queries, cursor: str) -> None:
    with pytest.raises(BadFields):
        tasks(queries, cursor=cursor)


def test_one_group_alone_still_counts_the_others(queries: Queries) -> None:
    found = tasks(queries, due="later")
    assert (ids(found), found.counts["overdue"]) == (("older", "newer"), 2)


def test_another_day_groups_anew(queries: Queries) -> None:
    assert tasks(queries, today=date(2027, 1, 4)).groups["older"] == "today"
    assert tasks(queries, today=date(2027, 1, 5)).counts["overdue"] == len(IN_ORDER) - 2


def test_one_sees_what_one_may_read_and_what_waits_for_somebody(queries: Queries) -> None:
    assert "none2" not in ids(tasks(queries, "ann"))
    assert ids(tasks(queries, "bea")) == ("none2",)
    assert ids(tasks(queries, "olle", waits_for="eve")) == ()
    assert ids(tasks(queries, closed=True)) == ("done",)


def test_what_waits_comes_with_deadlines_and_links_and_goes_with_who_it_is_assigned_to(database_url: str) -> None:
    with open_house(database_url) as house:
        queries, contract = queries_of(house), house.contract()
        stay = house.open(links={"contract": contract})
        (waiting,) = tasks(queries, waits_for="arne").cases.items
        assert (waiting.id, waiting.links) == (stay, (("contract", contract),))
        assert [row.name for row in waiting.deadlines] == ["answer"]
        house.take(stay, "take")
        assert ids(tasks(queries, waits_for="arne")) == ()
        assert ids(tasks(queries, waits_for="ann")) == (stay,)
        house.away("ann", substitute="bea", starts_on=date(2026, 12, 21))
        assert ids(tasks(queries, waits_for="bea")) == (stay,)
        assert queries.waiting(INSTITUTION, "bea").people == ("bea", "ann")
