"""Names: written alike, none twice, none that leads nowhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from engine.declare.automata import sides, template_of
from engine.vocabulary import HoldsNoPlace, Occurs, Relates, Rule, Workflow

SNAKE_CASE: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
PREFIX: Final = re.compile(r"[A-Z][A-Z0-9]{1,7}")


def named_parts(workflow: Workflow) -> Iterator[tuple[str, str]]:
    """Give everything that bears a name, as (kind, name)."""
    yield "workflow", workflow.name
    yield from (("state", each.name) for each in workflow.states)
    yield from (("deadline", each.name) for each in workflow.deadlines)
    yield from (("message", each.name) for each in workflow.messages)
    yield from (("link", each.name) for each in workflow.links)
    yield from (("related", each.name) for each in workflow.related)
    yield from (("milestone", each.name) for each in workflow.milestones)
    for deadline in workflow.deadlines:
        yield from ((f"rung of deadline {deadline.name}", each.name) for each in deadline.ladder)


def spelling(workflow: Workflow) -> Iterator[str]:
    """Find names that are not snake_case."""
    triggers = dict.fromkeys(each.trigger for each in workflow.transitions)
    figures = dict.fromkeys(workflow.figures)
    for kind, name in (
        *named_parts(workflow),
        *(("transition", trigger) for trigger in triggers),
        *(("figure", figure) for figure in figures),
    ):
        if not SNAKE_CASE.fullmatch(name):
            yield f"{kind} {name}: is not snake_case; write small letters, digits and single _"
    if not PREFIX.fullmatch(workflow.prefix):
        yield f"prefix {workflow.prefix}: write 2 to 8 capital letters or digits, as in REV"


def doubles(workflow: Workflow) -> Iterator[str]:
    """Find names given twice. Links and relations are looked up together, so they share names."""
    beside = ("related" if kind == "link" else kind for kind, _ in named_parts(workflow))
    counted = Counter(zip(beside, (name for _, name in named_parts(workflow)), strict=True))
    for (kind, name), count in counted.items():
        if count > 1:
            kinds = "link or related" if kind == "related" else kind
            yield f"{kinds} {name}: is declared {count} times; give each its own name"


def version(workflow: Workflow) -> Iterator[str]:
    """Find a version below 1, and migrations from what is not older or to no state."""
    if workflow.version < 1:
        yield f"version {workflow.version}: must be 1 or more"
    known = {state.name for state in workflow.states}
    for migration in workflow.migrations:
        where = f"migration from {migration.from_version}"
        if not 1 <= migration.from_version < workflow.version:
            yield f"{where}: is not from an older version; this one is {workflow.version}"
        for old, new in migration.states.items():
            if new not in known:
                yield f"{where}: {old} goes to {new}, which is not declared; name a state"


def rules_name(rule: Rule) -> tuple[str, ...]:
    """Give the triggers a rule names."""
    first, then = sides(rule)
    return (*first, *then)


def rules(workflow: Workflow) -> Iterator[str]:
    """Find rules about triggers that do not exist, or about states in which no case ends."""
    triggers = {each.trigger for each in workflow.transitions}
    ends = {state.name for state in workflow.states if state.final}
    for rule in workflow.rules:
        where = f"rule {template_of(rule) if isinstance(rule, Occurs | Relates) else type(rule).__name__}"
        for name in _without(rules_name(rule), triggers):
            yield f"{where}: names the trigger {name}, which is not declared"
        for name in _without(rule.states if isinstance(rule, HoldsNoPlace) else (), ends):
            yield f"{where}: names {name}, which is no final state; it speaks of ends only"


def _without(names: Iterable[str], known: set[str]) -> Iterator[str]:
    """Give the names that are not known."""
    return (name for name in names if name not in known)


NAME_CHECKS: Final = (spelling, doubles, version, rules)
