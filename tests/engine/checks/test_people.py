"""People: somebody can act, is waited for, and can be told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine import checks
from engine.vocabulary import (
    MISSED,
    HandOver,
    Role,
    Rung,
    Tell,
    Who,
    at,
    remind,
    used,
)
from tests.engine.examples import (
    KEY_LINK,
    loan,
    only_fault,
    with_rung,
    with_state,
    with_transition,
)


def test_an_open_state_has_an_owner() -> None:
    assert only_fault(with_state("lent", owner=None)) == ("state lent: has no owner; name the role that is waited for")


@pytest.mark.parametrize("role", [Role.CLOCK, Role.AUDITOR, Role.ADMIN])
def test_a_state_waits_for_somebody_who_can_act(role: Role) -> None:
    assert only_fault(with_state("lent", owner=role)).startswith(f"state lent: waits for {role}")


def test_a_final_state_has_no_owner() -> None:
    assert only_fault(with_state("refused", owner=Role.HEAD)).startswith("state refused: is final but has an owner")


def test_a_state_may_not_wait_without_deadline_or_reason() -> None:
    assert only_fault(with_state("lent", waits_because=None)).startswith(
        "state lent: no deadline runs in it; declare one, or write in waits_because"
    )


def test_a_deadline_that_rests_does_not_excuse_waiting() -> None:
    workflow = replace(with_state("asked", pauses=("answer",)))
    assert only_fault(workflow).startswith("state asked: no deadline runs in it")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
def test_a_step_is_not_taken_by_who_changes_nothing(role: Role) -> None:
    assert only_fault(with_transition("refuse", by=(role,))) == (
        f"transition refuse: names {role}, a role that changes no case; name another"
    )


def test_a_place_is_a_link_of_the_case() -> None:
    workflow = with_transition("refuse", by=(at("key", Role.HEAD),))
    assert only_fault(workflow) == ("transition refuse: head at key, which is no link; declare it in links")


def test_students_are_held_in_no_unit() -> None:
    workflow = replace(with_state("lent", owner=Who(Role.STUDENT, "key")), links=(KEY_LINK,))
    assert only_fault(workflow).startswith("state lent: student is held in no unit")


def test_the_clock_opens_nothing_by_hand() -> None:
    assert only_fault(loan(opened_by=(Role.CLOCK,))).startswith("opened_by: the clock does nothing")


def test_work_is_handed_to_staff() -> None:
    rung = Rung("pass_on", MISSED, does=HandOver((Role.STUDENT,)))
    assert only_fault(with_rung(rung)).startswith(
        "deadline answer, rung pass_on: hands over to student, who takes no cases"
    )


def test_work_is_handed_to_somebody() -> None:
    assert only_fault(with_rung(Rung("pass_on", MISSED, does=HandOver(())))).startswith(
        "deadline answer, rung pass_on: hands over to nobody"
    )


def test_the_clock_is_told_nothing() -> None:
    assert only_fault(with_transition("refuse", tells=(Tell("thanks", Role.CLOCK),))).startswith(
        "transition refuse: tells the clock"
    )


def test_a_partner_is_told_only_where_one_is_named() -> None:
    workflow = with_rung(remind(used(1), Role.PARTNER))
    assert only_fault(workflow).startswith("deadline answer, rung remind: tells the partner")
    assert checks.problems(replace(workflow, partner=lambda _: None)) == ()


def test_a_student_is_told_only_where_there_is_one() -> None:
    assert only_fault(loan(needs_subject=False)).startswith("transition give_back: tells the student")
