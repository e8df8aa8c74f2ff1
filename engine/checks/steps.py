"""Steps: four eyes that can be kept, and effects on cases that can be found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.graph import reached, steps_forward
from engine.vocabulary import Role, Transition, Workflow

ONE_PARTY: Final = frozenset({Role.STUDENT, Role.PARTNER, Role.CLOCK})
"""Of these there is one to a case, so a second pair of eyes cannot be found among them."""


def four_eyes(workflow: Workflow) -> Iterator[str]:
    """Find `not_by` that names no trigger, can never apply, or can never be satisfied."""
    triggers = {each.trigger for each in workflow.transitions}
    for transition in workflow.transitions:
        for name in transition.not_by:
            where = f"transition {transition.trigger}, not_by {name}"
            if name not in triggers:
                yield f"{where}: is not declared; name a trigger of this workflow"
            elif not _may_come_before(workflow, name, transition):
                yield f"{where}: never happens before it, so it can never apply; leave it out"
            elif _by_one_party(workflow, name, transition):
                roles = ", ".join(sorted({who.role for who in transition.who}))
                what = f"both are done by {roles} alone, so it can never be satisfied"
                yield f"{where}: {what}; let another role take this step"


def moved_along(workflow: Workflow) -> Iterator[str]:
    """Find follow-ups and the like along what is neither a link nor a relation."""
    names = {each.name for each in workflow.links} | {each.name for each in workflow.related}
    for transition in workflow.transitions:
        along = [("follow-up", each.along) for each in transition.follow_ups]
        along += [("relinks", each.along) for each in transition.relinks]
        for kind, name in along:
            if name not in names:
                what = f"{name} is neither a link nor a related name; declare it"
                yield f"transition {transition.trigger}, {kind}: {what}"


def places(workflow: Workflow) -> Iterator[str]:
    """Find places held under nothing, and givers of places that cannot remember them."""
    holding = [state.name for state in workflow.states if state.holds_place]
    if workflow.holds is None:
        for name in holding:
            yield f"state {name}: holds a place, but under what? Declare holds=Holds(…)"
    else:
        if not holding:
            yield "holds: no state holds a place; mark those that do with holds_place=True"
        if workflow.holds.link not in {link.name for link in workflow.links}:
            yield f"holds: {workflow.holds.link} is not a link; declare it in links"
    if workflow.offers is not None and "held" not in workflow.facts.model_fields:
        yield "offers: the facts have no `held`; add held: tuple[Held, ...] = ()"
    deadlines = {deadline.name for deadline in workflow.deadlines}
    freed = workflow.offers.when_freed if workflow.offers else None
    if freed is not None and freed not in deadlines:
        yield f"offers: when_freed names {freed}, which is no deadline; declare it"


def _may_come_before(workflow: Workflow, name: str, later: Transition) -> bool:
    """Tell whether some path holds one trigger and, after it, the other."""
    forward = steps_forward(workflow)
    after = {each.target(source) for each in workflow.transitions if each.trigger == name for source in each.sources}
    return not reached(after, forward).isdisjoint(later.sources)


def _by_one_party(workflow: Workflow, name: str, later: Transition) -> bool:
    """Tell whether both steps can be taken by the very same party only."""
    earlier = {who.role for each in workflow.transitions if each.trigger == name for who in each.who}
    roles = {who.role for who in later.who}
    return len(roles) == 1 and roles == earlier and roles <= ONE_PARTY


STEP_CHECKS: Final = (four_eyes, moved_along, places)
