"""Assignees, corrections, comments and links."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from engine.canonical import micros
from engine.errors import BadFields, GuardRefused, NotYourTurn, Refused
from engine.model import Assign, Comment, Correct, Tie
from tests.engine.house import NOBODYS, House, local, open_house, refused


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as made:
        yield made


# Assignees.


def test_a_step_may_make_who_takes_it_the_assignee_and_give_back(house: House) -> None:
    stay = house.open()
    house.take(stay, "take", by="arne")
    assert (house.case(stay).assignee, house.bodies(stay)[-1]["assignee"]) == ("arne", "arne")
    house.take(stay, "release")
    assert (house.case(stay).assignee, house.bodies(stay)[-1]["assignee"]) == (None, None)


def test_somebody_is_made_the_assignee_and_nobody_again(house: House) -> None:
    stay = house.open()
    house.ask(Assign("arne"), "ann", stay)
    assert (house.case(stay).assignee, house.kinds(stay)[-1]) == ("arne", "assigned")
    house.ask(Assign(None), "ann", stay)
    assert (house.case(stay).assignee, house.bodies(stay)[-1]["assignee"]) == (None, None)


@pytest.mark.parametrize("person", ["bea", "ada", "nobody"])
def test_only_those_with_casework_in_the_unit_are_made_assignee(house: House, person: str) -> None:
    stay = house.open()
    with refused(house, BadFields, "field:person"):
        house.ask(Assign(person), "ann", stay)


def test_a_finished_case_is_nobodys_task(house: House) -> None:
    stay = house.open()
    house.take(stay, "withdraw")
    with refused(house, GuardRefused, "final"):
        house.ask(Assign("ann"), "ann", stay)


def test_who_does_not_work_before_the_due_day_is_replaced_by_the_substitute(house: House) -> None:
    house.away("arne", substitute="ann", starts_on=date(2026, 12, 18), ends_on=date(2027, 1, 10))
    stay = house.open()
    house.ask(Assign("arne"), "ann", stay)
    assert (house.case(stay).assignee, house.bodies(stay)[-1]["assignee"]) == ("ann", "ann")


def test_who_works_one_day_before_it_is_due_keeps_the_task(house: House) -> None:
    house.away("arne", substitute="ann", weekdays="0,2,3,4")
    stay = house.open()
    house.take(stay, "take", by="arne")
    assert house.case(stay).assignee == "arne"


def test_a_weekly_pattern_without_a_day_left_gives_the_task_to_the_substitute(house: House) -> None:
    house.away("arne", substitute="ann", weekdays="0,1,2,3")
    stay = house.open()
    house.take(stay, "take", by="arne")
    assert house.case(stay).assignee == "ann"


# Corrections, comments, links.


def test_a_correction_changes_facts_and_keeps_its_reason(house: House) -> None:
    stay = house.open(note="wrong")
    done = house.ask(Correct({"note": "right", "rank": 0}, "misread"), "olle", stay)
    assert (house.case(stay).facts["note"], house.kinds(stay)[-1]) == ("right", "corrected")
    assert house.detail(stay, done.sequence) == {
        "fields": {"note": "right", "rank": 0},
        "changes": {"note": "right"},
        "reason": "misread",
    }


def test_a_decimal_may_be_corrected_by_a_number_with_a_point(house: House) -> None:
    stay = house.open()
    house.ask(Correct({"credits": 7.5}, "half a course"), "olle", stay)
    assert house.case(stay).facts["credits"] == "7.5"


def test_a_correction_of_a_finished_case_is_possible_and_keeps_it_finished(house: House) -> None:
    stay = house.open()
    house.take(stay, "withdraw")
    house.ask(Correct({"note": "late"}, "found later"), "olle", stay)
    assert (house.case(stay).state, house.case(stay).deadlines) == ("withdrawn", ())


CORRECTIONS: dict[str, tuple[Correct, str, type[Refused], str]] = {
    "by somebody else": (Correct({"note": "x"}, "why"), "ann", NotYourTurn, "not_your_role"),
    "without a reason": (Correct({"note": "x"}, " "), "olle", BadFields, "reason_required"),
    "of nothing": (Correct({}, "why"), "olle", BadFields, "field:facts"),
    "of a protected fact": (Correct({"reports": 1}, "why"), "olle", BadFields, "field:facts.reports"),
    "of no fact": (Correct({"nonsense": 1}, "why"), "olle", BadFields, "field:nonsense"),
    "to a wrong value": (Correct({"semesters": "many"}, "why"), "olle", BadFields, "field:semesters"),
}


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_correction_that_cannot_be_is_refused(house: House, name: str) -> None:
    asked, by, error, code = CORRECTIONS[name]
    stay = house.open()
    with refused(house, error, code):
        house.ask(asked, by, stay)


def test_a_corrected_date_moves_the_deadline_that_hangs_on_it(house: House) -> None:
    stay = house.stay_in("away", house.contract(), starts_on="2027-08-30")
    house.ask(Correct({"starts_on": "2027-09-06"}, "later"), "olle", stay)
    (row,) = house.case(stay).deadlines
    assert (row.due_on, row.next_rung, row.acts_at) == (
        date(2027, 9, 6),
        "remind",
        micros(local("2027-08-30 00:00")),
    )
    assert [d["due_on"] for d in house.bodies(stay)[-1]["deadlines"]] == ["2027-09-06"]


def test_a_date_taken_away_stops_the_deadline_and_one_given_starts_it(house: House) -> None:
    stay = house.stay_in("away", house.contract(), starts_on="2027-08-30")
    house.ask(Correct({"starts_on": None}, "open"), "olle", stay)
    assert house.case(stay).deadlines == ()
    assert house.bodies(stay)[-1]["deadlines"][0]["status"] == "stopped"
    house.ask(Correct({"starts_on": "2027-09-06"}, "fixed"), "olle", stay)
    assert [row.name for row in house.case(stay).deadlines] == ["start"]


def test_a_comment_needs_no_version_and_changes_no_state(house: House) -> None:
    stay = house.open()
    done = house.ask(Comment("hello"), "hedda", stay)
    assert (house.kinds(stay)[-1], house.detail(stay, done.sequence)) == ("commented", {"text": "hello"})
    with refused(house, NotYourTurn):
        house.ask(Comment("hello"), "ada", stay)


def test_a_link_is_made_and_then_replaced(house: House) -> None:
    stay, one, two = house.open(), house.contract(), house.contract()
    house.ask(Tie("contract", one), "olle", stay)
    house.ask(Tie("contract", two), "olle", stay)
    assert house.case(stay).links == (("contract", two),)
    body = house.bodies(stay)[-1]
    assert (body["linked"], body["unlinked"]) == ([["contract", two]], [["contract", one]])


def test_a_new_link_gives_a_new_title(house: House) -> None:
    stay, old, new = house.open(), house.contract(name="Old"), house.contract(name="New")
    house.ask(Tie("contract", old), "olle", stay)
    assert house.case(stay).title == "Stay 2027/2028 Old"
    house.ask(Tie("successor", new), "olle", old)
    house.take(old, "carry_over", by="olle")
    assert house.case(stay).title == "Stay 2027/2028 New"


def test_a_link_is_not_changed_while_a_place_is_held_under_it(house: House) -> None:
    stay, other = house.stay_in("away", house.contract()), house.contract()
    with refused(house, GuardRefused, "holds_place"):
        house.ask(Tie("contract", other), "olle", stay)


def test_a_link_to_what_one_may_not_see_or_to_itself_is_refused(house: House) -> None:
    stay, hidden = house.open(), house.contract(unit="b")
    for target in (hidden, NOBODYS, stay):
        with refused(house, BadFields, "field:case"):
            house.ask(Tie("contract", target), "ann", stay)


def test_a_link_that_is_not_declared_is_refused(house: House) -> None:
    stay, contract = house.open(), house.contract()
    with refused(house, BadFields, "field:links.friend"):
        house.ask(Tie("friend", contract), "ann", stay)
