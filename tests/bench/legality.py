"""Where a trigger leads: by the `transitions` machine (steps), by the compiled table (replay), by a bare dict."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

from engine import machine
from engine.catalogue import Catalogue
from tests.bench.measuring import Line, compare, rate

BASE = "legality, bare dict"
WORKFLOW_FILES = Path(__file__).parents[2] / "workflows"

Question = tuple[str, str]


def legality(_: Path, *, rounds: int, seconds: float) -> list[Line]:
    """Every state of the largest workflow with every trigger, allowed or not; a unit is an answer."""
    known = [definition.workflow for definition in Catalogue.of(WORKFLOW_FILES.glob("*.py")).now]
    workflow = max(known, key=lambda each: len(each.transitions))
    built, compiled = machine.build(workflow), machine.table(workflow)
    bare = dict(compiled)
    triggers = sorted({transition.trigger for transition in workflow.transitions})
    asked = list(itertools.product([state.name for state in workflow.states], triggers))
    if any(built.target(*each) != bare.get(each) or compiled.get(each) != bare.get(each) for each in asked):
        raise AssertionError("machine and table do not agree")

    def by_machine() -> None:
        for state, trigger in asked:
            built.target(state, trigger)

    def by(table: Callable[[Question], str | None]) -> Callable[[], None]:
        def ask() -> None:
            for each in asked:
                table(each)

        return ask

    def answers(once: Callable[[], None]) -> Callable[[float], float]:
        return lambda s: rate(once, s) * len(asked)

    return compare(
        {
            BASE: answers(by(bare.get)),
            "legality, compiled table": answers(by(compiled.get)),
            "legality, transitions machine": answers(by_machine),
        },
        base=BASE,
        rounds=rounds,
        seconds=seconds,
    )
