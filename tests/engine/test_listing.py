"""What a list says of a case: its state, what is owed first, for whom it waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine.listing import line_of, open_due
from engine.model import Case, DeadlineRow, Status
from engine.vocabulary import Role
from tests.service.office import catalogue

CATALOGUE = catalogue()
REVIEW = CATALOGUE.current("eligibility_review")
CASE = Case(
    institution="umu.se", id="c", number="REV-2027-0001", workflow="eligibility_review", definition=REVIEW.hash,
    state="requested", unit="STAT", assignee=None, subject=None, title="", search="", facts={}, acts={}, version=1,
    head="", opened_at=0, updated_at=0, closed_at=None,
)  # fmt: skip
ANSWER = DeadlineRow("answer", 1, Status.RUNNING, 0, due_on=date(2027, 1, 14), due_at=5)
BY_DAY = DeadlineRow("answer_by", 1, Status.RUNNING, 0, due_on=date(2027, 1, 13), due_at=4)


def test_the_soonest_deadline_stands_in_the_line() -> None:
    line = line_of(CATALOGUE, replace(CASE, deadlines=(ANSWER, BY_DAY)))

    assert line.due_on == date(2027, 1, 13)
    assert line.deadline == REVIEW.deadlines["answer_by"].label


def test_what_has_ended_or_has_no_day_is_not_owed() -> None:
    ended = replace(BY_DAY, status=Status.MET, ended_at=9)
    resting = replace(ANSWER, status=Status.PAUSED, due_on=None, due_at=None)

    assert open_due(REVIEW, replace(CASE, deadlines=(ended, resting))) == ()
    assert line_of(CATALOGUE, replace(CASE, deadlines=(ended, resting))).deadline is None


def test_a_missed_deadline_makes_the_case_overdue_until_it_is_answered() -> None:
    missed = replace(ANSWER, status=Status.MISSED)

    assert line_of(CATALOGUE, replace(CASE, deadlines=(missed,))).overdue
    assert not line_of(CATALOGUE, replace(CASE, deadlines=(replace(missed, ended_at=9),))).overdue


def test_it_waits_for_the_role_that_owns_its_state_and_for_nobody_in_the_end() -> None:
    opened, closed = line_of(CATALOGUE, CASE), line_of(CATALOGUE, replace(CASE, state="decided"))

    assert opened.waits_for is not None
    assert (opened.waits_for.role, opened.final) == (Role.REVIEWER, False)
    assert (closed.waits_for, closed.final) == (None, True)


def test_a_deadline_the_definition_does_not_know_is_passed_over() -> None:
    assert open_due(REVIEW, replace(CASE, deadlines=(replace(ANSWER, name="gone"),))) == ()
