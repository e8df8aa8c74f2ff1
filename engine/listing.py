"""What a list says of a case: its words, what is owed first and by when, and for whom it waits. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.model import Case, DeadlineRow, Status
from engine.vocabulary import AtOnce, Text, Who


@dataclass(frozen=True, slots=True)
class Line:
    """A case in a list. `deadline` and `due_on` are of what is owed first, None where nothing is.

    `waits_for` is the role that owns the state, None in a final one. `overdue` is whether a
    deadline was missed and is not answered yet.
    """

    process: Text
    state: Text
    final: bool
    deadline: Text | None
    due_on: date | None
    overdue: bool
    waits_for: Who | None


def line_of(catalogue: Catalogue, case: Case) -> Line:
    """Say it in the newest words there are; what is owed comes from the definition the case is under."""
    definition = catalogue.by_hash(case.definition)
    newest = catalogue.current(case.workflow) if case.workflow in catalogue.names else definition
    own = definition.states[case.state]
    first = next(iter(open_due(definition, case)), None)
    return Line(
        process=newest.workflow.label,
        state=newest.states.get(case.state, own).label,
        final=own.final,
        deadline=_label(definition, newest, first) if first else None,
        due_on=first.due_on if first else None,
        overdue=any(row.open and row.status is Status.MISSED for row in case.deadlines),
        waits_for=own.owner_role,
    )


def open_due(definition: Definition, case: Case) -> tuple[DeadlineRow, ...]:
    """The open deadlines that have a day, soonest first. What is due at once is the clock's own affair."""
    found = [row for row in case.deadlines if row.open and row.due_on and not _at_once(definition, row)]
    return tuple(sorted(found, key=lambda row: (row.due_on or date.max, row.name)))


def _at_once(definition: Definition, row: DeadlineRow) -> bool:
    return row.name not in definition.deadlines or isinstance(definition.deadlines[row.name].due, AtOnce)


def _label(definition: Definition, newest: Definition, row: DeadlineRow) -> Text:
    return newest.deadlines.get(row.name, definition.deadlines[row.name]).label
