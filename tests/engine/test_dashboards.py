"""Dashboards: state by age, time per state, overdue by owner, what holds cases up; numbers that list their cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.canonical import micros
from engine.insight import AGES, Counted, Insight, Selection
from engine.vocabulary import Role, Text
from tests.engine.house import INSTITUTION, MONDAY, House, open_house

DAY = 86_400_000_000


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


def listed(house: House, counted: Counted, person: str = "olle") -> list[str]:
    selection = Selection.read(counted.selection.pairs())
    found = Insight(house.cases).listed(INSTITUTION, person, selection, limit=500).items
    assert len(found) == counted.count
    return [case.id for case in found]


def make_late(house: House, case: str) -> str:
    """Let the answer of a case become overdue."""
    while not any(row.status == "missed" for row in house.case(case).deadlines):
        due = next(row.acts_at for row in house.case(case).deadlines if row.acts_at)
        house.clock.at += timedelta(microseconds=max(0, due - micros(house.clock.at)))
        house.climb(case)
    return case


def test_every_open_state_is_there_in_the_order_declared(house: House) -> None:
    found = Insight(house.cases).ages(INSTITUTION, "olle", workflow=("stay",))
    assert [each.state for each in found] == ["asked", "resting", "proposed", "waiting", "offered", "away"]
    assert {(each.total.count, each.oldest_at) for each in found} == {(0, None)}


def test_each_age_lists_its_cases(house: House) -> None:
    opened = {}
    for days in (0, 7, 8, 30, 31, 90, 91, 200):
        house.clock.at = MONDAY - timedelta(days=days)
        opened[days] = house.open()
    house.clock.at = MONDAY
    asked = Insight(house.cases).ages(INSTITUTION, "olle", workflow=("stay",))[0]
    assert [age.first_day for age in AGES] == [0, 8, 31, 91]
    assert [listed(house, age) for age in asked.ages] == [
        [opened[7], opened[0]], [opened[30], opened[8]], [opened[90], opened[31]], [opened[200], opened[91]],
    ]  # fmt: skip
    assert len(listed(house, asked.total)) == 8
    assert asked.oldest_at == micros(MONDAY - timedelta(days=200))


def test_ages_are_counted_in_local_days(house: House) -> None:
    # One minute before midnight in Stockholm, eight local days ago.
    house.clock.at = MONDAY.replace(hour=22, minute=59) - timedelta(days=8)
    house.open()
    house.clock.at = MONDAY
    asked = Insight(house.cases).ages(INSTITUTION, "olle", workflow=("stay",))[0]
    assert [age.count for age in asked.ages] == [0, 1, 0, 0]


def test_times_are_told_with_labels_in_the_order_declared(house: House) -> None:
    case = house.open()
    house.clock.at += timedelta(days=2)
    house.take(case, "propose", note="ready")
    house.clock.at += timedelta(days=1)
    house.take(case, "approve", by="hedda")
    asked, proposed = Insight(house.cases).times(INSTITUTION, "olle")
    assert (asked.state, asked.visits, asked.median, asked.ninetieth) == ("asked", 1, 2 * DAY, 2 * DAY)
    assert (proposed.state, proposed.label.en) == ("proposed", "proposed in English")


def test_visits_that_ended_before_the_days_asked_for_are_left_out(house: House) -> None:
    house.take(house.open(), "propose", note="ready")
    house.clock.at += timedelta(days=10)
    assert Insight(house.cases).times(INSTITUTION, "olle", days=10) == ()
    assert len(Insight(house.cases).times(INSTITUTION, "olle", days=11)) == 1


def test_overdue_is_told_by_assignee_or_by_role_and_unit(house: House) -> None:
    taken, pooled = house.open(), house.open()
    house.take(taken, "take")
    make_late(house, taken)
    make_late(house, pooled)
    by_owner = {
        (each.assignee, each.role, each.unit): each for each in Insight(house.cases).overdue(INSTITUTION, "olle")
    }
    assert listed(house, by_owner["ann", None, None].cases) == [taken]
    assert listed(house, by_owner[None, Role.COORDINATOR, "a"].cases) == [pooled]


def test_overdue_shows_nothing_somebody_may_not_read(house: House) -> None:
    make_late(house, house.open())
    assert Insight(house.cases).overdue(INSTITUTION, "bea") == ()
    assert len(Insight(house.cases).overdue(INSTITUTION, "ann")) == 1
    assert Insight(house.cases).overdue(INSTITUTION, "ann", unit=("b",)) == ()


def locked(house: House) -> str:
    case = house.open()
    house.take(case, "propose", note="ready")
    house.take(case, "lock", by="hedda", locked=True)
    return case


def test_what_holds_cases_up_is_counted_by_reason(house: House) -> None:
    cases = [locked(house), locked(house)]
    house.open()
    found = Insight(house.cases).blocking(INSTITUTION, "olle", "stay")
    (block,) = found.reasons
    assert (found.judged, found.open) == (3, 3)
    assert (block.code, block.message, block.who_can) == ("locked", Text("Låst", "Locked"), Role.HEAD)
    assert (block.held_up, [step.en for step in block.steps]) == (2, ["approve in English", "withdraw in English"])
    assert listed(house, block.cases) == cases


def test_only_the_longest_waiting_are_judged(house: House) -> None:
    house.open()
    house.clock.at += timedelta(days=1)
    locked(house)
    found = Insight(house.cases).blocking(INSTITUTION, "olle", "stay", sample=1)
    assert (found.judged, found.open, found.reasons) == (1, 2, ())


def test_nobodys_rights_hold_cases_up_and_no_step_of_the_clock_is_judged(house: House) -> None:
    house.stay_in("waiting")
    house.contract()
    insight = Insight(house.cases)
    assert insight.blocking(INSTITUTION, "ada", "contract").reasons == ()
    assert [each.code for each in insight.blocking(INSTITUTION, "ada", "stay").reasons] == ["no_agreement"]


def test_what_others_may_read_is_not_judged(house: House) -> None:
    locked(house)
    found = Insight(house.cases).blocking(INSTITUTION, "bea", "stay")
    assert (found.judged, found.open, found.reasons) == (0, 0, ())


def test_every_definition_is_there_with_its_open_cases(house: House) -> None:
    house.take(house.open(), "withdraw")
    case = house.open()
    found = {each.name: each for each in Insight(house.cases).definitions(INSTITUTION, "olle")}
    assert sorted(found) == ["contract", "report", "stay"]
    assert all(each.current and each.loaded for each in found.values())
    assert listed(house, found["stay"].cases) == [case]


def test_a_definition_whose_file_is_gone_is_still_told_of(house: House) -> None:
    case = house.open()
    with house.store.writes() as connection:
        connection.exec_driver_sql(f"UPDATE case_record SET definition = '{'0' * 64}'")
    (lost,) = [each for each in Insight(house.cases).definitions(INSTITUTION, "olle") if not each.loaded]
    assert (lost.name, lost.version, lost.current, lost.cases.count) == ("stay", None, False, 1)
    assert case


@pytest.mark.parametrize("question", ["ages", "times", "overdue"])
def test_each_board_is_one_statement_beside_the_organisation(house: House, question: str) -> None:
    insight = Insight(house.cases)
    house.open()
    insight.ages(INSTITUTION, "olle")
    asked: list[str] = []
    sa.event.listen(house.store.engine, "before_cursor_execute", lambda _c, _r, text, *_: asked.append(text))
    getattr(insight, question)(INSTITUTION, "olle")
    assert len([each for each in asked if not each.startswith("BEGIN")]) == 2
