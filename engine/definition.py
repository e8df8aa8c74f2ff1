"""A workflow made ready to run: checked, hashed, and looked up without searching."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from engine import checks, machine
from engine.errors import WorkflowInvalid
from engine.fingerprint import fingerprint
from engine.machine import Legality
from engine.reading import Reads, answers, reads
from engine.sources import Source
from engine.vocabulary import Budget, Deadline, Figure, State, Transition, Workflow


@dataclass(frozen=True, slots=True)
class Definition:
    """A workflow as cases run under it. Everything is compiled once and never changes.

    `hash` is the SHA-256 of its behaviour, 64 hexadecimal characters. `steps` is keyed by
    state and trigger. `by_trigger` holds the transitions of each trigger, `offered` those
    that leave a state or are recorded in it, both in the order declared; a state that
    offers nothing is there with none. `figures` maps each setting of the workflow, and each
    `Figure` of its deadlines, to its default. `watched` are the triggers some `not_by`
    names. `reads` says, for each trigger, what its functions read of other cases, `answers`
    the same for each question others may ask.
    """

    workflow: Workflow
    hash: str
    states: Mapping[str, State]
    steps: Mapping[tuple[str, str], Transition]
    by_trigger: Mapping[str, tuple[Transition, ...]]
    offered: Mapping[str, tuple[Transition, ...]]
    deadlines: Mapping[str, Deadline]
    legality: Legality
    figures: Mapping[str, Any]
    watched: frozenset[str]
    reads: Mapping[str, Reads]
    answers: Mapping[str, Reads]

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self.workflow.name

    @property
    def version(self) -> int:
        """The version the file gives itself."""
        return self.workflow.version


def define(workflow: Workflow, source: str) -> Definition:
    """Check a workflow and make it ready. `source` is the text of the file that declares it.

    Raises WorkflowInvalid with every fault found.
    """
    problems = checks.problems(workflow)
    if problems:
        raise WorkflowInvalid(workflow.name, problems)
    parsed = Source(source)
    return Definition(
        workflow=workflow,
        hash=fingerprint(workflow, parsed),
        states=MappingProxyType({state.name: state for state in workflow.states}),
        steps=MappingProxyType(_steps(workflow)),
        by_trigger=MappingProxyType(_by_trigger(workflow)),
        offered=MappingProxyType(_offered(workflow)),
        deadlines=MappingProxyType({each.name: each for each in workflow.deadlines}),
        legality=machine.build(workflow),
        figures=MappingProxyType(_figures(workflow)),
        watched=frozenset(name for each in workflow.transitions for name in each.not_by),
        reads=MappingProxyType(reads(workflow, parsed)),
        answers=MappingProxyType(answers(workflow, parsed)),
    )


def figures_in(deadlines: Iterable[Deadline]) -> Iterator[Figure]:
    """Give every figure used in the budgets and rungs of some deadlines."""
    for deadline in deadlines:
        counts = [rung.at.count for rung in deadline.ladder]
        if isinstance(deadline.due, Budget):
            counts.append(deadline.due.count)
        yield from (count for count in counts if isinstance(count, Figure))


def _figures(workflow: Workflow) -> dict[str, Any]:
    """Map each setting to its default; the checks have seen that no two defaults differ."""
    used = {figure.name: figure.default for figure in figures_in(workflow.deadlines)}
    return {**used, **workflow.figures}


def _steps(workflow: Workflow) -> dict[tuple[str, str], Transition]:
    """Map state and trigger to the transition."""
    return {
        (source, transition.trigger): transition
        for transition in workflow.transitions
        for source in machine.leaves(workflow, transition)
    }


def _by_trigger(workflow: Workflow) -> dict[str, tuple[Transition, ...]]:
    """Map each trigger to its transitions."""
    found: dict[str, tuple[Transition, ...]] = {}
    for transition in workflow.transitions:
        found[transition.trigger] = (*found.get(transition.trigger, ()), transition)
    return found


def _offered(workflow: Workflow) -> dict[str, tuple[Transition, ...]]:
    """Map each state to the transitions that leave it or are recorded in it."""
    return {
        state.name: tuple(each for each in workflow.transitions if state.name in machine.leaves(workflow, each))
        for state in workflow.states
    }
