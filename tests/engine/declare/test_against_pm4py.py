"""The templates on real logs, against the counts of an implementation by others.

Two of its templates mean something else: it takes non-succession for the contrary of succession, so that a case
breaks it by keeping a succession it is about. Ours means the literature's `□(a → ¬◇b)`; compared is, for these
two, how many cases keep our succession.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.eventlogs import read_traces
from engine.declare.checking import Checker, Outcome
from engine.eventlog import LogEvent, Trace
from engine.vocabulary import Occurs, Relates, Template
from engine.vocabulary.rules import Rule

LOGS = Path(__file__).parents[4] / "shared" / "data" / "eventlogs"
COUNTED: Final[Mapping[str, Any]] = json.loads(Path(__file__).with_name("pm4py_counts.json").read_text("utf-8"))["logs"]

OURS: Final[Mapping[str, tuple[Template, Outcome]]] = {
    "existence": (Template.EXISTENCE, Outcome.BROKEN),
    "absence": (Template.ABSENCE, Outcome.BROKEN),
    "exactly_one": (Template.EXACTLY, Outcome.BROKEN),
    "init": (Template.INIT, Outcome.BROKEN),
    "responded_existence": (Template.RESPONDED_EXISTENCE, Outcome.BROKEN),
    "response": (Template.RESPONSE, Outcome.BROKEN),
    "precedence": (Template.PRECEDENCE, Outcome.BROKEN),
    "succession": (Template.SUCCESSION, Outcome.BROKEN),
    "altresponse": (Template.ALTERNATE_RESPONSE, Outcome.BROKEN),
    "altprecedence": (Template.ALTERNATE_PRECEDENCE, Outcome.BROKEN),
    "altsuccession": (Template.ALTERNATE_SUCCESSION, Outcome.BROKEN),
    "chainresponse": (Template.CHAIN_RESPONSE, Outcome.BROKEN),
    "chainprecedence": (Template.CHAIN_PRECEDENCE, Outcome.BROKEN),
    "chainsuccession": (Template.CHAIN_SUCCESSION, Outcome.BROKEN),
    "coexistence": (Template.CO_EXISTENCE, Outcome.BROKEN),
    "noncoexistence": (Template.NOT_CO_EXISTENCE, Outcome.BROKEN),
    "nonsuccession": (Template.SUCCESSION, Outcome.KEPT),
    "nonchainsuccession": (Template.CHAIN_SUCCESSION, Outcome.KEPT),
}
"""Its templates, and which outcome of which of ours its count is."""


def variants(path: Path) -> Counter[tuple[str, ...]]:
    """How many cases went each way."""
    return Counter(trace.names for trace in read_traces(path))


def counted(rule: Rule, outcome: Outcome, went: Counter[tuple[str, ...]]) -> int:
    """In how many cases a rule has an outcome."""
    checker = Checker(rule)
    return sum(
        cases
        for names, cases in went.items()
        if checker.judge(Trace("1", tuple(LogEvent(name, None, n) for n, name in enumerate(names, 1)))).outcome
        is outcome
    )


@pytest.mark.skipif(not LOGS.is_dir(), reason="the real logs lie beside the project, where there are any")
@pytest.mark.parametrize("log", COUNTED)
def test_as_many_cases_break_each_template_as_pm4py_counts(log: str) -> None:
    theirs, went = COUNTED[log], variants(LOGS / log)
    assert went.total() == theirs["cases"]
    names: list[str] = theirs["names"]
    ours: dict[str, Any] = {}
    for name, (template, outcome) in OURS.items():
        if name in {"existence", "absence", "exactly_one", "init"}:
            ours[name] = [counted(Occurs(template, (one,)), outcome, went) for one in names]
            continue
        ours[name] = [
            [counted(Relates(template, (one,), (other,)), outcome, went) if one != other else None for other in names]
            for one in names
        ]
    assert ours == theirs["broken"]
