"""What is overdue now, by unit: every missed deadline that nobody has answered, and who has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from engine.definition import Definition
from engine.paging import Page
from engine.reports.shape import Column, EventRef, Line, Person, Question, Report, UnitOf, Value
from engine.store import report_rows
from engine.store.report_rows import Late
from engine.vocabulary import Text


def lines(question: Question, cursor: str | None, limit: int) -> Page[Line]:
    """A page of the report: units in the order of their codes, in each the longest overdue first."""
    asked = question.asked
    rows = report_rows.late(asked.connection, asked.scope, question.wanted(), cursor=cursor, limit=limit + 1)
    more = rows[limit - 1].cursor if len(rows) > limit else None
    return Page(tuple(_lines(question, rows[:limit])), more)


def _lines(question: Question, rows: tuple[Late, ...]) -> Iterator[Line]:
    for row in rows:
        yield Line(_values(question, row), (EventRef(row.case, row.number, row.since),))


def _values(question: Question, row: Late) -> dict[str, Value]:
    definition = _definition(question, row)
    calendar = question.asked.organisation.calendar(row.unit)
    # The instant is the midnight that follows the last day.
    last = row.due_on or calendar.day_at(row.due_at - 1)
    return {
        "unit": UnitOf(row.unit),
        "number": row.number,
        "title": row.title,
        "process": definition.workflow.label if definition else Text(row.workflow, row.workflow),
        "state": definition.states[row.state].label if definition and row.state in definition.states else row.state,
        "deadline": _deadline(definition, row.name),
        "due_on": last,
        "working_days": max(calendar.working_days_between(last, _today(question, row.unit)), 0),
        "who": Person(row.assignee, row.called) if row.assignee else None,
        "role": _owner(definition, row.state),
    }


def _definition(question: Question, row: Late) -> Definition | None:
    try:
        return question.cases.catalogue.by_hash(row.definition)
    except KeyError:
        return None


def _deadline(definition: Definition | None, name: str) -> Text:
    declared = definition.deadlines.get(name) if definition else None
    return declared.label if declared else Text(name, name)


def _owner(definition: Definition | None, state: str) -> Value:
    declared = definition.states.get(state) if definition else None
    return declared.owner_role.role if declared and declared.owner_role else None


def _today(question: Question, unit: str) -> date:
    return question.asked.organisation.calendar(unit).day_at(question.asked.now)


REPORT: Final = Report(
    name="overdue",
    label=Text("Försenat per enhet", "Overdue by unit"),
    about=Text(
        "Frister vars sista dag har gått utan svar, så som det står nu; perioden avser sista dagen. Det som ligger"
        " bakom varje rad är händelsen som startade fristen.",
        "Deadlines whose last day has gone without an answer, as it stands now; the period is about the last day. What"
        " each line rests on is the event that started the deadline.",
    ),
    columns=(
        Column("unit", Text("Enhet", "Unit")),
        Column("number", Text("Ärende", "Case"), shown=False),
        Column("title", Text("Rubrik", "Title")),
        Column("process", Text("Process", "Process"), under="title"),
        Column("state", Text("Status", "Status")),
        Column("deadline", Text("Frist", "Deadline")),
        Column("due_on", Text("Sista dag", "Last day")),
        Column("working_days", Text("Försenat, arbetsdagar", "Overdue, working days")),
        Column("who", Text("Handläggare", "Assignee")),
        Column("role", Text("Väntar på", "Waiting for"), under="who"),
    ),
    lines=lines,
)
