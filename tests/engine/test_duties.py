"""What is in my role: everything the processes of today ask of it, and nothing else."""

from __future__ import annotations

import pytest

from engine.duties import Duties, duties
from engine.vocabulary import Role, Text
from tests.engine.agreements_by_hand import real_catalogue
from tests.engine.house import CATALOGUE


def of(role: Role, workflow: str = "stay") -> Duties:
    return next(each for each in duties(CATALOGUE, role) if each.workflow == workflow)


def test_a_role_is_told_the_states_that_wait_for_it_and_by_which_steps() -> None:
    (proposed,) = of(Role.HEAD).states
    assert (proposed.name, proposed.where) == ("proposed", None)
    assert [each.en for each in proposed.waits_for] == ["approve in English", "send back in English"]


def test_a_state_that_may_wait_says_why() -> None:
    waiting = next(each for each in of(Role.OFFICER).states if each.name == "waiting")
    assert waiting.waits_because is not None


def test_steps_come_in_the_order_of_the_process_and_once() -> None:
    steps = [each.trigger for each in of(Role.HEAD).steps]
    assert steps == ["lock", "approve", "send_back", "reconsider"]


def test_a_step_says_from_where_to_where_and_what_it_asks_for() -> None:
    steps = {each.trigger: each for each in of(Role.HEAD).steps}
    approve, back, lock = steps["approve"], steps["send_back"], steps["lock"]
    assert [each.en for each in approve.sources] == ["proposed in English"]
    assert approve.target == Text("waiting på svenska", "waiting in English")
    assert [each.en for each in approve.four_eyes] == ["propose in English"]
    assert [each.said.text.en for each in approve.conditions] == ["Locked"]
    assert (back.reason_required, approve.reason_required) == (True, False)
    assert lock.target is None


def test_a_role_is_told_the_deadlines_it_answers_and_those_it_hears_of() -> None:
    (answer,) = of(Role.HEAD).deadlines
    assert (answer.due.text.sv, [each.en for each in answer.answers]) == ("3 arbetsdagar", ["approve in English"])
    # The head owns a state the deadline runs in, so reminders to whoever has the case count too.
    assert [each.en.split(" ")[0] for each in answer.told] == ["after", "when", "after"]


def test_who_may_open_a_case_is_told_so() -> None:
    assert of(Role.COORDINATOR).opens
    assert not of(Role.HEAD).opens


def test_a_process_in_which_a_role_has_nothing_is_left_out() -> None:
    assert duties(CATALOGUE, Role.AUDITOR) == ()
    assert [each.workflow for each in duties(CATALOGUE, Role.OFFICER)] == ["contract", "stay"]


@pytest.mark.parametrize("role", list(Role))
def test_every_step_of_a_role_in_the_real_processes_is_there_once(role: Role) -> None:
    told = {each.workflow: [step.trigger for step in each.steps] for each in duties(real_catalogue(), role)}
    for name in real_catalogue().names:
        steps = real_catalogue().current(name).workflow.transitions
        mine = [step.trigger for step in steps if any(who.role is role for who in step.who)]
        assert sorted(told.get(name, [])) == sorted(mine)


def test_who_signs_is_told_that_it_takes_a_declaration() -> None:
    agreements = next(each for each in duties(real_catalogue(), Role.SIGNATORY) if each.workflow == "agreement")
    assert [(each.trigger, each.declares_no_conflict) for each in agreements.steps] == [("sign_home", True)]
