"""The graph: every state can be reached, every case can end, and an end is an end."""

from __future__ import annotations

from dataclasses import replace

from engine import checks
from engine.vocabulary import (
    RECONSIDER,
    RECORDED,
    Role,
    State,
    Transition,
    final,
)
from tests.engine.examples import (
    STATES,
    TRANSITIONS,
    WORDS,
    loan,
    only_fault,
    with_state,
    with_step,
    with_transition,
)


def test_the_start_is_declared() -> None:
    found = checks.problems(loan(initial="begun"))
    assert found[0].startswith("initial: names begun, which is not declared")


def test_the_start_is_not_an_end() -> None:
    found = checks.problems(loan(initial="refused"))
    assert found[0].startswith("initial: refused is final")


def test_an_import_begins_in_declared_states() -> None:
    assert only_fault(loan(registers_in=("begun",))).startswith("registers_in: names begun")


def test_a_transition_leaves_a_declared_state() -> None:
    assert only_fault(with_step("find", "gone", "lent")).startswith(
        "transition find: leaves gone, which is not declared"
    )


def test_a_transition_leads_to_a_declared_state() -> None:
    assert only_fault(with_step("drop", "lent", "gone")).startswith(
        "transition drop: leads to gone, which is not declared"
    )


def test_a_transition_leaves_some_state() -> None:
    assert only_fault(with_step("drop", (), "refused")) == ("transition drop: leaves no state; name its source")


def test_a_transition_names_a_source_once() -> None:
    found = checks.problems(with_step("hint", ("lent", "lent"), RECORDED))
    assert found[0] == "transition hint: names the source lent 2 times; once is enough"


def test_one_trigger_leads_to_one_place_from_a_state() -> None:
    assert only_fault(with_step("refuse", "asked", "lent", by=(Role.HEAD,))).startswith(
        "transition refuse: leaves asked in 2 ways"
    )


def test_an_unreachable_state_is_told() -> None:
    assert only_fault(loan(states=(*STATES, final("burnt", "Bränd", "Burnt")))).startswith(
        "state burnt: cannot be reached from asked"
    )


def test_reconsider_does_not_make_a_state_reachable() -> None:
    only_way = replace(TRANSITIONS[0], to="refused")
    found = checks.problems(loan(transitions=(only_way, *TRANSITIONS[1:]), rules=()))
    assert "state lent: cannot be reached from asked; add a transition to it or take it out" in found


def test_a_dead_end_is_told() -> None:
    stuck = State("stuck", WORDS, Role.HEAD, waits_because=WORDS)
    workflow = replace(with_step("jam", "lent", "stuck"), states=(*STATES, stuck), rules=())
    assert only_fault(workflow).startswith("state stuck: is a dead end")


def test_a_state_left_only_by_what_is_recorded_is_a_dead_end() -> None:
    workflow = loan(transitions=tuple(t for t in TRANSITIONS if t.trigger != "give_back"), rules=())
    told = [problem for problem in checks.problems(workflow) if "lent" in problem]
    assert told[0].startswith("state lent: is a dead end")


def test_two_states_that_lead_only_to_each_other_have_no_end() -> None:
    rings = tuple(State(name, WORDS, Role.HEAD, waits_because=WORDS) for name in ("left", "right"))
    steps = (
        Transition("drift", WORDS, "asked", "left", (Role.HEAD,)),
        Transition("swing", WORDS, "left", "right", (Role.HEAD,)),
        Transition("sway", WORDS, "right", "left", (Role.HEAD,)),
    )
    workflow = loan(states=(*STATES, *rings), transitions=(*TRANSITIONS, *steps))
    assert [problem.split(";")[0] for problem in checks.problems(workflow)] == [
        "state left: no end can be reached from it",
        "state right: no end can be reached from it",
    ]


def test_a_workflow_without_an_end_is_told() -> None:
    ring = (replace(STATES[0]), replace(STATES[1]))
    steps = (TRANSITIONS[0], Transition("again", WORDS, "lent", "asked", (Role.HEAD,)))
    workflow = loan(states=ring, transitions=steps, rules=(), deadlines=())
    assert "states: none is final; declare where a case ends with final(…)" in checks.problems(workflow)


def test_a_final_state_is_not_left() -> None:
    assert only_fault(with_step("relent", "refused", "asked")).startswith(
        "transition relent: leaves refused, which is final; only reconsider may"
    )


def test_nothing_is_recorded_in_a_final_state() -> None:
    assert only_fault(with_step("regret", "refused", RECORDED)).startswith(
        "transition regret: is recorded in refused, which is final"
    )


def test_a_state_that_reopens_has_a_reconsider() -> None:
    workflow = loan(transitions=TRANSITIONS[:-1])
    assert only_fault(workflow) == ("state returned: has reopens_to; declare a transition reconsider from it")


def test_reopens_to_names_a_declared_state() -> None:
    workflow = replace(with_state("returned", reopens_to="gone"), transitions=TRANSITIONS[:-1])
    assert checks.problems(workflow)[0].startswith("state returned: reopens_to gone, which is not declared")


def test_reopens_to_names_an_open_state() -> None:
    workflow = with_state("returned", reopens_to="refused")
    assert checks.problems(workflow)[0].startswith("state returned: reopens_to refused, which is final")


def test_an_open_state_does_not_reopen() -> None:
    assert checks.problems(with_state("lent", reopens_to="asked"))[0].startswith(
        "state lent: has reopens_to but is not final"
    )


def test_reconsider_leads_where_its_state_reopens_to() -> None:
    assert only_fault(with_transition(RECONSIDER, to="asked")).startswith(
        "transition reconsider: leads from returned to asked, but it reopens to lent"
    )


def test_reconsider_needs_a_state_that_reopens() -> None:
    assert only_fault(with_state("returned", reopens_to=None)).startswith(
        "transition reconsider: leaves returned; give that state reopens_to"
    )


def test_reconsider_leaves_only_final_states() -> None:
    workflow = with_transition(RECONSIDER, source=("returned", "asked"))
    assert only_fault(workflow).startswith("transition reconsider: leaves asked, which is not final")
