"""What agreements hold, counted: years, ends, and which deadlines and cases belong to an agreement."""

from __future__ import annotations

from datetime import date

import pytest

from engine import balances
from engine.balances import Holding, Terms
from engine.insight import Selection
from engine.vocabulary import Direction, Held, Level
from tests.engine.agreements_by_hand import ending, real_catalogue
from tests.engine.house import CATALOGUE
from tests.engine.made_by_hand import a_case

END = date(2027, 6, 30)


@pytest.mark.parametrize(
    ("written", "year"),
    [("2027/28", 2027), ("2027/2028", 2027), ("2027", 2027), ("27/28", None), ("2027-28", None), ("", None)],
)
def test_an_academic_year_is_known_by_the_year_it_begins_in(written: str, year: int | None) -> None:
    assert balances.year_of(written) == year


def test_an_academic_year_turns_in_july() -> None:
    assert balances.year_on(date(2027, 6, 30)) == 2026
    assert balances.year_on(date(2027, 7, 1)) == 2027
    assert balances.year_name(2027) == "2027/2028"


def test_the_deadlines_that_end_an_agreement_are_read_off_its_process() -> None:
    assert balances.endings(real_catalogue().current("agreement").workflow) == {"end", "notice"}
    assert balances.endings(CATALOGUE.current("contract").workflow) == frozenset()


def test_the_cases_about_an_agreement_are_those_that_hold_no_place() -> None:
    holding = {"outgoing_exchange", "incoming_nomination"}
    found = balances.matters(real_catalogue().current("agreement").workflow, holding)
    assert found == (("agreement_renewal", "agreement"),)


@pytest.mark.parametrize(
    ("valid_to", "under_notice", "ends"),
    [
        (END, None, END),
        (END, date(2027, 1, 31), date(2027, 1, 31)),
        (None, date(2027, 1, 31), date(2027, 1, 31)),
        (None, None, None),
    ],
)
def test_an_agreement_ends_by_its_own_day_or_earlier_by_notice(
    valid_to: date | None, under_notice: date | None, ends: date | None
) -> None:
    rows = [ending("notice", under_notice)] if under_notice else []
    assert balances.ends_on(Terms(valid_to=valid_to), rows, {"notice"}) == ends


def test_a_deadline_that_ends_nothing_is_no_end() -> None:
    assert balances.ends_on(Terms(), [ending("review", END)], {"notice"}) is None


def test_near_is_within_twelve_months_and_clamps_at_month_ends() -> None:
    assert balances.soon(date(2027, 2, 28)) == date(2028, 2, 28)
    assert balances.soon(date(2028, 2, 29)) == date(2029, 2, 28)


def a_place(**changes: object) -> Holding:
    held = Held(case="c", row="out", academic_year="2026/2027", semesters=1)
    parts = {"agreement": "a", "held": held, "year": 2026, "direction": Direction.OUTGOING, "level": Level.MASTER}
    return Holding(**{**parts, **changes})  # type: ignore[arg-type]  # each test changes one part


@pytest.mark.parametrize(
    ("selection", "meant"),
    [
        (Selection(), True),
        (Selection(held_under="a", academic_year=2026, direction="outgoing", level="master", row="out"), True),
        (Selection(held_under="b"), False),
        (Selection(academic_year=2027), False),
        (Selection(direction="incoming"), False),
        (Selection(level="bachelor"), False),
        (Selection(row="in"), False),
    ],
)
def test_a_selection_means_the_places_that_fit_all_of_it(selection: Selection, meant: bool) -> None:
    assert balances.chosen_by(selection)(a_place()) is meant


def test_a_place_of_a_level_that_is_not_known_is_of_no_level() -> None:
    assert not balances.chosen_by(Selection(level="master"))(a_place(level=None))


def test_a_student_with_two_places_is_one_student() -> None:
    named = {"a": balances.case_ref(CATALOGUE.current("contract"), a_case("a", workflow="contract", state="active"))}
    found = balances.balance([a_place(), a_place()], named)
    (master, every) = found.rows
    assert (master.outgoing.students.count, master.outgoing.semesters, every.imbalance) == (1, 2, 1)
    assert [row.agreement for row in found.totals] == [None, None]
