"""Declarations on conflicts of interest; what is overdue, by unit."""

from __future__ import annotations

from datetime import date

from engine.model import Open, Request
from tests.engine.reports.told import VOUCHED, at, erase, lines, refused, review, said
from tests.journeys.office import INSTITUTION, Office


def test_every_step_that_asks_about_conflicts_is_listed_with_what_was_declared(office: Office) -> None:
    case = refused(office)
    found = lines(office, "conflicts")
    assert [said(office, line, "by", "step", "declared") for line in found] == [
        ("admissions", "Decision entered in NyA", "no conflict"),
        ("stat.reviewer", "Find ineligible", "no conflict"),
    ]
    assert at(office, found[0]) == [(case, 4)]


def test_whoever_finds_in_a_case_about_themselves_is_marked(desk: Office) -> None:
    ask = Open("eligibility_review", "STAT", desk.ids["stat.reviewer"], {"course": "Statistik A"})
    case = desk.house.cases.step(Request(INSTITUTION, ask, "import")).case_id
    desk.do("stat.reviewer", case, "take")
    desk.do("stat.reviewer", case, "find_eligible", VOUCHED)
    (line,) = lines(desk, "conflicts")
    assert said(desk, line, "declared") == "no conflict, but the case is the person’s own"


def test_an_erased_declaration_says_so(desk: Office) -> None:
    case = refused(desk)
    erase(desk, case, 3)
    assert [said(desk, line, "declared") for line in lines(desk, "conflicts")] == ["no conflict", "detail erased"]


def test_what_nobody_has_answered_in_time_is_overdue(office: Office) -> None:
    case = review(office)
    review(office, "Mia")
    office.move("2027-01-18 09:00")
    found = lines(office, "overdue", workflow="eligibility_review")
    assert [said(office, line, "unit", "deadline", "due_on", "working_days", "who") for line in found] == [
        ("STAT", "Answer to admissions", date(2027, 1, 14), 2, "stat.reviewer")
    ] * 2
    assert at(office, found[0]) == [(case, 1)]


def test_what_is_answered_or_not_due_yet_is_not_overdue(desk: Office) -> None:
    refused(desk)
    review(desk, "Mia")
    assert lines(desk, "overdue") == []


def test_the_period_is_about_the_last_day(desk: Office) -> None:
    review(desk)
    desk.move("2027-01-18 09:00")
    last = date(2027, 1, 14)
    assert len(lines(desk, "overdue", since=last, until=last)) == 1
    assert lines(desk, "overdue", since=date(2027, 1, 15)) == []
    assert lines(desk, "overdue", until=date(2027, 1, 13)) == []
