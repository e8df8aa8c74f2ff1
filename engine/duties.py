"""What is in my role? What a role owns, may do, answers and is told, in every process of today."""

from __future__ import annotations

from dataclasses import dataclass

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.vocabulary import ASSIGNEE, Deadline, Role, Rung, State, Text, Transition, Who
from engine.wording import Condition, Said, Wording, declares_no_conflict


@dataclass(frozen=True, slots=True)
class OwnedState:
    """A state that waits for the role: for one of its steps, or for nothing by a written reason.

    `where` says in which other unit the role is held, None: in the case's own.
    """

    name: str
    label: Text
    where: Text | None
    waits_for: tuple[Text, ...]
    waits_because: Text | None


@dataclass(frozen=True, slots=True)
class DutyStep:
    """A step the role may take, with what it asks for.

    `target` is None where something is noted and nothing moves. `four_eyes` names the earlier
    steps whose taker may not take this one.
    """

    trigger: str
    label: Text
    sources: tuple[Text, ...]
    target: Text | None
    where: Text | None
    reason_required: bool
    four_eyes: tuple[Text, ...]
    declares_no_conflict: bool
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class DutyDeadline:
    """A deadline the role answers with `answers`, or is told of by what `told` says."""

    name: str
    label: Text
    due: Said
    answers: tuple[Text, ...]
    told: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Duties:
    """What one process asks of a role, in the order of the process."""

    workflow: str
    label: Text
    purpose: Text
    opens: bool
    states: tuple[OwnedState, ...]
    steps: tuple[DutyStep, ...]
    deadlines: tuple[DutyDeadline, ...]


def duties(catalogue: Catalogue, role: Role) -> tuple[Duties, ...]:
    """Tell what a role does in each process that knows it, by the names of the processes."""
    found = (_in(Wording(catalogue.current(name), catalogue), role) for name in catalogue.names)
    return tuple(each for each in found if each.opens or each.states or each.steps or each.deadlines)


def _in(words: Wording, role: Role) -> Duties:
    workflow = words.definition.workflow
    steps = [(step, who) for step in _in_order(words.definition) for who in step.who if who.role is role]
    by_trigger = {step.trigger: step for step, _ in steps}
    told = [(deadline, _told(words, role, deadline)) for deadline in workflow.deadlines]
    return Duties(
        workflow=workflow.name,
        label=workflow.label,
        purpose=workflow.purpose,
        opens=any(who.role is role for who in workflow.openers),
        states=tuple(
            _owned(words, state, state.owner_role, role)
            for state in workflow.states
            if state.owner_role is not None and state.owner_role.role is role
        ),
        steps=tuple(_step(words, step, who) for step, who in _once(steps)),
        deadlines=tuple(
            _deadline(words, deadline, tuple(name for name in deadline.answers if name in by_trigger), said)
            for deadline, said in told
            if said or any(name in by_trigger for name in deadline.answers)
        ),
    )


def _in_order(definition: Definition) -> tuple[Transition, ...]:
    """Give each step once, where the process first offers it; those offered nowhere last."""
    offered = (step for state in definition.workflow.states for step in definition.offered[state.name])
    # A transition holds lists of functions and cannot be hashed by its parts everywhere, so by identity.
    return tuple({id(step): step for step in (*offered, *definition.workflow.transitions)}.values())


def _once(steps: list[tuple[Transition, Who]]) -> list[tuple[Transition, Who]]:
    """Keep one entry for a step that a role may take in several units; its own unit goes first."""
    found: dict[int, tuple[Transition, Who]] = {}
    for step, who in steps:
        found.setdefault(id(step), (step, who))
    return list(found.values())


def _owned(words: Wording, state: State, owner: Who, role: Role) -> OwnedState:
    leaving = [
        step.label
        for step in words.definition.offered[state.name]
        if any(who.role is role for who in step.who) and not step.recorded
    ]
    return OwnedState(state.name, state.label, words.where(owner), tuple(dict.fromkeys(leaving)), state.waits_because)


def _step(words: Wording, step: Transition, who: Who) -> DutyStep:
    sources = [state for state in words.definition.workflow.states if step in words.definition.offered[state.name]]
    return DutyStep(
        trigger=step.trigger,
        label=step.label,
        sources=tuple(state.label for state in sources),
        target=None if step.recorded else words.state(step.to),
        where=words.where(who),
        reason_required=step.reason_required,
        four_eyes=tuple(words.step(name) for name in step.not_by),
        declares_no_conflict=declares_no_conflict(step),
        conditions=words.conditions(step),
    )


def _deadline(words: Wording, deadline: Deadline, answers: tuple[str, ...], told: tuple[Text, ...]) -> DutyDeadline:
    labels = tuple(dict.fromkeys(words.step(name) for name in answers))
    return DutyDeadline(deadline.name, deadline.label, words.due(deadline), labels, told)


def _told(words: Wording, role: Role, deadline: Deadline) -> tuple[Text, ...]:
    """Say each time the role is told of a deadline; whoever has the case is told as its state's owner."""
    owners = {words.definition.states[name].owner_role for name in deadline.runs_in}
    owns = any(owner.role is role for owner in owners if owner is not None)

    def reaches(rung: Rung) -> bool:
        named = any(isinstance(whom, Who) and whom.role is role for whom in rung.whom)
        return named or (owns and ASSIGNEE in rung.whom)

    return tuple(words.rung(deadline, rung) for rung in deadline.ladder if reaches(rung))
