"""What the API says of a workflow: enough for a client to draw it and to fill in its forms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from engine.definition import Definition
from engine.proofs import in_words
from engine.schemas import schema_of
from engine.vocabulary import AtOnce, Budget, Deadline, Role, State, Transition, Who
from engine.vocabulary.people import Person
from service.models import Read, Words, words


class WhoRead(Read):
    """A role, and where it is held: in the case's own unit (`case`) or that of a linked case."""

    role: Role
    where: str


class StateRead(Read):
    """A condition a case can be in."""

    name: str
    label: Words
    subject_label: Words | None
    owner: WhoRead | None
    final: bool
    reopens_to: str | None
    pauses: list[str]
    holds_place: bool
    waits_because: Words | None


class TransitionRead(Read):
    """An allowed step. `recorded`: the case stays in its state."""

    trigger: str
    label: Words
    sources: list[str] = Field(serialization_alias="from")
    to: str | None = Field(description="Null where the case stays in its state.")
    recorded: bool
    by: list[WhoRead]
    fields: dict[str, Any] = Field(description="JSON Schema of `fields` in the step.")
    guards: list[str]
    not_by: list[str]
    reason_required: bool
    opens: list[str]


class RungRead(Read):
    """A step of a ladder: when, and whom it tells or what it does."""

    name: str
    side: str
    count: int | str = Field(description="A number, or the name of a setting.")
    unit: str
    message: str | None
    to: list[str]
    does: str | None


class DeadlineDeclared(Read):
    """Something owed while a case is in given states."""

    name: str
    label: Words
    runs_in: list[str]
    answers: list[str]
    due: str
    count: int | str | None = Field(description="How long the budget is: a number, or the name of a setting.")
    unit: str | None
    ladder: list[RungRead]


class LinkDeclared(Read):
    """A named tie to a case of another workflow."""

    name: str
    workflow: str
    required: bool


class WorkflowSummary(Read):
    """A process."""

    name: str
    version: int
    hash: str
    label: Words
    purpose: Words
    prefix: str


class WorkflowRead(WorkflowSummary):
    """A process, whole."""

    versions: list[int]
    initial: str
    needs_subject: bool
    opened_by: list[WhoRead]
    facts: dict[str, Any] = Field(description="JSON Schema of `facts`.")
    protected: list[str]
    links: list[LinkDeclared]
    states: list[StateRead]
    transitions: list[TransitionRead]
    deadlines: list[DeadlineDeclared]
    rules: list[str]
    figures: dict[str, Any]


class WorkflowList(Read):
    """All processes."""

    items: list[WorkflowSummary]
    next_cursor: str | None = None


def workflow_summary(definition: Definition) -> WorkflowSummary:
    """A workflow in a list."""
    return WorkflowSummary(**_parts(definition))


def _parts(definition: Definition) -> dict[str, Any]:
    workflow = definition.workflow
    return {
        "name": definition.name,
        "version": definition.version,
        "hash": definition.hash,
        "label": words(workflow.label),
        "purpose": words(workflow.purpose),
        "prefix": workflow.prefix,
    }


def workflow_read(definition: Definition, versions: Iterable[int]) -> WorkflowRead:
    """A workflow, whole."""
    workflow = definition.workflow
    return WorkflowRead(
        **_parts(definition),
        versions=sorted(versions),
        initial=workflow.initial,
        needs_subject=workflow.needs_subject,
        opened_by=_who(workflow.openers),
        facts=schema_of(workflow.facts),
        protected=list(workflow.protected),
        links=[LinkDeclared(name=each.name, workflow=each.workflow, required=each.required) for each in workflow.links],
        states=[_state(state) for state in workflow.states],
        transitions=[_transition(each) for each in workflow.transitions],
        deadlines=[_deadline(each) for each in workflow.deadlines],
        rules=[in_words(rule) for rule in workflow.rules],
        figures=dict(definition.figures),
    )


def _who(who: Iterable[Who]) -> list[WhoRead]:
    return [WhoRead(role=each.role, where=each.where) for each in who]


def _state(state: State) -> StateRead:
    owner = state.owner_role
    return StateRead(
        name=state.name,
        label=words(state.label),
        subject_label=words(state.subject_label) if state.subject_label else None,
        owner=WhoRead(role=owner.role, where=owner.where) if owner else None,
        final=state.final,
        reopens_to=state.reopens_to,
        pauses=list(state.pauses),
        holds_place=state.holds_place,
        waits_because=words(state.waits_because) if state.waits_because else None,
    )


def _transition(each: Transition) -> TransitionRead:
    guards = (*each.guards, *each.field_guards)
    return TransitionRead(
        trigger=each.trigger,
        label=words(each.label),
        sources=list(each.sources),
        to=None if each.recorded else each.to,
        recorded=each.recorded,
        by=_who(each.who),
        fields=schema_of(each.form),
        guards=[getattr(guard, "__name__", type(guard).__name__) for guard in guards],
        not_by=list(each.not_by),
        reason_required=each.reason_required,
        opens=[opens.workflow for opens in each.opens],
    )


def _deadline(each: Deadline) -> DeadlineDeclared:
    budget = each.due if isinstance(each.due, Budget) else None
    due = "budget" if budget else "at_once" if isinstance(each.due, AtOnce) else "on_day"
    return DeadlineDeclared(
        name=each.name,
        label=words(each.label),
        runs_in=list(each.runs_in),
        answers=list(each.answers),
        due=due,
        count=_count(budget.count) if budget else None,
        unit=budget.unit if budget else None,
        ladder=[
            RungRead(
                name=rung.name,
                side=rung.at.side,
                count=_count(rung.at.count),
                unit=rung.at.unit,
                message=rung.message,
                to=[whom.value if isinstance(whom, Person) else whom.role for whom in rung.whom],
                does=type(rung.does).__name__.lower() if rung.does else None,
            )
            for rung in each.ladder
        ],
    )


def _count(count: Any) -> int | str:
    return count if isinstance(count, int) else str(count.name)
