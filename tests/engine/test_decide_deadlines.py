"""What a step, or the clock, does to the deadlines of a case."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest

from engine.canonical import micros
from engine.errors import NotYourTurn, StaleCase
from engine.model import Climb, Recount, Request, Take
from tests.engine.house import INSTITUTION, House, local, open_house, refused


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as made:
        yield made


# Deadlines of a case.


def test_a_deadline_starts_with_the_state_and_stands_in_the_body(house: House) -> None:
    stay = house.open()
    (written,) = house.bodies(stay)[0]["deadlines"]
    assert (written["name"], written["since"], written["due_on"]) == ("answer", 1, "2026-12-28")
    assert written["acts_at"] == micros(local("2026-12-24 00:00"))


def test_moving_among_the_states_it_runs_in_is_not_entering_anew(house: House) -> None:
    stay = house.open()
    before = house.case(stay).deadlines
    house.clock.at = local("2026-12-22 10:00")
    house.take(stay, "propose", note="x")
    assert house.case(stay).deadlines == before


def test_it_rests_and_runs_again_with_what_was_left(house: House) -> None:
    stay = house.open()
    house.clock.at = local("2026-12-22 14:00")
    house.take(stay, "ask")
    (resting,) = house.case(stay).deadlines
    assert (resting.status, resting.due_on, resting.due_at, resting.next_rung) == ("paused", None, None, None)
    house.clock.at = local("2026-12-28 09:00")
    house.take(stay, "receive")
    (running,) = house.case(stay).deadlines
    assert (running.status, running.due_on, running.since) == ("running", date(2026, 12, 30), 1)


def test_an_answer_meets_it_and_leaving_otherwise_stops_it(house: House) -> None:
    answered, left = house.stay_in("waiting"), house.open()
    house.take(left, "withdraw")
    found = {row["case_id"]: row["status"] for row in house.rows("deadline")}
    assert found == {answered: "met", left: "stopped"}


def test_entering_anew_is_a_new_deadline_with_a_full_budget(house: House) -> None:
    stay = house.stay_in("waiting")
    house.clock.at = local("2027-01-04 10:00")
    house.take(stay, "send_back", by="olle")
    (row,) = house.case(stay).deadlines
    assert (row.since, row.due_on) == (4, date(2027, 1, 8))


def test_a_rung_that_is_not_due_is_not_fired(house: House) -> None:
    stay = house.open()
    with refused(house, StaleCase):
        house.climb(stay, at=local("2026-12-23 23:59"))


def test_a_rung_fires_once(house: House) -> None:
    stay = house.open()
    row = house.case(stay).deadlines[0]
    request = Request(INSTITUTION, Climb("stay", "answer", row.since, "remind"), "clock", case=stay)
    house.send(request, local("2026-12-24 00:00"))
    with refused(house, StaleCase):
        house.send(request)


def test_a_rung_says_which_when_it_was_due_and_whom_it_told(house: House) -> None:
    stay = house.open()
    house.climb(stay, at=local("2026-12-24 03:00"))
    body = house.bodies(stay)[-1]
    due_at, window = micros(local("2026-12-24 00:00")), micros(local("2026-12-28 07:30"))
    assert (body["kind"], body["party"]) == ("rung_fired", "clock")
    assert body["rung"] == {"deadline": "answer", "since": 1, "rung": "remind", "due_at": due_at}
    assert body["told"] == [["reminder", f"person:{who}", window] for who in ("ann", "arne")]


def test_rungs_missed_by_a_sleeping_clock_fire_late_in_order(house: House) -> None:
    stay = house.open()
    house.clock.at = local("2027-03-01 10:00")
    fired = [house.climb(stay).event for _ in range(3)]
    rungs = [json.loads(event.body)["rung"]["rung"] for event in fired if event]
    assert rungs == ["remind", "escalate_to_head", "hand_over"]
    assert house.case(stay).deadlines[0].next_rung is None


def test_a_missed_deadline_stays_missed_when_answered_late(house: House) -> None:
    stay = house.stay_in("proposed")
    for _ in range(2):
        house.climb(stay, at=local("2026-12-29 10:00"))
    house.take(stay, "approve", by="hedda")
    (row,) = house.rows("deadline")
    assert (row["status"], row["next_rung"], row["acts_at"]) == ("missed", None, None)
    assert row["ended_at"] is not None


def test_work_is_handed_to_the_named_substitute(house: House) -> None:
    stay = house.open()
    house.take(stay, "take", by="arne")
    house.away("arne", substitute="hedda", starts_on=date(2027, 1, 1), ends_on=date(2027, 1, 31))
    for _ in range(3):
        house.climb(stay, at=local("2027-01-07 10:00"))
    assert (house.case(stay).assignee, house.kinds(stay)[-1]) == ("hedda", "rung_fired")


def test_work_is_handed_to_who_has_least_to_do_and_then_to_the_lowest_id(house: House) -> None:
    first, second = house.open(), house.open()
    house.clock.at = local("2027-01-07 10:00")
    for stay in (first, second):
        for _ in range(3):
            house.climb(stay)
    assert [house.case(stay).assignee for stay in (first, second)] == ["ann", "arne"]


def test_work_is_not_handed_to_who_is_away_that_day(house: House) -> None:
    house.away("ann", weekdays="3")
    stay = house.open()
    for _ in range(3):
        house.climb(stay, at=local("2027-01-07 10:00"))
    assert house.case(stay).assignee == "arne"


def test_a_recount_moves_deadlines_after_the_calendar_has_changed(house: House) -> None:
    stay = house.open()
    recount = Request(INSTITUTION, Recount(), "clock", case=stay)
    with refused(house, StaleCase):
        house.send(recount)
    house._organisation("closing_day", unit="a", day=date(2026, 12, 23), name="")
    house.send(recount)
    assert (house.case(stay).deadlines[0].due_on, house.kinds(stay)[-1]) == (date(2026, 12, 29), "deadline_changed")


def test_a_units_own_figure_is_counted_with(house: House) -> None:
    house.settings("x.se", stay__answer_days=10)
    house.settings("a", stay__answer_days=1)
    assert house.case(house.open()).deadlines[0].due_on == date(2026, 12, 22)


def test_only_what_is_the_clocks_is_done_by_the_clock(house: House) -> None:
    stay = house.open()
    with refused(house, NotYourTurn):
        house.send(Request(INSTITUTION, Take("propose", {"note": "x"}), "clock", case=stay))
