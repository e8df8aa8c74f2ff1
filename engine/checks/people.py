"""People: somebody can act in every step, is waited for in every state, and can be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from engine.vocabulary import CASE, HandOver, Role, Who, Whom, Workflow

NO_CASEWORK: Final = frozenset({Role.AUDITOR, Role.ADMIN})
"""Auditors change nothing, administrators do no casework."""

OUTSIDE: Final = frozenset({Role.STUDENT, Role.PARTNER, Role.CLOCK})
"""Held by nobody in a unit."""


def waiting_states(workflow: Workflow) -> Iterator[str]:
    """Find states in which nobody is waited for, or somebody without end and without a reason."""
    for state in workflow.states:
        where = f"state {state.name}"
        if state.final:
            if state.owner is not None:
                yield f"{where}: is final but has an owner; nobody is waited for, leave it out"
            continue
        if state.owner_role is None:
            yield f"{where}: has no owner; name the role that is waited for"
        elif state.owner_role.role in NO_CASEWORK | {Role.CLOCK}:
            role = state.owner_role.role
            yield f"{where}: waits for {role}, a role nobody can act in; name another"
        running = (
            each for each in workflow.deadlines
            if state.name in each.runs_in and each.name not in state.pauses
        )  # fmt: skip
        if next(running, None) is None and state.waits_because is None:
            what = "no deadline runs in it; declare one, or write in waits_because why it may wait"
            yield f"{where}: {what}"


def actors(workflow: Workflow) -> Iterator[str]:
    """Find roles named to act that nobody can hold, or hold there."""
    for transition in workflow.transitions:
        yield from _acting(f"transition {transition.trigger}", transition.who, workflow)
    hand = {"opened_by": workflow.opened_by, "corrected_by": workflow.corrected_by}
    for where, specs in hand.items():
        who = tuple(spec if isinstance(spec, Who) else Who(spec) for spec in specs)
        yield from _acting(where, who, workflow)
        if any(each.role is Role.CLOCK for each in who):
            yield f"{where}: the clock does nothing by hand; name a role somebody holds"
    for state in workflow.states:
        if state.owner_role is not None:
            yield from _held_where(f"state {state.name}", state.owner_role, workflow)


def handed_over(workflow: Workflow) -> Iterator[str]:
    """Find rungs that hand work to a role nobody in a unit can hold."""
    for deadline in workflow.deadlines:
        for rung in deadline.ladder:
            if not isinstance(rung.does, HandOver):
                continue
            where = f"deadline {deadline.name}, rung {rung.name}"
            if not rung.does.to:
                yield f"{where}: hands over to nobody; name at least one role"
            for role in rung.does.to:
                if role in NO_CASEWORK | OUTSIDE:
                    yield f"{where}: hands over to {role}, who takes no cases; name a staff role"


def told(workflow: Workflow) -> Iterator[str]:
    """Find messages to somebody the case has no way to know."""
    for where, whom in _tellings(workflow):
        if not isinstance(whom, Who):
            continue
        yield from _held_where(where, whom, workflow)
        if whom.role is Role.CLOCK:
            yield f"{where}: tells the clock; name somebody who reads"
        if whom.role is Role.PARTNER and workflow.partner is None:
            yield f"{where}: tells the partner; declare in partner=… which one that is"
        if whom.role is Role.STUDENT and not workflow.needs_subject:
            yield f"{where}: tells the student, but a case may have none; set needs_subject"


def _acting(where: str, who: Iterable[Who], workflow: Workflow) -> Iterator[str]:
    """Find roles that cannot act."""
    for each in who:
        if each.role in NO_CASEWORK:
            yield f"{where}: names {each.role}, a role that changes no case; name another"
        yield from _held_where(where, each, workflow)


def _held_where(where: str, who: Who, workflow: Workflow) -> Iterator[str]:
    """Find a place that is no link of the case, and a role that is held in no unit at all."""
    if who.where == CASE:
        return
    if who.where not in {link.name for link in workflow.links}:
        yield f"{where}: {who.role} at {who.where}, which is no link; declare it in links"
    if who.role in OUTSIDE:
        yield f"{where}: {who.role} is held in no unit; name the role without a place"


def _tellings(workflow: Workflow) -> Iterator[tuple[str, Whom]]:
    """Give everybody who is told something, with where that is said."""
    yield from (("tells", tell.whom) for tell in workflow.tells)
    for transition in workflow.transitions:
        yield from ((f"transition {transition.trigger}", tell.whom) for tell in transition.tells)
    for deadline in workflow.deadlines:
        for rung in deadline.ladder:
            where = f"deadline {deadline.name}, rung {rung.name}"
            yield from ((where, whom) for whom in rung.whom)


PEOPLE_CHECKS: Final = (waiting_states, actors, handed_over, told)
