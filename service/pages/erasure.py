"""Erasing what has been kept long enough: closed cases by the day they were closed, or all about one person.

Whoever administers an office reads no cases here: the list names numbers, processes, units
and days, and nobody. What is chosen is tried first; only then can it be erased.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.errors import BadFields
from engine.model import ErasureReason
from engine.one_by_one import Result
from engine.people import wrong
from engine.store.keeping_rows import CaseLine
from engine.vocabulary import Reason, Role, Text
from service.pages.insight_view import must_be_offered
from service.pages.posting import Posted, Posting
from service.pages.visiting import Visit, Visiting

router = APIRouter(prefix="/admin/erasure", include_in_schema=False)

AT_ONCE: Final = 100
"""How many cases are listed, tried and erased at a time."""

REASONS: Final = {
    ErasureReason.RETENTION: Text("gallringsfristen har gått ut", "the time it is kept is over"),
    ErasureReason.REQUEST: Text("den registrerade har begärt det", "the person it is about has asked for it"),
    ErasureReason.MISTAKE: Text("registrerat av misstag", "registered by mistake"),
}
"""Why details are erased, in words."""


@dataclass(frozen=True, slots=True)
class Row:
    """One case of the list: what it is, without whom it is about."""

    id: str
    number: str
    process: Text
    state: Text
    unit: str
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Tried:
    """A case and why it cannot be erased; None where it can."""

    row: Row
    against: Text | None


@router.get("")
def front(visit: Visiting, closed_before: str = "", workflow: str = "", erased: str = "", left: str = "") -> Response:
    """List what was closed before a day, the oldest first; and ask whom a person's request is about."""
    visit.must_hold(Role.ADMIN)
    done = tuple(int(each[:4]) if each.isascii() and each.isdecimal() else 0 for each in (erased, left))
    try:
        lines = _due(visit, closed_before, workflow) if closed_before else []
    except BadFields as refused:
        return _front(visit, [], refused.reasons, closed_before=closed_before, workflow=workflow)
    return _front(visit, lines, (), closed_before=closed_before, workflow=workflow, done=done)


@router.post("/check")
async def check(form: Posting) -> Response:
    """Try to erase what was chosen, and show what would become of it."""

    def work(visit: Visit) -> Response:
        visit.must_hold(Role.ADMIN)
        try:
            lines, why = _about(visit, form) or _chosen(visit, form), _reason(form)
        except BadFields as refused:
            return _front(visit, [], refused.reasons)
        tried = visit.house.erasures.erase(visit.institution, lines[:AT_ONCE], why, by=visit.person, only_try=True)
        return _check(visit, tried, why, unsure=False, more=len(lines) > AT_ONCE)

    return await form.run(work)


@router.post("")
async def erase(form: Posting) -> Response:
    """Erase what was chosen, each case by a step of its own."""

    def work(visit: Visit) -> Response:
        visit.must_hold(Role.ADMIN)
        try:
            lines, why = _chosen(visit, form), _reason(form)
        except BadFields as refused:
            return _front(visit, [], refused.reasons)
        erasures = visit.house.erasures
        sure = form.one("sure") == "yes"
        results = erasures.erase(visit.institution, lines, why, by=visit.person, only_try=not sure)
        if not sure:
            return _check(visit, results, why, unsure=True)
        done = sum(each.after is not None for each in results)
        return visit.go(f"/admin/erasure?erased={done}&left={len(results) - done}")

    return await form.run(work)


def _due(visit: Visit, closed_before: str, workflow: str) -> list[CaseLine]:
    """The oldest that may be erased, in the units the person administers. Raises BadFields."""
    try:
        day = date.fromisoformat(closed_before)
    except ValueError:
        raise wrong("closed_before", "ska vara ett datum, ÅÅÅÅ-MM-DD.", "must be a date, YYYY-MM-DD.") from None
    must_be_offered("workflow", [workflow], ("", *visit.house.catalogue.names))
    due = visit.house.erasures.due(visit.institution, closed_before=day, workflow=workflow or None)
    return _mine(visit, due)[:AT_ONCE]


def _mine(visit: Visit, lines: list[CaseLine]) -> list[CaseLine]:
    return visit.house.erasures.kept_by(visit.institution, visit.person, lines)


def _chosen(visit: Visit, form: Posted) -> list[CaseLine]:
    """The cases that were ticked, as far as they are the person's to erase. Raises BadFields for too many."""
    ids = list(dict.fromkeys(form.many("case")))
    if len(ids) > AT_ONCE:
        raise wrong("case", f"välj högst {AT_ONCE} ärenden.", f"choose at most {AT_ONCE} cases.")
    return _mine(visit, visit.house.erasures.named(visit.institution, ids))


def _about(visit: Visit, form: Posted) -> list[CaseLine]:
    """The cases about the person of a mail address, where one was given. Raises BadFields where there are none."""
    written = form.one("email").strip().lower()
    if not written:
        return []
    found = visit.house.directory.person_by_email(visit.institution, written)
    lines = _mine(visit, visit.house.erasures.about(visit.institution, found.id)) if found is not None else []
    if not lines:
        raise wrong(
            "email",
            "inget ärende som du får radera handlar om någon med den adressen.",
            "no case that is yours to erase is about anybody with that address.",
        )
    return lines


def _reason(form: Posted) -> ErasureReason:
    if form.one("why") not in set(ErasureReason):
        raise wrong("why", "välj en orsak.", "choose a reason.")
    return ErasureReason(form.one("why"))


def _front(
    visit: Visit,
    lines: list[CaseLine],
    reasons: tuple[Reason, ...],
    *,
    closed_before: str = "",
    workflow: str = "",
    done: tuple[int, ...] = (0, 0),
) -> Response:
    catalogue = visit.house.catalogue
    return visit.page(
        "erasure.html",
        422 if reasons else 200,
        rows=[_row(visit, line) for line in lines],
        reasons=reasons,
        why=REASONS,
        closed_before=closed_before[:20],
        chosen=workflow,
        processes=[catalogue.current(name).workflow for name in catalogue.names],
        done=done,
        at_once=AT_ONCE,
    )


def _check(visit: Visit, tried: list[Result], why: ErasureReason, *, unsure: bool, more: bool = False) -> Response:
    rows = [Tried(_row(visit, each.line), _against(each)) for each in tried]
    return visit.page(
        "erasure_check.html",
        422 if unsure else 200,
        tried=rows,
        why=why,
        words=REASONS[why],
        unsure=unsure,
        more=more,
        at_once=AT_ONCE,
    )


def _against(each: Result) -> Text | None:
    if each.after is not None:
        return None
    done = Text("Uppgifterna är redan raderade.", "The details are erased already.")
    return each.refused.message if each.refused is not None else done


def _row(visit: Visit, line: CaseLine) -> Row:
    definition = visit.house.catalogue.by_hash(line.definition)
    calendar = visit.speech.calendar
    return Row(
        id=line.id,
        number=line.number,
        process=definition.workflow.label,
        state=definition.states[line.state].label,
        unit=visit.unit_name(line.unit),
        closed_on=calendar.day_at(line.closed_at) if line.closed_at is not None else None,
    )
