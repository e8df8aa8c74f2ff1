"""Deadlines that are not what the history says, rungs that fire twice, late, or in a closed case, are found."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.engine.doctor.wards import Ward, now_of

DAYS = 86_400_000_000


def a_rung(ward: Ward) -> dict[str, Any]:
    """The rung that fired first in the stay, as its event tells of it."""
    return next(body["rung"] for body in ward.life.house.bodies(ward.life.stay) if body.get("rung"))


def open_anew(ward: Ward) -> str:
    """A stay with a deadline whose next rung lies ahead."""
    return ward.life.house.open(links={"contract": ward.life.contract})


@pytest.mark.parametrize(
    ("column", "value"), [("acts_at", 7), ("next_rung", "odd"), ("due_at", 7), ("status", "met"), ("ended_at", 7)]
)
def test_a_deadline_that_says_otherwise_than_the_history_is_found(ward: Ward, column: str, value: Any) -> None:
    case = open_anew(ward)
    ward.change("deadline", {column: value}, case_id=case, name="answer")
    assert list(ward.about("deadline")) == ["answer 1"]
    assert f"{column}={value} history=" in ward.about("deadline")["answer 1"]


def test_a_deadline_that_is_gone_is_found(ward: Ward) -> None:
    case = open_anew(ward)
    ward.life.drop("deadline", case_id=case, name="answer")
    assert ward.about("deadline") == {"answer 1": "its row is missing"}


def test_a_deadline_that_no_event_started_is_found_and_so_is_an_open_one_of_a_closed_case(ward: Ward) -> None:
    ward.life.post.put(
        "deadline", case_id=ward.life.report, name="odd", since=1, status="running", started_at=1, ledger=[], fired=[]
    )
    assert ward.about("deadline") == {"odd 1": "no event speaks of it"}
    assert ward.about("deadline_over") == {"odd 1": "status=running"}


def test_a_next_rung_without_its_instant_is_found_where_the_history_was_forged_to_match(ward: Ward) -> None:
    case = open_anew(ward)
    (body,) = ward.life.house.bodies(case)
    ward.life.forge(case, 1, deadlines=[{**row, "acts_at": None} for row in body["deadlines"]])
    ward.change("deadline", {"acts_at": None}, case_id=case)
    assert "acts_at=None" in ward.about("deadline")["answer 1"]


def test_a_rung_that_fired_twice_is_found(ward: Ward) -> None:
    rung = a_rung(ward)
    last = len(ward.life.house.events(ward.life.stay))
    ward.life.forge(ward.life.stay, last, rung=rung)
    assert ward.about("rung_twice") == {f"{rung['deadline']} {rung['since']} {rung['rung']}": "events=2 noted=1"}


def test_a_rung_that_is_noted_twice_is_found(ward: Ward) -> None:
    (row,) = ward.life.house.rows("deadline", case_id=ward.life.stay, name="answer", since=1)
    ward.change("deadline", {"fired": [*row["fired"], row["fired"][0]]}, case_id=ward.life.stay, name="answer", since=1)
    assert [*ward.about("rung_twice").values()] == ["events=1 noted=2"]


def test_a_rung_that_is_due_and_does_not_fire_is_found_while_workers_live(ward: Ward) -> None:
    case = open_anew(ward)
    ward.life.house.clock.at += timedelta(days=30)
    ward.watch(timedelta(minutes=30))
    assert ("rung_late", case) in ward.found()


def test_nothing_is_late_where_no_worker_has_lived_long_enough(ward: Ward) -> None:
    open_anew(ward)
    ward.life.house.clock.at += timedelta(days=30)
    assert ward.found() == set()
    ward.watch(timedelta(minutes=10))
    assert ward.found() == set()


def test_nothing_is_late_after_a_night_in_which_everything_was_down(ward: Ward) -> None:
    ward.watch(timedelta(hours=2))
    open_anew(ward)
    ward.life.house.clock.at += timedelta(days=30)
    ward.wall.at += timedelta(hours=9)
    ward.watch(timedelta())
    assert ward.found() == set()


def test_what_was_written_with_an_instant_long_past_is_not_late_at_once(ward: Ward) -> None:
    ward.watch(timedelta(hours=2))
    case = open_anew(ward)
    ward.change("deadline", {"acts_at": now_of(ward) - DAYS}, case_id=case)
    assert "rung_late" not in {check for check, _ in ward.found()}
