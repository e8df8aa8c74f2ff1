"""Definitions: looked up without searching, and hashed by behaviour alone."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from engine.definition import define
from engine.errors import WorkflowInvalid
from engine.loading import load
from engine.vocabulary import (
    RECONSIDER,
    Figure,
    Link,
    Migration,
    Role,
    Text,
    Workflow,
    at_most_once,
    used,
)
from tests.engine.examples import (
    ANSWER,
    LOAN,
    MESSAGES,
    SOURCE,
    defined,
    keys,
    loan,
    with_deadline,
    with_state,
    with_transition,
)

HERE = Path(__file__).parent
HASH = defined().hash


def hash_of(source: str, folder: Path) -> str:
    """The hash of a file with this text."""
    path = folder / "loan.py"
    path.write_text(source, encoding="utf-8")
    return load(path).hash


def test_a_step_is_found_by_state_and_trigger() -> None:
    assert defined().steps["asked", "lend"].to == "lent"


def test_a_state_offers_what_leaves_it_and_what_is_recorded_there_in_order() -> None:
    offered = {state: [t.trigger for t in steps] for state, steps in defined().offered.items()}
    assert offered == {
        "asked": ["lend", "refuse", "lapse", "note"],
        "lent": ["note", "give_back"],
        "returned": [RECONSIDER],
        "refused": [],
    }


def test_all_transitions_of_a_trigger_stand_together() -> None:
    again = replace(LOAN.transitions[1], source="lent", to="returned")
    definition = defined(loan(transitions=(*LOAN.transitions, again), rules=()))
    assert [step.to for step in definition.by_trigger["refuse"]] == ["refused", "returned"]


def test_states_and_deadlines_are_found_by_name() -> None:
    definition = defined()
    assert (definition.states["lent"].owner, definition.deadlines["answer"]) == (
        Role.STUDENT,
        ANSWER,
    )


def test_figures_hold_the_workflows_own_and_those_of_deadlines() -> None:
    ladder = (*ANSWER.ladder[:1], replace(ANSWER.ladder[1], at=used(Figure("head_days", 4))))
    workflow = with_deadline(ladder=ladder)
    definition = defined(replace(workflow, figures={"keys": 2, "answer_days": 3}))
    assert definition.figures == {"keys": 2, "answer_days": 3, "head_days": 4}


def test_the_watched_triggers_are_those_of_four_eyes() -> None:
    assert defined().watched == {"note"}


def test_name_and_version_are_those_of_the_file() -> None:
    assert (defined().name, defined().version) == ("loan", 1)


def test_a_definition_cannot_be_changed() -> None:
    definition = defined()
    with pytest.raises(FrozenInstanceError):
        definition.hash = "other"  # type: ignore[misc]  # the refusal is what is tested
    with pytest.raises(TypeError):
        definition.states["asked"] = LOAN.states[1]  # type: ignore[index]  # likewise


def test_a_faulty_workflow_is_not_defined_and_every_fault_is_told() -> None:
    faulty = replace(with_transition("lend", to="moon"), version=0, prefix="no good")
    with pytest.raises(WorkflowInvalid) as caught:
        define(faulty, SOURCE)
    told = [problem.split(":")[0] for problem in caught.value.problems]
    assert told[:3] == ["prefix no good", "version 0", "transition lend"]


# The hash: what keeps it.

KNOWN = "448328ec27bf0077663019b6cb750c8680a46294338aa1d694483b7f17919abf"
"""Of the key, without source. A change of the hash itself strands every open case: see there."""


def test_the_hash_of_a_known_workflow_never_changes() -> None:
    assert define(keys(), "").hash == KNOWN


def test_the_hash_is_sha_256_in_hexadecimal() -> None:
    assert len(HASH) == 64
    assert int(HASH, 16) >= 0


@pytest.mark.parametrize(
    "workflow",
    [
        loan(label=Text("Annat", "Other"), purpose=Text("Annat", "Other")),
        loan(version=2, migrations=(Migration(1, {"asked": "asked"}),)),
        with_transition("lend", label=Text("Ge ut", "Hand out")),
        with_state("asked", label=Text("Ny", "New"), subject_label=Text("Din", "Yours")),
        with_deadline(label=Text("Besked", "Reply")),
        loan(messages=tuple(replace(each, body=Text("Ny", "New")) for each in MESSAGES)),
        loan(states=tuple(reversed(LOAN.states))),
        loan(transitions=tuple(reversed(LOAN.transitions))),
        loan(title=str),
    ],
)
def test_words_order_and_version_keep_the_hash(workflow: Workflow) -> None:
    assert define(workflow, SOURCE).hash == HASH


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"Ändamål saknas", "There is no purpose"', '"Ange ändamål", "State the purpose"'),
        ("    if view.facts.purpose is None:", "    # Why not.\n    if view.facts.purpose is None:"),
        ('"""Tell whether the borrower has said what the key is for."""', '"""Purpose?"""'),
        ('title="Behövs till / Wanted until"', 'title="Till / Until"'),
        ("def has_a_purpose(view: View[LoanFacts, Form]) -> Answer", "def has_a_purpose(view)"),
        ('return f"Loan {view.number}"', 'return f"Key {view.number}"'),
        ("class LoanFacts", "UNUSED = 3\n\n\nclass LoanFacts"),
        ("    return YES\n", "    return (\n        YES\n    )\n"),
    ],
)
def test_words_and_comments_in_the_file_keep_the_hash(old: str, new: str, tmp_path: Path) -> None:
    assert old in SOURCE
    assert hash_of(SOURCE.replace(old, new), tmp_path) == HASH


# The hash: what changes it.


@pytest.mark.parametrize(
    "workflow",
    [
        with_transition("refuse", by=(Role.HEAD,)),
        with_transition("refuse", reason_required=True),
        with_transition("lend", not_by=()),
        with_transition("lend", guards=()),
        with_state("lent", owner=Role.HEAD),
        with_deadline(answers=("lend",)),
        with_deadline(ladder=ANSWER.ladder[:2]),
        loan(figures={"keys": 2}),
        loan(links=(Link("key", "key"),)),
        loan(rules=(*LOAN.rules, at_most_once("lend"))),
        loan(name="loan_of_key"),
        loan(protected=("purpose",)),
    ],
)
def test_behaviour_changes_the_hash(workflow: Workflow) -> None:
    assert define(workflow, SOURCE).hash != HASH


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("if view.facts.purpose is None", 'if view.facts.purpose == ""'),
        ('no("no_purpose"', 'no("purpose_missing"'),
        ('title="Behövs till / Wanted until")', 'default=None, title="Behövs till / Wanted until")'),
        ("    purpose: Line | None = None", "    purpose: str | None = None"),
    ],
)
def test_a_changed_guard_or_model_changes_the_hash(old: str, new: str, tmp_path: Path) -> None:
    assert old in SOURCE
    assert hash_of(SOURCE.replace(old, new), tmp_path) != HASH


GUARDED = SOURCE.replace(
    "def has_a_purpose",
    """LEAST = 3
def enough(text):
    return len(text) >= LEAST
def allows(most):
    def guard(view):
        return YES if enough("abc") and most else no("few", "Få", "Few")
    return guard
def has_a_purpose""",
).replace("guards=(has_a_purpose,)", "guards=(allows(4), lambda view: YES)")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("LEAST = 3", "LEAST = 4"),
        ("len(text) >= LEAST", "len(text) > LEAST"),
        ("allows(4)", "allows(5)"),
        ("lambda view: YES", "lambda view: YES if view else YES"),
    ],
)
def test_what_a_guard_leans_on_changes_the_hash(old: str, new: str, tmp_path: Path) -> None:
    before = hash_of(GUARDED, tmp_path)
    assert hash_of(GUARDED.replace(old, new), tmp_path) != before


def test_the_same_source_in_another_file_has_the_same_hash(tmp_path: Path) -> None:
    assert hash_of(SOURCE, tmp_path) == HASH


@pytest.mark.parametrize("seed", ["0", "1", "4711"])
def test_another_process_finds_the_same_hash(seed: str) -> None:
    code = "from tests.engine.examples import defined; print(defined().hash)"
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=HERE.parent.parent,
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        check=True,
        text=True,
    )
    assert told.stdout.strip() == HASH


def test_another_workflow_has_another_hash() -> None:
    assert defined(keys()).hash != HASH
