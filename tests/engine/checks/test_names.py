"""Names: written alike, given once, and leading somewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.vocabulary import (
    Link,
    Migration,
    Related,
    Workflow,
    holds_no_place,
    precedes,
    remind,
    used,
)
from tests.engine.examples import (
    ANSWER,
    KEY_LINK,
    MESSAGES,
    STATES,
    loan,
    only_fault,
    with_deadline,
    with_rung,
    with_step,
)


@pytest.mark.parametrize(
    ("workflow", "where"),
    [
        (with_step("giveBack", "asked", "lent"), "transition giveBack"),
        (with_step("lend__late", "asked", "lent"), "transition lend__late"),
        (with_deadline(name="Answer"), "deadline Answer"),
        (loan(name="Loan"), "workflow Loan"),
        (loan(figures={"Keys": 1}), "figure Keys"),
        (loan(links=(Link("the key", "key"),)), "link the key"),
        (loan(related=(Related("the-key", "key"),)), "related the-key"),
        (with_rung(replace(remind(used(2)), name="1st")), "rung of deadline answer 1st"),
    ],
)
def test_names_are_snake_case(workflow: Workflow, where: str) -> None:
    assert only_fault(replace(workflow, rules=())) == (
        f"{where}: is not snake_case; write small letters, digits and single _"
    )


@pytest.mark.parametrize("prefix", ["", "loan", "L", "TOOLONGPREFIX", "1A"])
def test_a_prefix_is_a_few_capitals(prefix: str) -> None:
    assert only_fault(loan(prefix=prefix)).startswith(f"prefix {prefix}: write 2 to 8 capital")


@pytest.mark.parametrize(
    ("workflow", "told"),
    [
        (loan(states=(*STATES, STATES[3])), "state refused: is declared 2 times"),
        (
            loan(deadlines=(ANSWER, replace(ANSWER, ladder=()))),
            "deadline answer: is declared 2 times",
        ),
        (loan(messages=(*MESSAGES, MESSAGES[2])), "message thanks: is declared 2 times"),
        (
            loan(links=(KEY_LINK,), related=(Related("key", "key"),)),
            "link or related key: is declared 2 times",
        ),
        (with_rung(remind(used(1)), remind(used(2))), "rung of deadline answer remind: is declared 2"),
    ],
)
def test_names_are_given_once(workflow: Workflow, told: str) -> None:
    assert only_fault(workflow).startswith(told)


def test_a_version_is_at_least_one() -> None:
    assert only_fault(loan(version=0)) == "version 0: must be 1 or more"


def test_a_migration_comes_from_an_older_version() -> None:
    workflow = loan(version=2, migrations=(Migration(2, {}),))
    assert only_fault(workflow).startswith("migration from 2: is not from an older version")


def test_a_migration_leads_to_a_declared_state() -> None:
    workflow = loan(version=2, migrations=(Migration(1, {"old": "gone"}),))
    assert only_fault(workflow).startswith("migration from 1: old goes to gone, which is not declared")


def test_a_rule_names_triggers_of_the_workflow() -> None:
    assert only_fault(loan(rules=(precedes("fly", "lend"),))) == (
        "rule Precedes: names the trigger fly, which is not declared"
    )


def test_a_rule_about_places_names_final_states() -> None:
    assert only_fault(loan(rules=(holds_no_place("lent"),))).startswith(
        "rule HoldsNoPlace: names lent, which is no final state"
    )
