"""Decisions by somebody while absent."""

from __future__ import annotations

from datetime import date

from tests.engine.reports.told import at, lines, refused, review, said
from tests.journeys.office import INSTITUTION, Office


def away(office: Office, person: str, **span: object) -> None:
    with office.house.directory.change(INSTITUTION, by="installation", what="absence") as change:
        change.absence(office.ids[person], **span)  # type: ignore[arg-type]  # each test gives what fits


def test_whoever_is_there_makes_no_line(desk: Office) -> None:
    away(desk, "stat.second", starts_on=date(2027, 1, 11), ends_on=date(2027, 1, 15))
    refused(desk)
    assert lines(desk, "absent") == []


def test_a_finding_by_somebody_on_leave_is_found(office: Office) -> None:
    away(office, "stat.reviewer", starts_on=date(2027, 1, 11), ends_on=date(2027, 1, 15),
         substitute=office.ids["stat.second"])  # fmt: skip
    case = refused(office)
    (line,) = lines(office, "absent")
    assert said(office, line, "by", "step", "substitute", "known") == (
        "stat.reviewer", "Find ineligible", "stat.second", True,
    )  # fmt: skip
    assert (said(office, line, "from", "to"), at(office, line)) == (
        (date(2027, 1, 11), date(2027, 1, 15)), [(case, 3)],
    )  # fmt: skip


def test_an_absence_noted_afterwards_counts_and_says_so(desk: Office) -> None:
    refused(desk)
    desk.move("2027-01-20 09:00")
    away(desk, "admissions", starts_on=date(2027, 1, 11), ends_on=date(2027, 1, 11))
    (line,) = lines(desk, "absent")
    assert said(desk, line, "by", "step", "known") == ("admissions", "Decision entered in NyA", False)


def test_a_day_of_the_weekly_pattern_is_named(desk: Office) -> None:
    away(desk, "stat.reviewer", weekdays=[0])
    refused(desk)
    (line,) = lines(desk, "absent")
    assert said(desk, line, "away") == ["Mondays"]


def test_casework_that_decides_nothing_is_not_looked_at(desk: Office) -> None:
    away(desk, "stat.reviewer", starts_on=date(2027, 1, 11))
    case = review(desk)
    desk.do("stat.reviewer", case, "ask_for_information", {"missing_information": "Betyg"})
    assert lines(desk, "absent") == []
