"""The history of a case, event by event: what it was then, what was offered, and whether it holds."""

from __future__ import annotations

import json
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from engine.definition import Definition
from engine.errors import CaseNotFound
from engine.looking import look
from engine.model import Case
from engine.naming import Named
from engine.past import Offered, Past, Was
from engine.replay import Verdict
from engine.store.event_rows import Written
from engine.vocabulary import Text, Who
from service.pages.case_view import Fact, facts_of, looked, written
from service.pages.cases import sequence_of, to_number
from service.pages.finding import case_numbered
from service.pages.naming import names_for
from service.pages.picture import picture_of
from service.pages.timeline import Folded, LastChange, entry_of, fold_history, ids_of, typed_ids_of
from service.pages.values import Reader, ids_in
from service.pages.visiting import Visit, Visiting
from service.shapes import is_id

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Then:
    """A step that was offered: where it led (None: nothing moved), for whom, and what stood against it."""

    label: Text
    to: Text | None
    who: str
    reasons: tuple[Text, ...]
    judged: bool


@router.get("/cases/{number}/history")
def replay(visit: Visiting, number: str, at: str = "", verify: str = "") -> Response:
    """Show the case as it was after one of its events."""
    if is_id(number):
        return to_number(visit, number, "/history")
    case, events = _events(visit, number)
    sequence = min(sequence_of(at) or len(events), len(events))
    present = visit.house.queries.seen(visit.institution, visit.person, case).case
    past = Past(visit.house.history, visit.house.directory.as_of)
    was = past.after(events, sequence, number=number, title=present.title)
    if was is None:
        raise CaseNotFound(Text("Händelsen finns inte.", "There is no such event."), case=case)
    return _page(visit, was, events, verdict=_verdict(visit, case) if verify == "1" else None)


@router.get("/cases/{number}/history.jsonl")
def download(visit: Visiting, number: str) -> Response:
    """Hand out the history as JSON lines, one event a line, with the very text that is hashed."""
    _, events = _events(visit, number)
    lines = "".join(json.dumps(written(event), ensure_ascii=False) + "\n" for event in events)
    name = f'attachment; filename="{number}.jsonl"'
    return Response(lines, media_type="application/jsonl", headers={"Content-Disposition": name})


def _events(visit: Visit, number: str) -> tuple[str, list[Written]]:
    """The case and its events, oldest first; that they are read is noted. Raises CaseNotFound."""
    case = case_numbered(visit, number)
    look(visit.house.store, looked(visit, case))
    return case, visit.house.history.events(visit.institution, case)


def _verdict(visit: Visit, case: str) -> Verdict:
    return visit.house.replay().case(visit.institution, case)


def _page(visit: Visit, was: Was, events: list[Written], *, verdict: Verdict | None) -> Response:
    folded = fold_history(events, visit.house.catalogue)
    sequence = was.event.sequence
    told = next(each for each in folded.told if each.event.sequence == sequence)
    names = _names(visit, was.case, folded)
    reader = Reader(visit.speech, names, visit.organisation.units)
    definition = visit.house.catalogue.by_hash(was.case.definition)
    steps = tuple(_Possible(each.to, each.judged and not each.reasons) for each in was.offered)
    return visit.page(
        "history.html",
        was=was,
        sequence=sequence,
        last=len(events),
        entry=entry_of(told, reader),
        state=definition.states[was.case.state],
        definition=definition,
        facts=_facts_then(definition, folded, was, reader),
        offered=tuple(_then(each, visit, definition.states[each.to].label) for each in was.offered),
        picture=picture_of(definition, visit.speech, was.case.state, folded, steps, at=sequence),
        assignee=reader.named(was.case.assignee).words if was.case.assignee else "",
        verdict=verdict,
        wrong=_wrong(visit, verdict),
    )


@dataclass(frozen=True, slots=True)
class _Possible:
    to: str
    possible: bool


def _then(each: Offered, visit: Visit, label: Text) -> Then:
    step = each.transition
    roles: tuple[Who, ...] = step.who
    return Then(
        label=step.label,
        to=None if step.recorded else label,
        who=visit.speech.roles(who.role for who in roles),
        reasons=tuple(reason.message for reason in each.reasons),
        judged=each.judged,
    )


def _facts_then(definition: Definition, folded: Folded, was: Was, reader: Reader) -> tuple[Fact, ...]:
    """The facts as they then were, with who had changed them last by then."""
    last: dict[str, LastChange] = {}
    for told in folded.told:
        if told.event.sequence > was.event.sequence:
            break
        body = told.event.body
        for name in (told.event.told or {}).get("changes", {}):
            last[name] = LastChange(told.event.sequence, body["at"], body["party"])
    return facts_of(definition, was.case.facts, last, reader)


def _names(visit: Visit, case: Case, folded: Folded) -> dict[str, Named]:
    here = ids_of(folded.told) | {case.assignee or "", case.subject or ""}
    return dict(names_for(visit, here - {""}, typed_ids_of(folded.told) | set(ids_in(case.facts))))


def _wrong(visit: Visit, verdict: Verdict | None) -> str:
    """What the replay found wrong, in words; the finding itself is told in English."""
    if verdict is None or verdict.first_wrong is None:
        return ""
    wrong = verdict.first_wrong
    return visit.say(
        "Historiken stämmer inte från händelse {at}.", "The history is wrong from event {at} on.", at=wrong.sequence
    )
