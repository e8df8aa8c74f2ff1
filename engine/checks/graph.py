"""The graph: every state can be reached, every case can end, and an end is an end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from engine.graph import ends_in_view, reached, steps_forward
from engine.vocabulary import RECONSIDER, RECORDED, Transition, Workflow


def initial(workflow: Workflow) -> Iterator[str]:
    """Find a start that is not declared, or is an end."""
    known = {state.name: state for state in workflow.states}
    if workflow.initial not in known:
        yield f"initial: names {workflow.initial}, which is not declared; name one of the states"
    elif known[workflow.initial].final:
        yield f"initial: {workflow.initial} is final; a case cannot begin where it ends"
    for name in workflow.registers_in:
        if name not in known:
            yield f"registers_in: names {name}, which is not declared; name one of the states"


def unknown_states(workflow: Workflow) -> Iterator[str]:
    """Find transitions from or to states that are not declared."""
    known = {state.name for state in workflow.states}
    for each in workflow.transitions:
        where = f"transition {each.trigger}"
        if not each.sources:
            yield f"{where}: leaves no state; name its source"
        for source, count in Counter(each.sources).items():
            if source not in known:
                yield f"{where}: leaves {source}, which is not declared; declare it or name another"
            if count > 1:
                yield f"{where}: names the source {source} {count} times; once is enough"
        if each.to not in known | {RECORDED}:
            yield f"{where}: leads to {each.to}, which is not declared; declare it or name another"


def ambiguous(workflow: Workflow) -> Iterator[str]:
    """Find two transitions of one trigger from one state."""
    counted = Counter((source, each.trigger) for each in workflow.transitions for source in set(each.sources))
    for (source, trigger), count in counted.items():
        if count > 1:
            what = f"leaves {source} in {count} ways; one trigger leads to one place from a state"
            yield f"transition {trigger}: {what}, so give each its own name"


def unreachable(workflow: Workflow) -> Iterator[str]:
    """Find states no case ever comes to."""
    found = reached([workflow.initial], steps_forward(workflow))
    for state in workflow.states:
        if state.name not in found:
            what = f"cannot be reached from {workflow.initial}"
            yield f"state {state.name}: {what}; add a transition to it or take it out"


def dead_ends(workflow: Workflow) -> Iterator[str]:
    """Find states a case cannot leave, and states from which it cannot come to an end."""
    forward = steps_forward(workflow)
    if not any(state.final for state in workflow.states):
        yield "states: none is final; declare where a case ends with final(…)"
        return
    ending = ends_in_view(workflow)
    for state in workflow.states:
        where = f"state {state.name}"
        if not state.final and not forward[state.name] - {state.name}:
            yield f"{where}: is a dead end; add a transition that leaves it, or make it final"
        elif state.name not in ending:
            yield f"{where}: no end can be reached from it; add a way out to a final state"


def out_of_final(workflow: Workflow) -> Iterator[str]:
    """Find transitions that leave a final state, or are recorded in one, but for `reconsider`."""
    final = {state.name for state in workflow.states if state.final}
    for transition in workflow.transitions:
        if transition.trigger == RECONSIDER:
            continue
        for source in transition.sources:
            if source in final:
                how = "is recorded in" if transition.recorded else "leaves"
                what = f"{how} {source}, which is final; only {RECONSIDER} may"
                yield f"transition {transition.trigger}: {what}, to what its reopens_to names"


def reopening(workflow: Workflow) -> Iterator[str]:
    """Find a `reopens_to` that leads nowhere, or that no `reconsider` follows."""
    states = {state.name: state for state in workflow.states}
    for state in workflow.states:
        where = f"state {state.name}"
        if state.reopens_to is None:
            continue
        target = states.get(state.reopens_to)
        if not state.final:
            yield f"{where}: has reopens_to but is not final; leave it out"
        if target is None or target.final:
            what = "is final" if target is not None else "is not declared"
            yield f"{where}: reopens_to {state.reopens_to}, which {what}; name a state that is open"
        if not any(state.name in each.sources for each in _reconsiders(workflow)):
            yield f"{where}: has reopens_to; declare a transition {RECONSIDER} from it"


def reconsidering(workflow: Workflow) -> Iterator[str]:
    """Find a `reconsider` from an open state, or to elsewhere than its state reopens to."""
    states = {state.name: state for state in workflow.states}
    for transition in _reconsiders(workflow):
        for source in transition.sources:
            state = states.get(source)
            if state is None:
                continue
            if not state.final:
                what = f"leaves {source}, which is not final; give that step another name"
                yield f"transition {RECONSIDER}: {what}"
            elif state.reopens_to is None:
                yield f"transition {RECONSIDER}: leaves {source}; give that state reopens_to"
            elif transition.to != state.reopens_to:
                what = f"leads from {source} to {transition.to}, but it reopens to"
                yield f"transition {RECONSIDER}: {what} {state.reopens_to}; make them agree"


def _reconsiders(workflow: Workflow) -> tuple[Transition, ...]:
    """Give the transitions that reopen."""
    return tuple(each for each in workflow.transitions if each.trigger == RECONSIDER)


GRAPH_CHECKS: Final = (
    initial,
    unknown_states,
    ambiguous,
    unreachable,
    dead_ends,
    out_of_final,
    reopening,
    reconsidering,
)
