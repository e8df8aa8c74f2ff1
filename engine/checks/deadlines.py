"""Deadlines: they run somewhere, can be met, and what they fire can be fired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from engine.vocabulary import (
    AtOnce,
    Budget,
    Deadline,
    Figure,
    Fire,
    Role,
    Rung,
    Side,
    Transition,
    Unit,
    Workflow,
)


def running(workflow: Workflow) -> Iterator[str]:
    """Find deadlines that run nowhere, or in a state that is unknown or an end."""
    states = {state.name: state for state in workflow.states}
    for deadline in workflow.deadlines:
        where = f"deadline {deadline.name}"
        if not deadline.runs_in:
            yield f"{where}: runs in no state; name those it runs in"
        for name in deadline.runs_in:
            if name not in states:
                yield f"{where}: runs in {name}, which is not declared; name a state"
            elif states[name].final:
                yield f"{where}: runs in {name}, which is final; a finished case owes nothing"


def answered(workflow: Workflow) -> Iterator[str]:
    """Find answers that no state offers while the deadline runs or rests."""
    triggers = {each.trigger for each in workflow.transitions}
    for deadline in workflow.deadlines:
        for name in deadline.answers:
            where = f"deadline {deadline.name}, answers {name}"
            if name not in triggers:
                yield f"{where}: is not declared; name a trigger of this workflow"
            elif not _offered(workflow, deadline, name):
                yield f"{where}: no state offers it while the deadline runs; name another"


def resting(workflow: Workflow) -> Iterator[str]:
    """Find states that pause a deadline which is unknown, or which cannot rest."""
    known = {deadline.name: deadline for deadline in workflow.deadlines}
    for state in workflow.states:
        for name in state.pauses:
            where = f"state {state.name}, pauses {name}"
            if name not in known:
                yield f"{where}: is not declared; name a deadline"
            elif not _can_rest(known[name]):
                what = "only a budget in days or working days can rest; let it run on"
                yield f"{where}: {what}"
            if state.final:
                yield f"{where}: the state is final; a finished case owes nothing"


def fired(workflow: Workflow) -> Iterator[str]:
    """Find rungs that fire what is unknown, not the clock's, not offered, or asks for fields."""
    for where, deadline, rung in _rungs(workflow):
        if not isinstance(rung.does, Fire):
            continue
        name = rung.does.trigger
        transitions = [each for each in workflow.transitions if each.trigger == name]
        if not transitions:
            yield f"{where}: fires {name}, which is not declared; name a trigger"
            continue
        offered = _offered(workflow, deadline, name)
        if not offered:
            yield f"{where}: fires {name}, which no state it runs in offers; name another"
        for transition in offered:
            yield from _not_for_the_clock(where, transition)


def doing(workflow: Workflow) -> Iterator[str]:
    """Find rungs that do nothing, tell nobody, or count what there is not."""
    for where, deadline, rung in _rungs(workflow):
        if rung.message is None and rung.does is None:
            yield f"{where}: does nothing; give it a message or something it does"
        if rung.message is None and rung.to:
            yield f"{where}: tells somebody nothing; name the message"
        if rung.message is not None and not rung.to:
            yield f"{where}: tells nobody; name who is told"
        if rung.at.side is Side.USED and not isinstance(deadline.due, Budget):
            yield f"{where}: counts days used, but there is no budget; use before() or after()"
        if rung.at.side is Side.BEFORE and isinstance(deadline.due, AtOnce):
            yield f"{where}: lies before a deadline that is due at once; use MISSED or after()"


def counts(workflow: Workflow) -> Iterator[str]:
    """Find negative counts, and a figure with two defaults."""
    defaults: dict[str, object] = dict(workflow.figures)
    for deadline in workflow.deadlines:
        used = [rung.at.count for rung in deadline.ladder]
        if isinstance(deadline.due, Budget):
            used.append(deadline.due.count)
        for count in used:
            default = count.default if isinstance(count, Figure) else count
            if default < 0:
                yield f"deadline {deadline.name}: counts {default}; a count is 0 or more"
            if isinstance(count, Figure) and defaults.setdefault(count.name, default) != default:
                what = f"is {default} here and {defaults[count.name]} elsewhere; choose one"
                yield f"deadline {deadline.name}: the figure {count.name} {what}"


def _rungs(workflow: Workflow) -> Iterator[tuple[str, Deadline, Rung]]:
    """Give every rung, with where it stands and its deadline."""
    for deadline in workflow.deadlines:
        for rung in deadline.ladder:
            yield f"deadline {deadline.name}, rung {rung.name}", deadline, rung


def _offered(workflow: Workflow, deadline: Deadline, trigger: str) -> list[Transition]:
    """Give the transitions of a trigger that can be taken while a deadline runs or rests."""
    open_in = {*deadline.runs_in}
    open_in |= {state.name for state in workflow.states if deadline.name in state.pauses}
    return [each for each in workflow.transitions if each.trigger == trigger and not open_in.isdisjoint(each.sources)]


def _not_for_the_clock(where: str, transition: Transition) -> Iterator[str]:
    """Find what keeps the clock from taking a step: its role, fields to fill in, a reason."""
    if not any(who.role is Role.CLOCK for who in transition.who):
        yield f"{where}: fires {transition.trigger}, but the clock may not; add Role.CLOCK to by"
    fields = transition.form.model_fields
    asked = ", ".join(name for name, field in fields.items() if field.is_required())
    if asked:
        what = f"which asks for {asked}; the clock fills in nothing, so make that optional"
        yield f"{where}: fires {transition.trigger}, {what}"
    if transition.reason_required:
        yield f"{where}: fires {transition.trigger}, which asks for a reason the clock has not"


def _can_rest(deadline: Deadline) -> bool:
    """Tell whether a deadline has a budget in days or working days."""
    due = deadline.due
    return isinstance(due, Budget) and due.unit in {Unit.DAYS, Unit.WORKING_DAYS}


DEADLINE_CHECKS: Final = (running, answered, resting, fired, doing, counts)
