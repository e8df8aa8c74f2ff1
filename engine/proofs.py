"""Proves the rules of a workflow over every path from its start to an end.

Each rule becomes a small automaton that watches the triggers go by (`engine.declare.automata`,
which checks histories too); the graph and the automaton are walked together, breadth first,
so that what is found first is shortest.
There are finitely many pairs of a state and a memory, so the search ends and is complete,
loops or not. Guards are taken as free (what only a guard ensures is a guard, not a rule),
`reconsider` is left out, recorded transitions are loops, and the clock's steps count. A rule
with a time limit is not proved: a graph tells no days.

Source of the rules: DECLARE (see `engine.vocabulary.rules`).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import TypeAlias

from engine.declare.automata import BROKEN, Automaton, automaton_of
from engine.graph import ends_in_view
from engine.vocabulary import RECONSIDER, HoldsNoPlace, Occurs, Relates, Rule, Workflow


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path."""

    source: str
    trigger: str
    target: str

    def __str__(self) -> str:
        return f"{self.source} --{self.trigger}--> {self.target}"


Path: TypeAlias = tuple[Step, ...]


def broken_rules(workflow: Workflow) -> Iterator[str]:
    """Say which rules do not hold, each as "where: what" with the shortest path that breaks it."""
    for rule in workflow.rules:
        path = counterexample(workflow, rule) if provable(rule) else None
        if path is not None:
            yield f"rule {in_words(rule)}: is broken on the path {path_in_words(path, workflow)}"


def provable(rule: Rule) -> bool:
    """Whether a graph can tell that a rule holds."""
    return not (isinstance(rule, Relates) and rule.within is not None)


def counterexample(workflow: Workflow, rule: Rule) -> Path | None:
    """Find a shortest path that breaks a rule, or None where none does.

    A rule about what must not happen is broken at the path's last step, one about what
    must happen at the end the path comes to.
    """
    ends = {state.name: state for state in workflow.states if state.final}
    if isinstance(rule, HoldsNoPlace):
        holding = {name for name in rule.states if name in ends and ends[name].holds_place}
        return _search(workflow, automaton_of(rule), lambda at, _: at in holding)
    watch = automaton_of(rule)

    def breaks(state: str, memory: int) -> bool:
        return memory == BROKEN or (state in ends and not watch.ends_well(memory))

    return _search(workflow, watch, breaks)


def in_words(rule: Rule) -> str:
    """Say a rule as it is written in the file."""
    if isinstance(rule, Occurs | Relates):
        return _template_in_words(rule)
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(rule).__name__).lower()
    values = (getattr(rule, part.name) for part in fields(rule))
    said = (value if isinstance(value, str) else " or ".join(value) for value in values)
    return f"{name}({', '.join(said)})"


def _template_in_words(rule: Occurs | Relates) -> str:
    """Say a template with what it names, and with its count or limit where that is not the usual one."""
    if isinstance(rule, Occurs):
        said = [" or ".join(rule.names), *([str(rule.count)] if rule.count != 1 else ())]
    else:
        said = [" or ".join(rule.first), " or ".join(rule.then)]
        if rule.within:
            said.append(f"within {rule.within.count} {rule.within.unit.replace('_', ' ')}")
    return f"{rule.template}({', '.join(said)})"


def path_in_words(path: Path, workflow: Workflow) -> str:
    """Write a path as one line: every state once, the triggers between them."""
    steps = "".join(f" --{step.trigger}--> {step.target}" for step in path)
    return f"{path[0].source if path else workflow.initial}{steps}"


def _search(workflow: Workflow, watch: Automaton, breaks: Callable[[str, int], bool]) -> Path | None:
    """Walk graph and automaton together, and give the way to the first pair that breaks."""
    steps = _steps(workflow)
    start = (workflow.initial, 0)
    if workflow.initial not in steps:
        return None
    came_by: dict[tuple[str, int], tuple[tuple[str, int], Step] | None] = {start: None}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if breaks(*here):
            return _way(here, came_by)
        for step in steps[here[0]]:
            there = (step.target, watch.after(here[1], step.trigger))
            if there not in came_by:
                came_by[there] = (here, step)
                waiting.append(there)
    return None


def _steps(workflow: Workflow) -> Mapping[str, tuple[Step, ...]]:
    """Map each state from which an end can be reached to the steps that keep it in reach."""
    ending = ends_in_view(workflow)
    final = {state.name for state in workflow.states if state.final}
    found: dict[str, list[Step]] = {name: [] for name in ending}
    for transition in workflow.transitions:
        for source in transition.sources:
            target = transition.target(source)
            leaves = transition.trigger != RECONSIDER and source not in final
            if leaves and source in ending and target in ending:
                found[source].append(Step(source, transition.trigger, target))
    return {name: tuple(steps) for name, steps in found.items()}


def _way(
    here: tuple[str, int],
    came_by: Mapping[tuple[str, int], tuple[tuple[str, int], Step] | None],
) -> Path:
    """Go back from a pair to the start."""
    path: list[Step] = []
    while (came := came_by[here]) is not None:
        here, step = came
        path.append(step)
    return tuple(reversed(path))
