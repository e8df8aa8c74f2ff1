"""Decisions taken by somebody on a day on which they were noted as absent.

Decisions, and whatever else asks for a declaration of no conflict of interest: findings, rankings,
signatures. An absence counts if it was noted when the step was taken, or is noted now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from engine.organisation import Organisation
from engine.paging import Page
from engine.reports import steps
from engine.reports.rights import WEEKDAYS
from engine.reports.shape import Column, Line, Person, Question, Report, Value
from engine.reports.steps import BY, HEAD
from engine.store import person_rows, registers
from engine.store.report_rows import Told
from engine.vocabulary import Text, Transition

KEPT: Final = 16
"""How many versions of the organisation are held in memory at once."""

SPAN: Final = Text("borta hela dagar", "away for whole days")


def is_meant(step: Transition) -> bool:
    """Tell whether a step decides, or is one for which nobody may be biased."""
    return steps.is_decision(step) or steps.declares(step)


def lines(question: Question, cursor: str | None, limit: int) -> Page[Line]:
    """A page of the report."""
    wanted = question.wanted(steps=steps.named(question.cases.catalogue, is_meant))
    versions = _Versions(question)

    def judge(rows: Sequence[Told]) -> list[Line | None]:
        return [_line(question, versions, row) for row in rows]

    return steps.walk(question, wanted, judge, cursor, limit)


class _Versions:
    """The organisation at the versions that steps have seen, the last few kept."""

    def __init__(self, question: Question) -> None:
        self._asked = question.asked
        self._known: dict[int, Organisation] = {}

    def at(self, version: int) -> Organisation:
        """The organisation at a version."""
        if version == self._asked.organisation.version:
            return self._asked.organisation
        if version not in self._known:
            while len(self._known) >= KEPT:
                self._known.pop(next(iter(self._known)))
            institution = self._asked.scope.institution
            self._known[version] = registers.at_version(self._asked.connection, institution, version)
        return self._known[version]


def _line(question: Question, versions: _Versions, row: Told) -> Line | None:
    step = steps.step_of(question.cases.catalogue, row)
    if step is None or not is_meant(step) or row.cause is not None or not steps.is_person(row.party):
        return None
    day = steps.local_day(question, row.unit, row.at)
    seen = row.body.get("seen", {}).get("organisation")
    then = versions.at(int(seen)) if seen is not None else question.asked.organisation
    known = not then.works_on(row.party, day)
    if not known and question.asked.organisation.works_on(row.party, day):
        return None
    return _told(question, row, then if known else question.asked.organisation, day, known=known)


def _told(question: Question, row: Told, organisation: Organisation, day: date, *, known: bool) -> Line:
    absence = next(each for each in organisation.absences if each.person == row.party and each.takes(day))
    cards = person_rows.by_id(
        question.asked.connection, question.asked.scope.institution, [absence.substitute] if absence.substitute else []
    )
    card = cards.get(absence.substitute or "")
    pattern: Value = tuple(WEEKDAYS[each] for each in sorted(absence.weekdays)) if absence.weekdays else SPAN
    values = steps.head(question, row) | steps.by(row)
    values |= {
        "away": pattern,
        "from": absence.span.starts_on,
        "to": absence.span.ends_on,
        "substitute": Person(absence.substitute, card.name if card else None) if absence.substitute else None,
        "known": known,
    }
    return Line(values, (steps.ref(row),))


REPORT: Final = Report(
    name="absent",
    label=Text("Beslut av någon som var frånvarande", "Decisions by somebody while absent"),
    about=Text(
        "Beslut, bedömningar, rangordningar och underskrifter tagna en dag då den som tog dem stod som frånvarande,"
        " enligt registret då eller nu.",
        "Decisions, findings, rankings and signatures made on a day on which whoever made them was noted as absent, by"
        " the register as it stood then or stands now.",
    ),
    columns=(
        *HEAD,
        *BY,
        Column("away", Text("Frånvaro", "Absence")),
        Column("from", Text("Från och med", "From"), under="away"),
        Column("to", Text("Till och med", "Until"), under="away"),
        Column("substitute", Text("Ersättare", "Substitute")),
        Column("known", Text("Känd när steget togs", "Known when the step was taken")),
    ),
    lines=lines,
)
