"""Notice is given while a student is abroad: whoever is there stays, comes home and gets credits.

Three months' notice, told on 1 October 2027, takes effect on 1 January; the stay runs to 16 January.
"""

from __future__ import annotations

from typing import Any

from tests.journeys import agreements, exchanges
from tests.journeys.office import HIST, Office

SPRING = {"stay_from": "2028-01-17", "stay_to": "2028-06-05", "academic_year": "2027/28"}
WHY = "Partnern lägger ned programmet."


def test_an_open_mobility_runs_on_when_notice_takes_effect(office: Office) -> None:
    agreement = agreements.in_force(office, notice_months=3)
    away = exchanges.abroad(office, agreement, home=HIST)
    waiting = in_line(office, agreement)
    notice(office, agreement, away)
    nobody_new(office, waiting)
    effect(office, agreement, away)
    home_again(office, away)

    assert agreements.holders(office, agreement) == [away]
    office.verify(agreement, away, waiting)


def in_line(office: Office, agreement: str) -> str:
    """Somebody is ranked for the spring."""
    office.move("2027-09-27 10:00")
    case = exchanges.applies(office, agreement, name="Bo", **SPRING)
    exchanges.ranked(office, case)
    possible = {each["trigger"]: each["possible"] for each in office.read(case, "stat.coordinator")["actions"]}
    assert possible["offer"]
    return case


def notice(office: Office, agreement: str, away: str) -> None:
    """Given with a reason; the case of the student abroad is not touched."""
    office.move("2027-10-01 10:00")
    told_on = {"told_on": "2027-10-01"}
    assert office.refused("stat.coordinator", agreement, "terminate", told_on, reason=WHY) == (403, ["not_your_role"])
    before = office.read(away)

    office.do("officer", agreement, "terminate", told_on, reason=WHY)

    assert office.facts(agreement, "notice")["takes_effect_on"] == "2028-01-01"
    assert office.told(agreement) == [("stat.coordinator", "notice_given"), ("stat.head", "notice_given")]
    assert office.due(agreement) == {"notice": "2027-12-31"}
    assert without_actions(office.read(away)) == without_actions(before)


def nobody_new(office: Office, waiting: str) -> None:
    """A stay that would end after the agreement gets no place; the refusal says why."""
    assert office.refused("stat.coordinator", waiting, "offer") == (409, ["agreement_ends_too_early"])
    office.do("stat.coordinator", waiting, "close_without_place")
    assert office.told(waiting) == [("student", "no_place")]


def effect(office: Office, agreement: str, away: str) -> None:
    """The clock ends the agreement on its day; the student is still abroad, on a place that still counts."""
    before = office.read(away)["version"]
    office.move("2028-01-01 00:00")

    ended = office.last(agreement)
    assert (ended["trigger"], ended["to"], ended["party"]) == ("take_effect", "terminated", "clock")
    assert office.told(agreement) == [("officer", "ended"), ("stat.coordinator", "ended")]
    assert (office.state(away), office.read(away)["version"]) == ("abroad", before)
    assert agreements.holders(office, agreement) == [away]


def home_again(office: Office, away: str) -> None:
    """From the return to the closed case, as if nothing had been said."""
    office.move("2028-01-17 10:00")
    office.do("hist.coordinator", away, "confirm_return", {"ended_on": "2028-01-16"})
    exchanges.recognised(office, away, home=HIST)
    exchanges.reported(office, away, home=HIST)
    assert office.state(away) == "completed"


def without_actions(case: dict[str, Any]) -> dict[str, Any]:
    """The case itself, without what somebody may do with it."""
    return {name: value for name, value in case.items() if name != "actions"}
