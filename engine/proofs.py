"""Proves the rules of a workflow over every path from its start to an end.

Each rule becomes a small automaton that watches the triggers go by; the graph and the
automaton are walked together, breadth first, so that what is found first is shortest.
There are finitely many pairs of a state and a memory, so the search ends and is complete,
loops or not. Guards are taken as free (what only a guard ensures is a guard, not a rule),
`reconsider` is left out, recorded transitions are loops, and the clock's steps count.

Source of the rules: DECLARE (see `engine.vocabulary.rules`).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from operator import not_
from typing import Final, TypeAlias, assert_never

from engine.graph import ends_in_view
from engine.vocabulary import (
    RECONSIDER,
    AnsweredBy,
    AtMostOnce,
    ExactlyOnce,
    HoldsNoPlace,
    NeverAfter,
    NotTogether,
    Precedes,
    Rule,
    Workflow,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path."""

    source: str
    trigger: str
    target: str

    def __str__(self) -> str:
        return f"{self.source} --{self.trigger}--> {self.target}"


Path: TypeAlias = tuple[Step, ...]

BOTH: Final = 0b11
"""The memory of two triggers gone by, one bit each."""

BROKEN: Final = -1
"""The memory of an automaton once its rule is broken, whatever may follow."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A rule as an automaton: its memory begins at 0 and changes with each trigger.

    `ends_well` says with which memory a path may come to its end.
    """

    after: Callable[[int, str], int]
    ends_well: Callable[[int], bool] = lambda _memory: True


def broken_rules(workflow: Workflow) -> Iterator[str]:
    """Say which rules do not hold, each as "where: what" with the shortest path that breaks it."""
    for rule in workflow.rules:
        path = counterexample(workflow, rule)
        if path is not None:
            yield f"rule {in_words(rule)}: is broken on the path {path_in_words(path, workflow)}"


def counterexample(workflow: Workflow, rule: Rule) -> Path | None:
    """Find a shortest path that breaks a rule, or None where none does.

    A rule about what must not happen is broken at the path's last step, one about what
    must happen at the end the path comes to.
    """
    ends = {state.name: state for state in workflow.states if state.final}
    if isinstance(rule, HoldsNoPlace):
        holding = {name for name in rule.states if name in ends and ends[name].holds_place}
        return _search(workflow, Watch(lambda memory, _: memory), lambda at, _: at in holding)
    watch = watching(rule)

    def breaks(state: str, memory: int) -> bool:
        return memory == BROKEN or (state in ends and not watch.ends_well(memory))

    return _search(workflow, watch, breaks)


def watching(
    rule: Precedes | AnsweredBy | NeverAfter | AtMostOnce | ExactlyOnce | NotTogether,
) -> Watch:
    """Make the automaton of a rule."""
    match rule:
        case Precedes(first, then):
            return Watch(lambda seen, at: BROKEN if at == then and not seen else seen or at in first)
        case AnsweredBy(first, answers):
            return Watch(
                lambda owed, at: 1 if at == first else 0 if at in answers else owed,
                not_,
            )
        case NeverAfter(first, then):
            return Watch(lambda seen, at: BROKEN if seen and at == then else seen or at == first)
        case AtMostOnce(trigger):
            return Watch(_once(trigger))
        case ExactlyOnce(trigger):
            return Watch(_once(trigger), lambda count: count == 1)
        case NotTogether(one, other):
            return Watch(_apart(one, other))
        case _:
            assert_never(rule)


def in_words(rule: Rule) -> str:
    """Say a rule as it is written in the file."""
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(rule).__name__).lower()
    values = (getattr(rule, part.name) for part in fields(rule))
    said = (value if isinstance(value, str) else " or ".join(value) for value in values)
    return f"{name}({', '.join(said)})"


def path_in_words(path: Path, workflow: Workflow) -> str:
    """Write a path as one line: every state once, the triggers between them."""
    steps = "".join(f" --{step.trigger}--> {step.target}" for step in path)
    return f"{path[0].source if path else workflow.initial}{steps}"


def _once(trigger: str) -> Callable[[int, str], int]:
    """Count a trigger; the second time is one too many."""

    def after(count: int, at: str) -> int:
        if at != trigger:
            return count
        return BROKEN if count else 1

    return after


def _apart(one: str, other: str) -> Callable[[int, str], int]:
    """Remember which of two triggers have gone by; both is too many."""

    def after(seen: int, at: str) -> int:
        seen |= (at == one) | (at == other) << 1
        return BROKEN if seen == BOTH else seen

    return after


def _search(workflow: Workflow, watch: Watch, breaks: Callable[[str, int], bool]) -> Path | None:
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
            there = (step.target, int(watch.after(here[1], step.trigger)))
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
