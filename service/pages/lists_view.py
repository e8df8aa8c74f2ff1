"""What a list of cases shows of each: view models, and the steps that can be taken for many at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from engine.listing import Line, line_of
from engine.model import Case
from engine.rights import ENTERED_BY, OUTSIDERS
from engine.vocabulary import Role, Text, Transition
from service.pages.filters import Chosen
from service.pages.visiting import Visit

TAKE = "take"
"""The step by which somebody takes a case out of the pool, in the processes that have it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list, in the reader's language. `whom` says for whom it waits, `offers_take` whether to take it."""

    id: str
    version: int
    number: str
    title: str
    student: str | None
    process: str
    state: str
    final: bool
    due_on: date | None
    deadline: str
    overdue: bool
    whom: str
    unit: str
    unit_code: str
    assignee: str | None
    opened_at: int
    updated_at: int
    closed_at: int | None
    offers_take: bool


@dataclass(frozen=True, slots=True)
class BulkSteps:
    """What can be asked for many cases of a list at once, and the query that finds all of them: `total`, or `more`."""

    steps: tuple[Transition, ...]
    query: str
    total: int
    more: bool


def people_in(cases: Iterable[Case]) -> frozenset[str]:
    """Everybody whose name a list of these cases shows."""
    return frozenset(who for case in cases for who in (case.assignee, case.subject) if who)


def rows_of(visit: Visit, cases: Sequence[Case], names: Mapping[str, str]) -> tuple[Row, ...]:
    """The cases as rows; `names` are those of `people_in`."""
    return tuple(_row(visit, case, line_of(visit.house.catalogue, case), names) for case in cases)


def _row(visit: Visit, case: Case, line: Line, names: Mapping[str, str]) -> Row:
    text = visit.speech.text
    unit = visit.organisation.units.get(case.unit)
    offered = visit.house.catalogue.by_hash(case.definition).offered[case.state]
    return Row(
        id=case.id,
        version=case.version,
        number=case.number,
        title=case.title,
        student=names.get(case.subject) if case.subject else None,
        process=text(line.process),
        state=text(line.state),
        final=line.final,
        due_on=line.due_on,
        deadline=text(line.deadline),
        overdue=line.overdue,
        whom=_whom(visit, case, line, names),
        unit=text(Text(unit.name_sv, unit.name_en)) if unit else case.unit,
        unit_code=case.unit,
        assignee=names.get(case.assignee, "–") if case.assignee else None,
        opened_at=case.opened_at,
        updated_at=case.updated_at,
        closed_at=case.closed_at,
        offers_take=case.assignee is None and any(step.trigger == TAKE for step in offered),
    )


def _whom(visit: Visit, case: Case, line: Line, names: Mapping[str, str]) -> str:
    """For whom the case waits: student or partner, else the assignee, else the role that owns the state."""
    if line.waits_for is None:
        return "–"
    role = line.waits_for.role
    if role in OUTSIDERS or case.assignee is None:
        said = visit.speech.role(role)
        return said[:1].upper() + said[1:]
    if case.assignee == visit.person:
        return visit.say("Mig", "Me")
    return names.get(case.assignee, "–")


def bulk_steps(visit: Visit, chosen: Chosen, total: int, *, more: bool = False) -> BulkSteps | None:
    """The steps for many, where the list holds one process in one state; None where it does not, or none is there."""
    workflows, states = chosen.many("workflow"), chosen.many("state")
    catalogue = visit.house.catalogue
    if len(workflows) != 1 or len(states) != 1 or workflows[0] not in catalogue.names:
        return None
    offered = catalogue.current(workflows[0]).offered.get(states[0], ())
    # What belongs to this very state is what people come for; what is possible in many comes after it.
    steps = sorted((step for step in offered if may_ask(visit.roles, step)), key=lambda step: len(step.sources))
    return BulkSteps(tuple(steps), chosen.query, total, more) if steps and total else None


def may_ask(roles: frozenset[Role], step: Transition) -> bool:
    """Whether somebody with these roles can take the step for some case; each case is judged on its own later."""
    asked = {who.role for who in step.who}
    return bool(roles & asked) or (bool(asked & set(OUTSIDERS)) and bool(roles & set(ENTERED_BY)))
