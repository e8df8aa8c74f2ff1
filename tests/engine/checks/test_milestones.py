"""Milestones: each can be waited for, can be there, and comes from somebody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine import checks
from engine.definition import define
from engine.vocabulary import Milestone, Related, Role, Text, Who, Workflow
from tests.engine.examples import KEY_LINK, LOAN, SOURCE, WORDS, keys, loan, only_fault
from tests.engine.test_crossings import faults, together

ANSWER = Milestone("answer", Text("Svar", "Answer"), Role.COORDINATOR, deadlines=("answer",), done_in=("lent",))
ALONG = Milestone("key", WORDS, link="key", waits_in=("asked",), given_in=("in_box",))


def with_milestone(**changes: Any) -> Workflow:
    """The loan with one milestone."""
    return loan(milestones=(replace(ANSWER, **changes),))


def along(**changes: Any) -> Workflow:
    """The loan of a key, with a milestone about the key's own case."""
    return loan(links=(KEY_LINK,), milestones=(replace(ALONG, **changes),))


def test_a_milestone_that_is_whole_loads() -> None:
    assert checks.problems(with_milestone()) == ()
    assert checks.problems(along()) == ()


FAULTS: dict[str, tuple[Workflow, str]] = {
    "a fact that is none": (with_milestone(fact="colour"), "colour is not a fact; name a field of LoanFacts"),
    "no such deadline": (with_milestone(waits_in=("asked",), deadlines=("late",)), "names the deadline late"),
    "no such link": (with_milestone(by=None, link="door", given_in=("open",)), "looks along door"),
    "no such state waited in": (with_milestone(waits_in=("gone",)), "names the state gone, which is not declared"),
    "no such state done in": (with_milestone(done_in=("gone",)), "names the state gone, which is not declared"),
    "never waited for": (with_milestone(deadlines=()), "is never waited for"),
    "waited for at the end": (with_milestone(waits_in=("refused",)), "is waited for in refused, which is final"),
    "done and waited for": (with_milestone(waits_in=("lent",)), "is both done and waited for in lent"),
    "never there": (with_milestone(done_in=()), "is never there"),
    "from nobody": (with_milestone(by=None), "comes from nobody"),
    "from the clock": (with_milestone(by=Role.CLOCK), "comes from clock, who does no casework"),
    "from no unit": (with_milestone(by=Who(Role.HEAD, "door")), "head at door, which is no link"),
    "from no partner": (with_milestone(by=Role.PARTNER), "comes from the partner; declare in partner=…"),
    "a link and no states of it": (along(given_in=()), "link and given_in go together"),
    "a link and somebody": (along(by=Role.HEAD), "leave by out"),
    "blank in English": (with_milestone(label=Text("Svar", " ")), "is blank in English"),
    "a name of another spelling": (with_milestone(name="The answer"), "is not snake_case"),
    "found by the subject": (
        loan(
            related=(Related("others", "loan"),),
            milestones=(replace(ALONG, link="others"),),
        ),
        "looks along others, which finds cases by their subject",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_milestone_that_cannot_be_does_not_load(name: str) -> None:
    workflow, told = FAULTS[name]
    fault = only_fault(workflow)
    assert fault.startswith("milestone ")
    assert told in fault


def test_a_name_is_given_once() -> None:
    assert only_fault(loan(milestones=(ANSWER, ANSWER))).startswith("milestone answer: is declared 2 times")


def test_a_message_does_not_bear_the_name_of_one_of_the_house() -> None:
    message = replace(LOAN.messages[0], name="comment")
    assert only_fault(loan(messages=(*LOAN.messages, message))).startswith("message comment: bears the name")


def test_the_states_of_the_other_case_are_there() -> None:
    assert faults(along(given_in=("on_hook", "in_box")), keys()) == (
        "milestone key: key has no state on_hook; name one of its states in given_in",
    )
    together(along(), keys())


def test_milestones_bear_on_no_open_case() -> None:
    assert define(with_milestone(), SOURCE).hash == define(LOAN, SOURCE).hash
