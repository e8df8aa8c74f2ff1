"""Where workflows meet: links, relations, follow-ups and openings, checked.

A file may not import another, so it names other workflows by text. What is named wrongly is
found here, when all files are loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Final, TypeAlias

from engine.definition import Definition
from engine.reading import ANY
from engine.ties import Versions, ties, towards
from engine.vocabulary import Fire, FollowUp, Opens, Related, Relinks, Role, Transition

MAX_DEPTH: Final = 4
"""A step moves a case, that one another, and so on: at most so many times."""

Problem: TypeAlias = tuple[str, str]
"""The workflow that is wrong, and "where: what"."""


def crossing_problems(versions: Versions) -> Iterator[Problem]:
    """Find what one workflow names that another does not have."""
    for definitions in versions.values():
        for definition in definitions:
            for what in _faults(definition, versions):
                yield definition.name, what
    yield from _endless(versions)


def _faults(definition: Definition, versions: Versions) -> Iterator[str]:
    """Find what one definition names wrongly."""
    workflow = definition.workflow
    for link in workflow.links:
        if link.workflow not in versions:
            yield f"link {link.name}: {_no_workflow(link.workflow, versions)}"
    for related in workflow.related:
        yield from _related_faults(definition, related, versions)
    if workflow.holds is not None:
        for name in towards(definition.workflow, workflow.holds.link):
            if name in versions and not any(each.workflow.offers for each in versions[name]):
                yield f"holds: {name} offers no places; declare offers=Offers(…) in it"
    for transition in workflow.transitions:
        yield from _effect_faults(definition, transition, versions)
    yield from _never_taken(definition, versions)
    yield from _misspelt(definition, versions)
    yield from _never_given(definition, versions)


def _effect_faults(definition: Definition, transition: Transition, versions: Versions) -> Iterator[str]:
    """Find effects of a transition on cases of another workflow that cannot be."""
    where = f"transition {transition.trigger}"
    for follow_up in transition.follow_ups:
        yield from _follow_up_faults(where, definition, follow_up, versions)
    for opens in transition.opens:
        yield from _link_faults(f"{where}, opens", opens, opens.workflow, definition, versions)
    for relinks in transition.relinks:
        for name in towards(definition.workflow, relinks.along):
            yield from _link_faults(f"{where}, relinks", relinks, name, definition, versions)


def _never_taken(definition: Definition, versions: Versions) -> Iterator[str]:
    """Find transitions left to the clock or to other cases which neither ever takes."""
    workflow = definition.workflow
    fired = {
        rung.does.trigger for deadline in workflow.deadlines for rung in deadline.ladder if isinstance(rung.does, Fire)
    }
    for transition in workflow.transitions:
        by_hand = any(who.role is not Role.CLOCK for who in transition.who)
        taken = transition.trigger in fired or _is_followed(definition.name, transition, versions)
        if not by_hand and not taken:
            what = "nobody may take it by hand, no rung fires it and no follow-up takes it"
            yield f"transition {transition.trigger}: {what}; add a role, or leave it out"


def _never_given(definition: Definition, versions: Versions) -> Iterator[str]:
    """Find states of another workflow, named in milestones, that it does not have."""
    for milestone in definition.workflow.milestones:
        for name in towards(definition.workflow, milestone.link or ""):
            known = {state for each in versions.get(name, ()) for state in each.states}
            for state in sorted({*milestone.given_in} - known) if name in versions else ():
                yield f"milestone {milestone.name}: {name} has no state {state}; name one of its states in given_in"


def _is_followed(name: str, transition: Transition, versions: Versions) -> bool:
    """Tell whether a step in some case takes this one along."""
    return any(
        follow_up.trigger == transition.trigger and name in towards(each.workflow, follow_up.along)
        for definitions in versions.values()
        for each in definitions
        for step in each.workflow.transitions
        for follow_up in step.follow_ups
    )


def _misspelt(definition: Definition, versions: Versions) -> Iterator[str]:
    """Find what functions ask for by a name that no workflow declares."""
    everyone = [each for definitions in versions.values() for each in definitions]
    known = {
        "relations": {tie.name for each in everyone for tie in ties(each.workflow)},
        "questions": {name for each in everyone for name in each.workflow.questions},
        "figures": {name for each in everyone for name in each.figures},
    }
    asked = reduce(or_, (*definition.reads.values(), *definition.answers.values()))
    for kind, names in known.items():
        for name in sorted(getattr(asked, kind) - names - {ANY}):
            what = f"a function asks for {name}, which no workflow has under its {kind}"
            yield f"functions: {what}; declare it, or correct the name"


def _related_faults(definition: Definition, related: Related, versions: Versions) -> Iterator[str]:
    """Find a relation by an unknown workflow, link or state."""
    where = f"related {related.name}"
    if related.workflow not in versions:
        yield f"{where}: {_no_workflow(related.workflow, versions)}"
        return
    others = versions[related.workflow]
    if related.link is not None:
        yield from _link_faults(where, related, related.workflow, definition, versions)
    for state in related.states:
        if not any(state in other.states for other in others):
            yield f"{where}: {related.workflow} has no state {state}; name one it declares"


def _follow_up_faults(where: str, definition: Definition, follow_up: FollowUp, versions: Versions) -> Iterator[str]:
    """Find a follow-up whose trigger the other workflow does not have."""
    for name in towards(definition.workflow, follow_up.along):
        if name in versions and not any(follow_up.trigger in other.by_trigger for other in versions[name]):
            what = f"{name} has no trigger {follow_up.trigger}; name one it declares"
            yield f"{where}, follow-up along {follow_up.along}: {what}"


def _link_faults(
    where: str,
    named: Opens | Related | Relinks,
    other: str,
    definition: Definition,
    versions: Versions,
) -> Iterator[str]:
    """Find a link that another workflow does not declare, or that leads from it elsewhere."""
    if other not in versions:
        yield f"{where}: {_no_workflow(other, versions)}"
        return
    leads_to = {link.workflow for each in versions[other] for link in each.workflow.links if link.name == named.link}
    if not leads_to:
        yield f"{where}: {other} has no link {named.link}; declare it there or name another"
    elif definition.name not in leads_to:
        leads = ", ".join(sorted(leads_to))
        yield f"{where}: the link {named.link} of {other} leads to {leads}, not to this workflow"


def _endless(versions: Versions) -> Iterator[Problem]:
    """Find follow-ups that run in a ring, or further than MAX_DEPTH cases."""
    seen: set[frozenset[tuple[str, str]]] = set()
    for name, definitions in versions.items():
        for trigger in sorted({each for definition in definitions for each in definition.by_trigger}):
            for chain in _chains(((name, trigger),), versions):
                ring = chain[-1] in chain[:-1]
                links = frozenset(chain[chain.index(chain[-1]) :]) if ring else frozenset(chain)
                if links not in seen:
                    seen.add(links)
                    yield name, _chain_told(chain, ring=ring)


def _chains(chain: tuple[tuple[str, str], ...], versions: Versions) -> Iterator[tuple[tuple[str, str], ...]]:
    """Give every chain of follow-ups that comes back upon itself or grows too long."""
    if chain[-1] in chain[:-1] or len(chain) - 1 > MAX_DEPTH:
        yield chain
        return
    name, trigger = chain[-1]
    for following in sorted(_following(name, trigger, versions)):
        yield from _chains((*chain, following), versions)


def _following(name: str, trigger: str, versions: Versions) -> set[tuple[str, str]]:
    """Give the steps that a step of this trigger takes in other cases."""
    return {
        (other, follow_up.trigger)
        for definition in versions.get(name, ())
        for transition in definition.by_trigger.get(trigger, ())
        for follow_up in transition.follow_ups
        for other in towards(definition.workflow, follow_up.along)
    }


def _chain_told(chain: tuple[tuple[str, str], ...], *, ring: bool) -> str:
    """Say what is wrong with a chain of follow-ups."""
    told = " → ".join(f"{name}.{trigger}" for name, trigger in chain)
    what = "run in a ring" if ring else f"run through more than {MAX_DEPTH} cases"
    return f"transition {chain[0][1]}: its follow-ups {what}: {told}; leave one of them out"


def _no_workflow(name: str, versions: Versions) -> str:
    """Say that there is no such workflow, and which there are."""
    return f"there is no workflow {name}; there are {', '.join(sorted(versions))}"
