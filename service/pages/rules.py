"""For auditors: the rules of each process in words, and the cases whose history broke one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from adapters.exports import CSV_TYPE, Cell, Column, csv_file
from engine.declare.checking import Fault, Outcome
from engine.declare.tallying import Tally
from engine.declare.wording import fault_words
from engine.ruling import MOST_ON_A_PAGE, Ruled, Ruling
from engine.vocabulary import Role, Text
from engine.wording import Wording, sentence
from service.pages.insight_view import asked_text, must_be_offered
from service.pages.visiting import Visit, Visiting

router = APIRouter(prefix="/audit/rules", include_in_schema=False)

MOST_SHOWN: Final = 200
"""Violations on the page; the file has all."""


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule and how the cases stand to it. `vacuous` of those that keep it never came near it."""

    words: Text
    kept: int
    vacuous: int
    open: int
    broken: int


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A place at which a case broke a rule. `events` are those concerned, as sequence and instant."""

    case: str
    rule: Text
    why: Text
    events: tuple[tuple[int, int | None], ...]


@router.get("")
def rules(visit: Visiting) -> Response:
    """Show the rules of one process, checked on its newest cases."""
    name, ruled = _ruled(visit)
    words = Wording(visit.house.catalogue.current(name), visit.house.catalogue)
    broken = list(_broken(words, ruled))
    return visit.page(
        "audit_rules.html",
        name=name,
        workflows=[(each, visit.house.catalogue.current(each).workflow.label) for each in visit.house.catalogue.names],
        lines=[_line(words, tally) for tally in ruled.tallies.rules],
        cases=ruled.tallies.cases,
        more=ruled.more,
        most=MOST_ON_A_PAGE,
        broken=broken[:MOST_SHOWN],
        hidden=max(0, len(broken) - MOST_SHOWN),
    )


@router.get(".csv")
def rules_csv(visit: Visiting) -> Response:
    """Give the violations of one process as CSV: a row for each event concerned."""
    name, ruled = _ruled(visit)
    words = Wording(visit.house.catalogue.current(name), visit.house.catalogue)
    say = visit.say
    columns = [
        Column(say("Ärende", "Case")), Column(say("Regel", "Rule")), Column(say("Vad som bröt den", "What broke it")),
        Column(say("Händelse", "Event")), Column(say("När", "When")), Column(say("Länk", "Link")),
    ]  # fmt: skip
    filename = f"{say('regler', 'rules')}-{name}-{visit.speech.today.isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return StreamingResponse(csv_file(columns, _rows(visit, words, ruled)), headers=headers, media_type=CSV_TYPE)


def _ruled(visit: Visit) -> tuple[str, Ruled]:
    """The process that was asked for, the first where none was, and what was found. Raises NotAllowed, BadFields."""
    visit.must_hold(Role.AUDITOR, Role.ADMIN)
    names = visit.house.catalogue.names
    asked = asked_text(visit, "workflow")
    must_be_offered("workflow", [asked], ("", *names))
    name = asked or names[0]
    return name, Ruling(visit.house.cases).readable(visit.institution, visit.person, name)


def _line(words: Wording, tally: Tally) -> RuleLine:
    counts = tally.outcomes
    return RuleLine(
        words.rule(tally.rule), tally.kept, counts[Outcome.VACUOUS], counts[Outcome.OPEN], counts[Outcome.BROKEN]
    )


def _broken(words: Wording, ruled: Ruled) -> Iterator[BrokenLine]:
    for tally in ruled.tallies.rules:
        for violation in tally.violations:
            for fault in violation.faults:
                why = sentence(fault_words(tally.rule, fault, words.quoted))
                yield BrokenLine(violation.case, words.rule(tally.rule), why, _events(fault))


def _events(fault: Fault) -> tuple[tuple[int, int | None], ...]:
    return tuple((event.sequence, event.at) for event in fault.events)


def _rows(visit: Visit, words: Wording, ruled: Ruled) -> Iterator[list[Cell]]:
    base = visit.house.settings.base_url.rstrip("/")
    for line in _broken(words, ruled):
        for sequence, at in line.events or ((0, None),):
            local = None if at is None else visit.speech.local(at).replace(tzinfo=None, microsecond=0)
            link = f"{base}/cases/{line.case}/history?at={sequence}"
            text = visit.speech.text
            yield [line.case, text(line.rule), text(line.why), sequence or None, local, link if sequence else None]
