"""Milestones: each can be waited for, can be there, and comes from somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from engine.vocabulary import CASE, Link, Milestone, Related, Role, Workflow


def named_rightly(workflow: Workflow) -> Iterator[str]:
    """Find milestones about facts, ties, deadlines or states that are not declared."""
    declared: tuple[Link | Related, ...] = (*workflow.links, *workflow.related)
    ties = {tie.name: tie for tie in declared}
    states = {state.name for state in workflow.states}
    deadlines = {each.name for each in workflow.deadlines}
    for each in workflow.milestones:
        where = f"milestone {each.name}"
        if each.fact is not None and each.fact not in workflow.facts.model_fields:
            yield f"{where}: {each.fact} is not a fact; name a field of {workflow.facts.__name__}"
        for name in each.deadlines:
            if name not in deadlines:
                yield f"{where}: names the deadline {name}, which is not declared; name one of deadlines"
        if each.link is not None and each.link not in ties:
            yield f"{where}: looks along {each.link}, which is neither link nor relation; declare it"
        tie = ties.get(each.link or "")
        if isinstance(tie, Related) and tie.link is None:
            yield f"{where}: looks along {tie.name}, which finds cases by their subject; name one that goes by link"
        for name in (*each.waits_in, *each.done_in):
            if name not in states:
                yield f"{where}: names the state {name}, which is not declared; name one of the states"


def can_be(workflow: Workflow) -> Iterator[str]:
    """Find milestones that are never waited for, are never there, or come from nobody."""
    final = {state.name for state in workflow.states if state.final}
    for each in workflow.milestones:
        where = f"milestone {each.name}"
        if not each.waits_in and not each.deadlines:
            yield f"{where}: is never waited for; name states in waits_in, or deadlines"
        for name in sorted({*each.waits_in} & final):
            yield f"{where}: is waited for in {name}, which is final; leave it out"
        for name in sorted({*each.waits_in} & {*each.done_in}):
            yield f"{where}: is both done and waited for in {name}; leave it in one of the two"
        if each.fact is None and each.link is None and not each.done_in:
            yield f"{where}: is never there; name a fact, a link, or states in done_in"
        if bool(each.link) != bool(each.given_in):
            yield f"{where}: link and given_in go together; name both or none"
        yield from _giver(where, each, {link.name for link in workflow.links}, workflow)


def _giver(where: str, milestone: Milestone, links: Iterable[str], workflow: Workflow) -> Iterator[str]:
    """Find a milestone that comes from nobody, or from somebody the case has no way to know."""
    who = milestone.who
    if milestone.link is not None:
        if who is not None:
            yield f"{where}: comes from whoever the cases along {milestone.link} wait for; leave by out"
    elif who is None:
        yield f"{where}: comes from nobody; name in by who gives it"
    elif who.role in {Role.AUDITOR, Role.ADMIN, Role.CLOCK}:
        yield f"{where}: comes from {who.role}, who does no casework; name another"
    elif who.where != CASE and who.where not in links:
        yield f"{where}: {who.role} at {who.where}, which is no link; declare it in links"
    elif who.role is Role.PARTNER and workflow.partner is None:
        yield f"{where}: comes from the partner; declare in partner=… which one that is"


MILESTONE_CHECKS: Final = (named_rightly, can_be)
