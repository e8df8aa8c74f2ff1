"""What reports about steps share: which declared steps they mean, walking the events, the columns they begin with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeAlias

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.paging import Page
from engine.reports.shape import DETAIL_ERASED, Column, EventRef, Line, Moment, Person, Question, UnitOf, Value
from engine.store import report_rows
from engine.store.report_rows import Told, Wanted
from engine.vocabulary import NoConflict, Role, Text, Transition

CHUNK: Final = 200
"""How many events are looked at together."""

MOST: Final = 4000
"""How many are looked at for one page; a page with few or no lines may then still have a next one."""

STRETCHES: Final = 5
"""How many times events are looked through for one page, where few of them are meant (`report_rows.told`)."""

Judge: TypeAlias = Callable[[Sequence[Told]], Sequence[Line | None]]
"""Makes the line of each event looked at; None where it makes none."""

Means: TypeAlias = Callable[[Transition], bool]
"""Whether a declared step is one that a report is about."""

HEAD: Final = (
    Column("at", Text("När", "When")),
    Column("number", Text("Ärende", "Case"), shown=False),
    Column("process", Text("Process", "Process"), under="step"),
    Column("unit", Text("Enhet", "Unit"), under="step"),
    Column("step", Text("Steg", "Step")),
)
"""The columns every report about steps begins with."""

BY: Final = (Column("by", Text("Av", "By")), Column("role", Text("Roll", "Role"), under="by"))


def named(catalogue: Catalogue, means: Means) -> tuple[tuple[str, str], ...]:
    """Name the steps meant, as (workflow, trigger), in any definition there is."""
    found = {
        (name, step.trigger)
        for name in catalogue.names
        for definition in catalogue.versions(name)
        for step in definition.workflow.transitions
        if means(step)
    }
    return tuple(sorted(found))


def definition_of(catalogue: Catalogue, row: Told) -> Definition | None:
    """Give the definition a step was taken under, else the newest there is; None of an unknown process."""
    try:
        return catalogue.by_hash(row.definition)
    except KeyError:
        return catalogue.current(row.workflow) if row.workflow in catalogue.names else None


def step_of(catalogue: Catalogue, row: Told) -> Transition | None:
    """Give the declared step that was taken; None where the event is no step, or it is declared no more."""
    definition = definition_of(catalogue, row)
    return definition.steps.get((row.from_state or "", row.trigger or "")) if definition else None


def is_decision(step: Transition) -> bool:
    """Tell whether a step decides in a matter: its form asks who presented it, and when and how the person was told.

    A `DecisionForm` does; so does the form of a decision that the clock may take too, and that cannot
    ask for a declaration. Source: Förvaltningslagen (2017:900), 31 and 33 §§.
    """
    return {"presented_by", "told_on", "told_how"} <= set(step.form.model_fields)


def declares(step: Transition) -> bool:
    """Tell whether a step asks for a declaration of no conflict of interest (FL 16 §)."""
    return issubclass(step.form, NoConflict)


def walk(question: Question, wanted: Wanted, judge: Judge, cursor: str | None, limit: int) -> Page[Line]:
    """Look at events, newest first, until a page is full, all are seen, or MOST were looked at (or STRETCHES)."""
    found: list[Line] = []
    looked, last = 0, cursor
    for _ in range(STRETCHES):
        part = report_rows.told(question.asked.connection, question.asked.scope, wanted, cursor=last, limit=CHUNK)
        for row, line in zip(part.rows, judge(part.rows), strict=True):
            if line is not None and len(found) == limit:
                return Page(tuple(found), last)
            if line is not None:
                found.append(line)
            last = row.cursor
        looked, last = looked + len(part.rows), part.cursor
        if last is None or looked >= MOST:
            break
    return Page(tuple(found), last)


def ref(row: Told) -> EventRef:
    """Name the event of a row."""
    return EventRef(row.case, row.number, row.sequence)


def head(question: Question, row: Told) -> dict[str, Value]:
    """Give the first columns."""
    catalogue = question.cases.catalogue
    step = step_of(catalogue, row)
    definition = definition_of(catalogue, row)
    return {
        "at": Moment(row.at),
        "number": row.number,
        "process": definition.workflow.label if definition else Text(row.workflow, row.workflow),
        "unit": UnitOf(row.unit),
        "step": step.label if step else Text(row.trigger or row.kind, row.trigger or row.kind),
    }


def by(row: Told) -> dict[str, Value]:
    """Say who took the step, and in which role."""
    return {"by": Person(row.party, row.name), "role": Role(row.role) if row.role in set(Role) else None}


def detail_value(row: Told, name: str) -> Value:
    """A text of the event's detail; that it was erased, where it was."""
    if row.erased:
        return DETAIL_ERASED
    value = (row.detail or {}).get(name)
    return value if isinstance(value, str) else None


def fields_of(row: Told) -> Mapping[str, Any]:
    """What was sent with the step; nothing where it was erased."""
    found = (row.detail or {}).get("fields")
    return found if isinstance(found, dict) else {}


def changes_of(row: Told) -> Mapping[str, Any]:
    """Which facts the step changed, to what; nothing where that was erased."""
    found = (row.detail or {}).get("changes")
    return found if isinstance(found, dict) else {}


def local_day(question: Question, unit: str, at: int) -> date:
    """The local day of a unit at an instant."""
    return question.asked.organisation.calendar(unit).day_at(at)


def is_person(party: str) -> bool:
    """Whether the party of an event is a person."""
    return party not in {"clock", "import", "installation"}
