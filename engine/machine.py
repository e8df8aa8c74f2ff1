"""The state machine under a workflow: which trigger leads where.

The only module that imports `transitions`. The library holds the graph and answers one
question; it never meets a case. What made it tame (measured, `transitions` 0.9.3):

- `auto_transitions=False`: otherwise every state can be left by `to_<any>()`;
- `model=None` and a throw-away slotted object for each question: `add_model` is linear in
  the number of models, resets their state, and two threads firing on one object race;
- no callbacks: one that fails leaves the new state set, and guards belong to `decide`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from transitions import Machine, MachineError
from transitions import State as MachineState

from engine.errors import WorkflowInvalid
from engine.vocabulary import RECONSIDER, Transition, Workflow

# The library refuses a trigger named like the attribute that holds the state, so that
# attribute has a name which no trigger can have: the names of triggers end in no underscore.
STATE_ATTRIBUTE: Final = "state_"


class _Standing:
    """Something that stands in a state, for the length of one question."""

    __slots__ = (STATE_ATTRIBUTE,)

    def __init__(self, state: str) -> None:
        self.state_ = state


class Legality:
    """Answers where a trigger leads. Holds no case and nothing that changes: safe in threads."""

    __slots__ = ("_machine",)

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def target(self, state: str, trigger: str) -> str | None:
        """Name the state after the step, or None where the trigger is not allowed from `state`.

        A recorded transition leads to the state it was taken in. An unknown state or
        trigger allows nothing.
        """
        event = self._machine.events.get(trigger)
        if event is None or state not in self._machine.states:
            return None
        standing = _Standing(state)
        try:
            moved = event.trigger(standing)
        except MachineError:
            return None
        return standing.state_ if moved else None


def build(workflow: Workflow) -> Legality:
    """Build the machine of a workflow, once for each definition.

    Raises WorkflowInvalid where the library does not take what is declared, or where a
    transition names a state that is not declared (which the library finds only when fired).
    """
    _refuse_unknown_states(workflow)
    try:
        machine = Machine(
            model=None,
            states=[MachineState(state.name, final=state.final) for state in workflow.states],
            initial=workflow.initial,
            auto_transitions=False,
            ordered_transitions=False,
            send_event=False,
            queued=False,
            model_attribute=STATE_ATTRIBUTE,
            name=workflow.name,
        )
        for transition in workflow.transitions:
            machine.add_transition(
                transition.trigger,
                list(leaves(workflow, transition)),
                # None makes it internal: the library then changes nothing at all.
                None if transition.recorded else transition.to,
            )
    except (ValueError, MachineError) as error:
        raise WorkflowInvalid(workflow.name, (f"the state machine: {error}",)) from error
    return Legality(machine)


def table(workflow: Workflow) -> Mapping[tuple[str, str], str]:
    """Compile the same graph as a table: (state, trigger) to the state after the step.

    Of two transitions of one trigger from one state the first counts, as in the library.
    """
    compiled: dict[tuple[str, str], str] = {}
    for transition in workflow.transitions:
        for source in leaves(workflow, transition):
            compiled.setdefault((source, transition.trigger), transition.target(source))
    return MappingProxyType(compiled)


def leaves(workflow: Workflow, transition: Transition) -> tuple[str, ...]:
    """Name the states a transition can be taken from: out of a final one only by `reconsider`."""
    if transition.trigger == RECONSIDER:
        return transition.sources
    final = {state.name for state in workflow.states if state.final}
    return tuple(source for source in transition.sources if source not in final)


def _refuse_unknown_states(workflow: Workflow) -> None:
    """Raise where a transition or the start names a state that is not declared."""
    known = {state.name for state in workflow.states}
    named = {
        name: f"transition {transition.trigger}"
        for transition in workflow.transitions
        for name in (*transition.sources, *(() if transition.recorded else (transition.to,)))
    }
    named[workflow.initial] = "initial"
    problems = tuple(
        f"{where}: names the state {name}, which is not declared" for name, where in named.items() if name not in known
    )
    if problems:
        raise WorkflowInvalid(workflow.name, problems)
