"""The graph of a workflow: which states lie ahead of which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.vocabulary import RECONSIDER, Workflow


def steps_forward(workflow: Workflow) -> dict[str, set[str]]:
    """Map each state to those one step away; `reconsider` and recorded transitions left out."""
    forward: dict[str, set[str]] = {state.name: set() for state in workflow.states}
    for transition in workflow.transitions:
        if transition.trigger == RECONSIDER or transition.recorded:
            continue
        for source in transition.sources:
            if source in forward and transition.to in forward:
                forward[source].add(transition.to)
    return forward


def reached(starts: Iterable[str], steps: Mapping[str, set[str]]) -> set[str]:
    """Collect the states that can be reached from some states, those included."""
    found: set[str] = set()
    waiting = [start for start in starts if start in steps]
    while waiting:
        state = waiting.pop()
        if state not in found:
            found.add(state)
            waiting.extend(steps[state])
    return found


def ends_in_view(workflow: Workflow) -> set[str]:
    """Collect the states from which some end can be reached."""
    backward: dict[str, set[str]] = {state.name: set() for state in workflow.states}
    for source, targets in steps_forward(workflow).items():
        for target in targets:
            backward[target].add(source)
    return reached((state.name for state in workflow.states if state.final), backward)
