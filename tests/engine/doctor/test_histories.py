"""A case that is not what its history says is found, whatever of it was damaged."""

from __future__ import annotations

from typing import Any

from engine.model import Correct
from tests.engine.doctor.wards import Ward


def test_nothing_is_found_of_lives_that_went_their_way(ward: Ward) -> None:
    done = ward.all(deep=True)
    assert done.found == []
    assert done.cases == len(ward.life.house.rows("case_record"))
    assert ward.life.house.rows("finding") == []


def test_nothing_is_found_of_erased_cases(ward: Ward) -> None:
    ward.life.erase(ward.life.stay)
    ward.life.erase(ward.life.report)
    assert ward.all(deep=True).found == []


def test_nothing_is_found_once_facts_were_put_right(ward: Ward) -> None:
    ward.life.house.ask(Correct({"places": 5}, "more of them"), "olle", ward.life.contract)
    assert ward.all(deep=True).found == []


def test_a_version_beyond_the_events_is_found(ward: Ward) -> None:
    stay = ward.life.stay
    events = len(ward.life.house.events(stay))
    ward.change("case_record", {"version": events + 1}, id=stay)
    assert ward.about("gapless") == {"": f"version={events + 1} events={events} last={events}"}


def test_an_event_that_is_gone_is_found(ward: Ward) -> None:
    stay = ward.life.stay
    ward.life.drop("event", case_id=stay, sequence=3)
    assert {("gapless", stay), ("chain", stay)} <= ward.found()
    assert "3" in ward.about("chain")


def test_a_last_event_that_is_gone_is_found(ward: Ward) -> None:
    stay = ward.life.stay
    ward.life.drop("event", case_id=stay, sequence=len(ward.life.house.events(stay)))
    assert {("gapless", stay), ("row", stay)} <= ward.found()


def test_events_that_were_written_over_are_found(ward: Ward) -> None:
    for case, values in (
        (ward.life.contract, {"body": b'{"at":1}'}), (ward.life.stay, {"hash": "0" * 64}),
        (ward.life.report, {"kind": "moved"}),
    ):  # fmt: skip
        ward.change("event", values, case_id=case, sequence=1)
    found = {(each.case, each.about) for each in ward.all().found if each.check == "chain"}
    assert found == {(case, "1") for case in (ward.life.contract, ward.life.stay, ward.life.report)}


def test_a_detail_that_is_gone_is_found(ward: Ward) -> None:
    ward.life.drop("event_detail", case_id=ward.life.contract, sequence=1)
    assert ward.about("chain") == {"1": "the detail is missing and no event says it was erased"}


def test_a_row_that_says_otherwise_than_its_last_event_is_found(ward: Ward) -> None:
    values: dict[str, Any] = {
        "state": "waiting", "head": "0" * 64, "closed_at": 7, "assignee": "bea", "updated_at": 7, "unit": "b",
        "opened_at": 7, "acts": {}, "subject": "nobody",
    }  # fmt: skip
    ward.change("case_record", values, id=ward.life.stay)
    assert set(ward.about("row")) == set(values)


def test_facts_that_no_event_wrote_are_found_and_not_told(ward: Ward) -> None:
    facts = {**ward.life.house.case(ward.life.stay).facts, "note": "Anna Berg is ill"}
    ward.change("case_record", {"facts": facts}, id=ward.life.stay)
    assert ward.about("row") == {"facts": "note"}


def test_columns_that_lists_read_and_that_do_not_follow_are_found(ward: Ward) -> None:
    values = {"entered_at": 7, "due_at": 7, "missed_at": 7, "partner": "p9"}
    ward.change("case_record", values, id=ward.life.contract)
    assert ward.found() == {("derived", ward.life.contract)}
    assert set(ward.about("derived")) == set(values)


def test_only_a_deep_look_finds_a_step_that_was_not_allowed(ward: Ward) -> None:
    ward.life.forge(ward.life.report, 1, role="head")
    assert ("replay", ward.life.report) not in ward.found()
    assert ("replay", ward.life.report) in ward.found(deep=True)


def test_a_quick_look_leaves_open_what_a_deep_one_found(ward: Ward) -> None:
    ward.life.forge(ward.life.report, 1, role="head")
    ward.all(deep=True)
    ward.all()
    assert "replay" in {each.check for each in ward.kept()}


def test_a_row_that_cannot_be_read_stops_itself_alone(ward: Ward) -> None:
    ward.change("deadline", {"status": "odd"}, case_id=ward.life.stay)
    ward.change("case_record", {"version": 99}, id=ward.life.contract)
    assert {("unreadable", ward.life.stay), ("gapless", ward.life.contract)} <= ward.found()


def test_a_case_of_an_unknown_definition_is_named(ward: Ward) -> None:
    ward.change("case_record", {"definition": "lost"}, id=ward.life.stay)
    assert {("row", ward.life.stay), ("unreadable", ward.life.stay)} <= ward.found()


def test_what_is_wrong_with_a_case_is_kept_as_one_finding_however_often_it_is_seen(ward: Ward) -> None:
    ward.change("case_record", {"version": 99}, id=ward.life.contract)
    first, second = ward.all().found, ward.all().found
    assert first == second == sorted(ward.kept(), key=first.index)


def test_looking_changes_nothing_but_the_findings(ward: Ward) -> None:
    ward.change("case_record", {"version": 99}, id=ward.life.contract)
    before = ward.life.house.dump()
    ward.all(deep=True)
    after = ward.life.house.dump()
    assert {name for name in before if before[name] != after[name]} == {"finding"}
