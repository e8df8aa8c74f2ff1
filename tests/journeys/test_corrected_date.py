"""A date was wrong: put right, with a reason, it moves the deadline that hangs on it and nothing that has happened."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys import agreements, exchanges
from tests.journeys.office import Office

WHY = "Partnern har gett oss till den 3 maj."


@pytest.fixture
def waiting(office: Office) -> str:
    """An exchange that waits to be nominated by 15 April; reminded once already, on 23 March."""
    case = exchanges.applies(office, agreements.in_force(office))
    exchanges.ranked(office, case)
    office.do("stat.coordinator", case, "offer")
    office.do("stat.coordinator", case, "accept_place", on_behalf_of="student")
    office.move("2027-03-30 10:00")
    assert nomination_rungs(office, case) == [("remind", "2027-03-23 00:00")]
    assert office.deadline(case, "nomination")["due_on"] == "2027-04-15"
    return case


def correct(office: Office, who: str, case: str, facts: dict[str, Any], reason: str = WHY) -> tuple[int, Any]:
    """Put facts right: the status, and the answer."""
    match = f'"{office.read(case)["version"]}"'
    answer = office.post(who, f"/cases/{case}/corrections", {"facts": facts, "reason": reason}, if_match=match)
    return answer.status_code, answer.json()


def nomination_rungs(office: Office, case: str) -> list[tuple[str, str]]:
    """The rungs of the nomination that have fired, and when."""
    return [(rung, when) for name, rung, when in office.rungs(case) if name == "nomination"]


def test_a_later_date_moves_what_has_not_fired_and_repeats_nothing(office: Office, waiting: str) -> None:
    status, said = correct(office, "stat.coordinator", waiting, {"nomination_by": "2027-05-03"})

    assert (status, said["event"]["kind"], said["event"]["detail"]["reason"]) == (200, "corrected", WHY)
    assert (said["event"]["from"], said["event"]["to"]) == ("place_accepted", "place_accepted")
    moved = office.deadline(waiting, "nomination")
    assert (moved["due_on"], moved["status"], moved["next_rung"]["name"]) == ("2027-05-03", "running", "remind_again")

    office.move("2027-05-03 12:00")
    assert nomination_rungs(office, waiting) == [
        ("remind", "2027-03-23 00:00"),
        ("remind_again", "2027-04-26 00:00"),
        ("escalate_to_officer", "2027-04-29 00:00"),
    ]
    office.do("stat.coordinator", waiting, "nominate")
    office.verify(waiting)


def test_an_earlier_date_fires_late_what_now_lies_behind_and_is_missed_on_its_day(
    office: Office, waiting: str
) -> None:
    correct(office, "stat.coordinator", waiting, {"nomination_by": "2027-03-31"})
    assert office.deadline(waiting, "nomination")["next_rung"]["name"] == "remind_again"

    office.move("2027-04-01 00:00")

    assert nomination_rungs(office, waiting) == [
        ("remind", "2027-03-23 00:00"),
        ("remind_again", "2027-03-22 00:00"),
        ("escalate_to_officer", "2027-03-25 00:00"),
        ("missed", "2027-04-01 00:00"),
    ]
    assert office.deadline(waiting, "nomination")["status"] == "missed"
    overdue = office.get("officer", "/cases?overdue=true").json()["items"]
    assert [each["id"] for each in overdue] == [waiting]
    office.verify(waiting)


def test_past_the_corrected_date_nobody_is_nominated(office: Office, waiting: str) -> None:
    correct(office, "stat.coordinator", waiting, {"nomination_by": "2027-03-29"})

    refused = office.refused("stat.coordinator", waiting, "nominate")

    assert refused == (409, ["nomination_closed"])
    correct(office, "stat.coordinator", waiting, {"nomination_by": "2027-05-03"})
    office.do("stat.coordinator", waiting, "nominate")
    office.verify(waiting)


def test_the_wrong_date_can_still_be_read_as_of_then(desk: Office) -> None:
    case = exchanges.applies(desk, agreements.in_force(desk), call_closes_on="2027-02-01")
    before = desk.read(case)

    correct(desk, "stat.coordinator", case, {"call_closes_on": "2027-02-08"})

    assert desk.due(case) == {"application": "2027-02-22"}
    was = desk.get("auditor", f"/cases/{case}?at={before['version']}").json()
    assert (was["facts"]["call_closes_on"], was["deadlines"][0]["due_on"]) == ("2027-02-01", "2027-02-15")
    desk.verify(case)
