"""Deadlines: they run somewhere, can be met, and fire what can be fired."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine import checks
from engine.vocabulary import (
    MISSED,
    AtOnce,
    Budget,
    Figure,
    Fire,
    OnDay,
    Role,
    Rung,
    Unit,
    before,
    fire,
    remind,
    used,
)
from tests.engine.examples import (
    ANSWER,
    loan,
    only_fault,
    with_deadline,
    with_rung,
    with_state,
    with_step,
    with_transition,
)


def test_a_deadline_runs_in_some_state() -> None:
    extra = replace(ANSWER, name="extra", runs_in=(), answers=(), ladder=())
    assert only_fault(loan(deadlines=(ANSWER, extra))) == ("deadline extra: runs in no state; name those it runs in")


@pytest.mark.parametrize(("state", "why"), [("gone", "which is not declared"), ("refused", "which is final")])
def test_a_deadline_runs_in_open_states(state: str, why: str) -> None:
    assert only_fault(with_deadline(runs_in=("asked", state))).startswith(f"deadline answer: runs in {state}, {why}")


def test_a_deadline_is_answered_by_a_declared_trigger() -> None:
    assert only_fault(with_deadline(answers=("reply",))).startswith("deadline answer, answers reply: is not declared")


def test_a_deadline_is_answered_while_it_runs() -> None:
    assert only_fault(with_deadline(answers=("give_back",))).startswith(
        "deadline answer, answers give_back: no state offers it while the deadline runs"
    )


def test_a_deadline_may_be_answered_where_it_rests() -> None:
    workflow = replace(with_state("lent", pauses=("answer",)))
    answered = replace(workflow, deadlines=(replace(ANSWER, answers=("give_back",)),))
    assert checks.problems(answered) == ()


def test_a_state_pauses_a_declared_deadline() -> None:
    assert only_fault(with_state("lent", pauses=("reply",))).startswith("state lent, pauses reply: is not declared")


@pytest.mark.parametrize("due", [OnDay(lambda _: None), AtOnce(), Budget(2, Unit.WEEKS), Budget(2, Unit.MONTHS)])
def test_only_a_budget_in_days_can_rest(due: Any) -> None:
    workflow = with_state("lent", pauses=("answer",))
    workflow = replace(workflow, deadlines=(replace(ANSWER, due=due, ladder=()),))
    assert only_fault(workflow).startswith("state lent, pauses answer: only a budget in days")


def test_a_final_state_pauses_nothing() -> None:
    assert only_fault(with_state("refused", pauses=("answer",))).startswith(
        "state refused, pauses answer: the state is final"
    )


def test_a_rung_fires_a_declared_trigger() -> None:
    assert only_fault(with_rung(fire(MISSED, "vanish"))).startswith(
        "deadline answer, rung vanish: fires vanish, which is not declared"
    )


def test_a_rung_fires_what_its_states_offer() -> None:
    workflow = with_step("expire", "lent", "returned", by=(Role.CLOCK,))
    workflow = replace(workflow, deadlines=(replace(ANSWER, ladder=(fire(MISSED, "expire"),)),), rules=())
    assert only_fault(workflow).startswith(
        "deadline answer, rung expire: fires expire, which no state it runs in offers"
    )


def test_a_rung_fires_what_the_clock_may_do() -> None:
    assert only_fault(with_rung(fire(MISSED, "refuse"))).startswith(
        "deadline answer, rung refuse: fires refuse, but the clock may not"
    )


def test_the_clock_fills_in_no_fields() -> None:
    by_clock = with_transition("lend", by=(Role.CLOCK, Role.HEAD))
    workflow = replace(by_clock, deadlines=(replace(ANSWER, ladder=(fire(MISSED, "lend"),)),))
    assert only_fault(workflow).startswith("deadline answer, rung lend: fires lend, which asks for wanted_until")


def test_the_clock_writes_no_reason() -> None:
    assert only_fault(with_transition("lapse", reason_required=True)).startswith(
        "deadline answer, rung give_up: fires lapse, which asks for a reason"
    )


@pytest.mark.parametrize(
    ("rung", "why"),
    [
        (Rung("idle", MISSED), "does nothing"),
        (Rung("mute", MISSED, None, (Role.HEAD,), Fire("lapse")), "tells somebody nothing"),
        (Rung("lone", MISSED, "reminder"), "tells nobody"),
    ],
)
def test_a_rung_does_something_to_somebody(rung: Rung, why: str) -> None:
    assert only_fault(with_rung(rung)).startswith(f"deadline answer, rung {rung.name}: {why}")


def test_days_used_are_counted_from_a_budget() -> None:
    workflow = with_deadline(due=OnDay(lambda _: None), ladder=(remind(used(2)),))
    assert only_fault(workflow).startswith("deadline answer, rung remind: counts days used")


def test_nothing_lies_before_what_is_due_at_once() -> None:
    workflow = with_deadline(due=AtOnce(), ladder=(remind(before(2)),))
    assert only_fault(workflow).startswith("deadline answer, rung remind: lies before")


def test_a_count_is_not_negative() -> None:
    assert only_fault(with_deadline(due=Budget(-1, Unit.DAYS))).startswith("deadline answer: counts -1")


def test_a_figure_has_one_default() -> None:
    workflow = with_rung(remind(used(Figure("answer_days", 4))))
    assert only_fault(workflow).startswith("deadline answer: the figure answer_days is 3 here and 4")
    assert checks.problems(loan(figures={"answer_days": 5})) != ()
