"""The findings of a round as a file for admissions: what was found for whom, why, by whom and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from adapters.exports import Cell, Column
from engine.grids import MOST, GridRow, Grids
from engine.store.event_rows import Written
from engine.vocabulary import Text
from service.pages.codes import code_words
from service.pages.eligibility_view import ALL, OPEN, Wanted
from service.pages.filters import states_of
from service.pages.visiting import Visit

FACTS: Final = (
    "application_number", "course", "course_code", "term", "round", "outcome", "failed_requirement", "condition",
    "settle_by",
)  # fmt: skip
FINDINGS: Final = (
    "find_eligible", "find_conditionally_eligible", "find_ineligible", "confirm_ineligible", "confirm_condition_met",
    "condition_failed",
)  # fmt: skip
"""The steps by which something is found."""

PROPOSAL: Final = "propose_ineligible"
"""The step whose reason a confirmation takes over."""

ANSWERED: Final = ("eligible", "conditionally_eligible", "ineligible", "reselection_requested", "decided")
"""The states in which the department has answered. What is only proposed is not told to admissions yet."""


def columns(visit: Visit) -> list[Column]:
    """The headings."""
    say = visit.say
    return [
        Column(say("Nummer", "Number"), 16),
        Column(say("Sökande", "Applicant"), 28),
        Column(say("Anmälningsnummer", "Application number"), 18),
        Column(say("Kurs", "Course"), 32),
        Column(say("Kurskod", "Course code"), 12),
        Column(say("Termin", "Term"), 10),
        Column(say("Antagningsomgång", "Admission round"), 26),
        Column(say("Bedömning", "Outcome"), 22),
        Column(say("Krav som inte är uppfyllt", "Failed requirement"), 26),
        Column(say("Villkor", "Condition"), 32),
        Column(say("Uppfyllt senast", "To be met by"), 14),
        Column(say("Motivering", "Reason"), 48),
        Column(say("Bedömt av", "Found by"), 18),
        Column(say("Bedömt den", "Found on"), 12),
        Column(say("Institution", "Department"), 26),
        Column(say("Status", "Status"), 24),
    ]


def lines(visit: Visit, asked: Wanted) -> Iterator[list[Cell]]:
    """A line for each review that has been answered, by the applicant's name."""
    narrowed = replace(asked.filter(), closed=None, known="outcome")
    if asked.state in {OPEN, ALL}:
        narrowed = replace(narrowed, state=ANSWERED)
    elif asked.state not in ANSWERED:
        return
    grids = Grids(visit.house.cases)
    found = grids.rows(visit.institution, visit.person, narrowed, names=FACTS, limit=MOST + 1)
    events = grids.latest(visit.institution, [row.case for row in found], (*FINDINGS, PROPOSAL))
    labels = states_of(visit.house.catalogue, asked.filter().workflow)
    for row in found[:MOST]:
        yield _line(visit, row, events.get(row.case, ()), labels)
    if len(found) > MOST:
        yield [visit.say("Listan är längre; avgränsa den mer.", "The list is longer; narrow it further.")]


def _line(visit: Visit, row: GridRow, events: tuple[Written, ...], labels: Mapping[str, Text]) -> list[Cell]:
    says = dict(zip(FACTS, row.texts, strict=True))
    finding = next((event for event in reversed(events) if event.columns["trigger"] != PROPOSAL), None)
    unit = visit.organisation.units.get(row.unit)
    text = visit.speech.text
    return [
        row.number,
        row.name,
        says["application_number"],
        says["course"],
        says["course_code"],
        says["term"],
        says["round"],
        text(code_words("Outcome", says["outcome"] or "")),
        says["failed_requirement"],
        says["condition"],
        date.fromisoformat(says["settle_by"]) if says["settle_by"] else None,
        _reason(finding, events),
        _by(visit, finding),
        visit.speech.local(finding.columns["at"]).date() if finding else None,
        text(Text(unit.name_sv, unit.name_en)) if unit else row.unit,
        text(labels.get(row.state)),
    ]


def _reason(finding: Written | None, events: tuple[Written, ...]) -> str | None:
    """The reason of the finding; where it only confirms a proposal, that of the proposal."""
    if finding is None:
        return None
    said = [finding]
    if finding.columns["trigger"] == "confirm_ineligible":
        said += [event for event in events if event.columns["trigger"] == PROPOSAL]
    return next((event.told["reason"] for event in said if event.told and event.told.get("reason")), None)


def _by(visit: Visit, finding: Written | None) -> str | None:
    """The role in which it was found."""
    if finding is None:
        return None
    role = finding.columns["role"]
    return visit.speech.role(role) if role else visit.say("fristen", "the deadline")
