"""Checks: a small sound workflow has no faults, and of a broken one all are told."""

from __future__ import annotations

from dataclasses import replace

from engine import checks
from engine.vocabulary import (
    Opens,
    Text,
    never_after,
)
from tests.engine.examples import (
    LOAN,
    held,
    loan,
    only_fault,
    with_transition,
)


def test_the_sound_workflow_has_no_faults() -> None:
    assert checks.problems(LOAN) == ()


def test_a_workflow_that_holds_places_has_no_faults() -> None:
    assert checks.problems(held()) == ()


def test_a_broken_rule_is_told_with_its_path() -> None:
    assert only_fault(loan(rules=(never_after("lend", "give_back"),))) == (
        "rule never_after(lend, give_back): is broken on the path asked --lend--> lent --give_back--> returned"
    )


def test_all_faults_are_told_at_once() -> None:
    workflow = replace(with_transition("lend", to="moon"), version=0, label=Text("", ""))
    where = [problem.split(":")[0] for problem in checks.problems(workflow)]
    assert {"version 0", "transition lend", "label", "state lent"} <= set(where)


def test_opening_another_workflow_is_no_fault_of_this_file() -> None:
    opens = Opens("key", "loan", lambda _: ())
    assert checks.problems(with_transition("lend", opens=(opens,))) == ()
