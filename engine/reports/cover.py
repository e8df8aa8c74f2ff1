"""Agreements used without cover: places taken after their end, unsigned, or without a registration number.

Judged by the agreement as it stood when the place was taken, folded from its own history up to
that very event. What was put right afterwards was missing all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from engine.definition import Definition
from engine.history import fold
from engine.model import Case
from engine.paging import Page
from engine.reports import steps
from engine.reports.shape import DETAIL_ERASED, Column, EventRef, Line, Question, Report
from engine.store import event_rows
from engine.store.numbers import numbers_of
from engine.store.report_rows import Told
from engine.vocabulary import Held, Text

ENDED: Final = Text("efter avtalets slut", "after the agreement’s end")
UNSIGNED: Final = Text("underskrift saknas", "signature missing")
UNREGISTERED: Final = Text("diarienummer saknas", "registration number missing")


class Cover(BaseModel):
    """What a report reads of an agreement's facts, by name, as the register of agreements does.

    A process that gives places and declares no such facts is judged by the others.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    partner_name: str | None = None
    valid_to: date | None = None
    home_signed_on: date | None = None
    partner_signed_on: date | None = None
    registration_number: str | None = None


def lines(question: Question, cursor: str | None, limit: int) -> Page[Line]:
    """A page of the report."""
    catalogue = question.cases.catalogue
    giving = tuple(name for name in catalogue.names if any(d.workflow.offers for d in catalogue.versions(name)))

    def judge(rows: Sequence[Told]) -> list[Line | None]:
        return _judged(question, rows)

    return steps.walk(question, question.wanted(all_of=giving), judge, cursor, limit)


def _judged(question: Question, rows: Sequence[Told]) -> list[Line | None]:
    taking = {(row.case, row.sequence) for row in rows if taken_in(row.body)}
    stood = _stood(question, taking) if taking else {}
    holders = {held.case for row in rows for held in taken_in(row.body)}
    numbers = numbers_of(question.asked.connection, question.asked.scope.institution, holders)
    return [
        _line(question, row, *stood[row.case, row.sequence], numbers) if (row.case, row.sequence) in stood else None
        for row in rows
    ]


def taken_in(body: Mapping[str, Any]) -> tuple[Held, ...]:
    """The places an event of an agreement says were taken."""
    places = body.get("places", ())
    return tuple(Held.model_validate(each["taken"]) for each in places if "taken" in each)


def _stood(question: Question, taking: set[tuple[str, int]]) -> dict[tuple[str, int], tuple[Case, bool]]:
    """Each agreement as it stood at these events, and whether all it had been told was there to be read."""
    connection, institution = question.asked.connection, question.asked.scope.institution
    found: dict[tuple[str, int], tuple[Case, bool]] = {}
    was: Case | None = None
    whole = True
    for event in event_rows.all_events(connection, institution, sorted({case for case, _ in taking})):
        if event.sequence == 1:
            was, whole = None, True
        was = fold(was, event, question.cases.catalogue)
        whole = whole and (event.detail is not None or event.body.get("detail") is None)
        if (event.case, event.sequence) in taking:
            found[event.case, event.sequence] = (was, whole)
    return found


def _line(question: Question, row: Told, was: Case, whole: bool, numbers: Mapping[str, str]) -> Line | None:  # noqa: FBT001 - as `_stood` gives it
    definition = question.cases.catalogue.by_hash(was.definition)
    day = steps.local_day(question, row.unit, row.at)
    missing = tuple(_missing(definition, was, day))
    if not missing:
        return None
    users = taken_in(row.body)
    values = steps.head(question, row)
    del values["step"]
    values |= {
        # A fact that seems to be missing may only have been erased.
        "missing": missing if whole else (*missing, DETAIL_ERASED),
        "partner": Cover.model_validate(was.facts).partner_name,
        "state": definition.states[was.state].label,
        "valid_to": Cover.model_validate(was.facts).valid_to,
        "used_by": ", ".join(sorted(numbers.get(held.case, held.case) for held in users)),
        "academic_year": ", ".join(sorted({held.academic_year for held in users})),
        "by": steps.by(row)["by"],
    }
    return Line(values, (steps.ref(row), *_causes(row, users, numbers)))


def _missing(definition: Definition, was: Case, day: date) -> Iterator[Text]:
    declared = definition.workflow.facts.model_fields
    facts = Cover.model_validate(was.facts)
    ended = definition.states[was.state].final or (facts.valid_to is not None and facts.valid_to < day)
    if ended:
        yield ENDED
    signatures = {name: getattr(facts, name) for name in ("home_signed_on", "partner_signed_on") if name in declared}
    if any(signed is None or signed > day for signed in signatures.values()):
        yield UNSIGNED
    if "registration_number" in declared and not facts.registration_number:
        yield UNREGISTERED


def _causes(row: Told, users: Sequence[Held], numbers: Mapping[str, str]) -> Iterator[EventRef]:
    """The step of the case that took the place, where the event names it."""
    cause = row.body.get("cause")
    if cause and cause[0] in {held.case for held in users}:
        yield EventRef(cause[0], numbers.get(cause[0], cause[0]), int(cause[1]))


REPORT: Final = Report(
    name="cover",
    label=Text("Avtal som använts utan täckning", "Agreements used without cover"),
    about=Text(
        "Platser som togs när avtalet hade slutat, inte var undertecknat av båda eller saknade diarienummer. Avtalet"
        " bedöms som det stod när platsen togs, hur det än har rättats sedan.",
        "Places taken when the agreement had ended, was not signed by both, or had no registration number. The"
        " agreement is judged as it stood when the place was taken, whatever was put right later.",
    ),
    columns=(
        Column("at", Text("När", "When")),
        Column("number", Text("Avtal", "Agreement"), shown=False),
        Column("partner", Text("Partner", "Partner")),
        Column("process", Text("Process", "Process"), under="partner"),
        Column("unit", Text("Enhet", "Unit"), under="partner"),
        Column("state", Text("Status då", "Status then")),
        Column("valid_to", Text("Gällde till och med", "Valid to"), under="state"),
        Column("missing", Text("Vad som saknades", "What was missing")),
        Column("used_by", Text("Plats tagen av", "Place taken by")),
        Column("academic_year", Text("Läsår", "Academic year"), under="used_by"),
        Column("by", Text("Av", "By")),
    ),
    lines=lines,
)
