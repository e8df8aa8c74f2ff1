"""The state machine: the library and the compiled table say the same, and tame things stay tame."""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import machine
from engine.errors import WorkflowInvalid
from engine.vocabulary import RECONSIDER, RECORDED, Role, State, Text, Transition, Workflow
from tests.engine.examples import LOAN, loan, with_transition

WORDS = Text("Ord", "Words")
NAMES = tuple("abcdef")
TRIGGERS = ("go", "turn", "stay", RECONSIDER)


@st.composite
def graphs(draw: st.DrawFn) -> Workflow:
    """Any graph over a few states: unreachable ones, loops, doubles, steps out of ends."""
    states = tuple(State(name, WORDS, final=draw(st.booleans())) for name in NAMES[: draw(st.integers(1, 6))])
    names = [state.name for state in states]
    sources = st.lists(st.sampled_from(names), min_size=1, unique=True).map(tuple)
    step = st.builds(
        Transition,
        trigger=st.sampled_from(TRIGGERS),
        label=st.just(WORDS),
        source=sources,
        to=st.sampled_from([*names, RECORDED]),
        by=st.just((Role.OFFICER,)),
    )
    return loan(states=states, initial="a", transitions=tuple(draw(st.lists(step, max_size=12))))


@given(graphs(), st.data())
def test_library_and_table_agree_on_every_state_and_trigger(workflow: Workflow, data: st.DataObject) -> None:
    legality, compiled = machine.build(workflow), machine.table(workflow)
    for state in (*NAMES, data.draw(st.text())):
        for trigger in (*TRIGGERS, data.draw(st.text())):
            assert legality.target(state, trigger) == compiled.get((state, trigger))


@given(graphs())
def test_a_final_state_offers_reconsider_alone(workflow: Workflow) -> None:
    final = {state.name for state in workflow.states if state.final}
    leaving = {trigger for state, trigger in machine.table(workflow) if state in final}
    assert leaving <= {RECONSIDER}


def test_a_trigger_leads_to_its_target() -> None:
    assert machine.build(LOAN).target("asked", "lend") == "lent"


def test_a_recorded_transition_keeps_the_state() -> None:
    legality = machine.build(LOAN)
    assert [legality.target(state, "note") for state in ("asked", "lent")] == ["asked", "lent"]


def test_a_trigger_that_does_not_leave_the_state_is_not_an_error() -> None:
    assert machine.build(LOAN).target("lent", "refuse") is None


def test_unknown_states_and_triggers_allow_nothing() -> None:
    legality = machine.build(LOAN)
    assert [legality.target("nowhere", "lend"), legality.target("asked", "fly")] == [None, None]


def test_the_library_adds_no_way_out_of_its_own() -> None:
    legality = machine.build(LOAN)
    assert [legality.target("asked", name) for name in ("to_lent", "trigger", "state")] == [None] * 3


def test_a_trigger_may_be_called_state() -> None:
    steps = (*LOAN.transitions, Transition("state", WORDS, "asked", "lent", (Role.HEAD,)))
    assert machine.build(loan(transitions=steps)).target("asked", "state") == "lent"


def test_an_unknown_target_is_refused_when_built_and_not_when_fired() -> None:
    with pytest.raises(WorkflowInvalid, match="lend: names the state moon, which is not declared"):
        machine.build(with_transition("lend", to="moon"))


def test_what_the_library_does_not_take_is_translated() -> None:
    with pytest.raises(WorkflowInvalid, match="the state machine: "):
        machine.build(with_transition("lend", trigger="state_"))


def test_many_threads_asking_at_once_get_the_same_answer() -> None:
    legality = machine.build(LOAN)
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: legality.target("asked", "lend"), range(2000)))
    assert answers == {"lent"}


def test_only_the_machine_imports_the_library() -> None:
    importing = set()
    for path in (Path(machine.__file__).parent).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.split(".")[0] == "transitions" for name in names):
                importing.add(path.name)
    assert importing == {"machine.py"}
