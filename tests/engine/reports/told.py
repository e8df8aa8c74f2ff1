"""What tests of the reports share: an office with its stories, and its reports in few words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.reports.index import Filter, Line, Reports
from engine.reports.shape import Code, Moment, Person, UnitOf, Value
from engine.tables import Table
from engine.vocabulary import Text
from tests.journeys.office import INSTITUTION, Office, student

VOUCHED = {"no_conflict_of_interest": True}


def lines(office: Office, name: str, *, reader: str | None = "auditor", **narrowed: Any) -> list[Line]:
    """All lines of a report, as somebody reads it."""
    who = office.ids[reader] if reader else None
    return list(Reports(office.house.cases).all(INSTITUTION, who, name, Filter(**narrowed)))


def said(office: Office, line: Line, *columns: str) -> Any:
    """What stands in columns, in English; of one alone, it by itself."""
    names = {person: name for name, person in office.ids.items()}
    found = tuple(_said(line.values[column], names) for column in columns)
    return found[0] if len(found) == 1 else found


def _said(value: Value, names: Mapping[str, str]) -> Any:  # noqa: PLR0911 - one answer a kind
    match value:
        case Text(_, en):
            return en
        case tuple():
            return [each.en for each in value]
        case Person(who, _):
            return names.get(who, who)
        case UnitOf(code):
            return code
        case Code(_, name):
            return name
        case Moment(at):
            return at
        case _:
            return value


def at(office: Office, line: Line) -> list[tuple[str, int]]:
    """The events a line rests on: id of the case, and sequence."""
    return [(event.case, event.sequence) for event in line.events]


def erase(office: Office, case: str, sequence: int) -> None:
    """Take away what an event told, as an erasure does."""
    table = Table.metadata.tables["event_detail"]
    with office.house.store.writes() as connection:
        connection.execute(sa.delete(table).where(table.c.case_id == case, table.c.sequence == sequence))


def review(office: Office, name: str = "Nils", **facts: Any) -> str:
    """A review that a reviewer of Statistics has taken."""
    told = {"course": "Statistik A", "requirements": [{"name": "Matematik 3c"}], **facts}
    case = office.open("admissions", "eligibility_review", "STAT", told, subject=student(name))
    office.do("stat.reviewer", case, "take")
    return case


def refused(office: Office, name: str = "Nils", reason: str = "Kravet saknas.") -> str:
    """A review found ineligible, and decided so."""
    case = review(office, name)
    failed = {**VOUCHED, "failed_requirement": "Matematik 3c"}
    office.do("stat.reviewer", case, "find_ineligible", failed, reason=reason)
    office.do("admissions", case, "record_decision", {**VOUCHED, "decided_on": "2027-01-11"})
    return case
