"""Each way a list of cases can be narrowed, alone and together, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Calendar
from engine.canonical import micros
from engine.scope import Scope
from engine.store import scope as scope_module
from engine.store.narrowing import bounds_of
from engine.store.scope import among, case_table, readable, reads_many
from tests.engine.house import INSTITUTION, local, open_house
from tests.engine.rows_by_hand import MONDAY, Rows, rows_of

SUNDAY = 7
IN_A = Scope(INSTITUTION, "ann", ("a",), everything=False)


@pytest.fixture
def rows(database_url: str) -> Iterator[Rows]:
    """A contract with a partner, stays under it and beside it, open and closed."""
    with open_house(database_url) as house:
        made = rows_of(house)
        made.case("con", workflow="contract", state="active", unit="b", partner="p1", opened_at=10)
        made.case("new", assignee="ann", subject="s1", due_at=micros(local("2026-12-22 00:00")), opened_at=20)
        made.case("old", unit="b", subject="s1", missed_at=5, entered_at=50, opened_at=30)
        made.case("end", state="finished", closed_at=9, opened_at=micros(local("2026-12-21 23:59")))
        made.link("new", "contract", "con")
        made.link("old", "companion", "new")
        yield made


def test_nothing_given_narrows_nothing(rows: Rows) -> None:
    assert rows.found() == ["con", "end", "new", "old"]


def test_each_filter_leaves_what_it_names(rows: Rows) -> None:
    expected: list[tuple[dict[str, Any], list[str]]] = [
        ({"unassigned": True}, ["con", "end", "old"]), ({"unassigned": False}, ["new"]),
        ({"closed": True}, ["end"]), ({"closed": False}, ["con", "new", "old"]),
        ({"overdue": True}, ["old"]), ({"overdue": False}, ["con", "end", "new"]),
        ({"due": "overdue"}, ["old"]), ({"due": "today"}, ["new"]), ({"due": "none"}, ["con"]),
        ({"due": "week", "today": date(2026, 12, 20)}, []), ({"due": "later", "today": date(2026, 12, 20)}, ["new"]),
        ({"subject": "s1"}, ["new", "old"]), ({"assignee": "ann"}, ["new"]),
        ({"linked_to": "con"}, ["new"]), ({"linked_to": "con", "link": "companion"}, []),
        ({"linked_to": "new", "link": "companion"}, ["old"]), ({"partner": "p1"}, ["con", "new"]),
        ({"partner": "p2"}, []), ({"entered_before": 50}, ["con", "end", "new"]),
        ({"opened_from": date(2026, 12, 21)}, ["end"]), ({"opened_from": date(2026, 12, 22)}, []),
        ({"opened_to": date(2026, 12, 21)}, ["con", "end", "new", "old"]),
        ({"opened_to": date(2026, 12, 20)}, ["con", "new", "old"]),
        ({"subject": "s1", "unassigned": True, "unit": ("b",), "closed": False, "q": "sta"}, ["old"]),
        ({"partner": "p1", "workflow": ("stay",), "due": "today"}, ["new"]),
    ]  # fmt: skip
    assert [(narrowed, rows.found(**narrowed)) for narrowed, _ in expected] == expected


def test_no_filter_shows_what_one_may_not_read(rows: Rows) -> None:
    readable = {"new", "old", "end"}  # in unit a, or linked to a case there
    nobody = Scope(INSTITUTION, "eve", (), everything=False)
    every: tuple[dict[str, Any], ...] = (
        {}, {"closed": False}, {"subject": "s1"}, {"partner": "p1"}, {"linked_to": "con"}, {"q": "sta"},
        {"unit": ("b",)}, {"assignee": "ann"}, {"due": "none"},
    )  # fmt: skip
    for narrowed in every:
        assert rows.found(scope=IN_A, **narrowed) == sorted(readable & set(rows.found(**narrowed)))
        assert rows.found(scope=nobody, **narrowed) == []


def test_both_ways_to_see_what_one_may_read_show_the_same(rows: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    every = {*rows.found()}
    for scope in (IN_A, Scope(INSTITUTION, "bea", ("b",), everything=False)):
        with rows.store.reads() as connection:
            few = reads_many(connection, scope)
            shown = [sorted(connection.execute(sa.select(case_table.c.id).where(way(scope))).scalars())
                     for way in (readable, among)]  # fmt: skip
            monkeypatch.setattr(scope_module, "MANY", 1)
            many = reads_many(connection, scope)
            monkeypatch.undo()
        assert shown[0] == shown[1]
        assert {*shown[0]} < every
        assert (few, many) == (False, True)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_week_ends_with_its_sunday(day: date) -> None:
    calendar = Calendar()
    bounds = bounds_of(calendar, day)
    assert bounds.today == micros(calendar.start_of(day))
    assert bounds.today < bounds.tomorrow <= bounds.monday
    assert (bounds.tomorrow == bounds.monday) == (day.isoweekday() == SUNDAY)


def test_days_are_those_of_the_clock_on_the_wall(rows: Rows) -> None:
    bounds = bounds_of(Calendar(), date(2027, 3, 28))
    assert bounds.tomorrow - bounds.today == 23 * 3600 * 1_000_000
    assert bounds_of(Calendar(), MONDAY).monday == micros(local("2026-12-28 00:00"))
    assert rows.found(due="today", today=MONDAY) == rows.found(due="today")


def test_the_last_day_there_is_has_bounds_too() -> None:
    bounds = bounds_of(Calendar(), date.max)
    assert bounds.today < bounds.tomorrow == bounds.monday
