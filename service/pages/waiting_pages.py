"""Who are we waiting for? Everything cases wait for, on whom, since when; and the ready question to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.chasing import Chaser
from engine.errors import BadFields, Refused
from engine.model import Comment, Key, Request
from engine.notes import MOST_TOLD
from engine.store.key_rows import part
from engine.vocabulary import Reason, Role, Text
from engine.waiting import Standing, Waiting, Waits
from service.pages.filters import read
from service.pages.filters_view import Narrowing
from service.pages.finding import case_numbered
from service.pages.posting import Posted, Posting
from service.pages.views import defaults_of, saved_by, units_to_save_for
from service.pages.visiting import Visit, Visiting
from service.pages.waiting_view import (
    Item,
    Question,
    called,
    distinct,
    groups_of,
    item_of,
    named,
    partners_in,
    people_in,
    question_of,
)
from service.problems import NotHere
from service.shapes import Cursor

router = APIRouter(include_in_schema=False)

CASES: Final = 25
"""Open cases on one page, those that are due first; more of them nobody reads to the end."""

LOOKED_THROUGH: Final = 100
"""Open cases looked through for questions to the same people, those that are due first."""

MOST_AT_ONCE: Final = 50
"""Cases that one question to many may be about."""

LONGEST: Final = 4_000


# Over all cases.


@router.get("/waiting")
def waiting(visit: Visiting, cursor: Cursor = None) -> Response:
    """Show whom open cases wait for, by whom."""
    chosen = read(visit.house.catalogue, visit.request.query_params.multi_items()).having(open="", waits="", sort="")
    page = visit.house.queries.list_waits(
        visit.institution,
        visit.person,
        narrowed=chosen.having(open="open").narrowed(visit.person),
        sort="due",
        cursor=cursor or None,
        limit=CASES,
    )
    narrowing = Narrowing(visit, "/waiting", chosen, frozenset({"open", "waits"}))
    found = [item for waits in page.items for item in waits.items]
    names = visit.house.queries.names(visit.institution, narrowing.people() | people_in(found))
    partners = partners_in(visit, found)
    items = distinct(page.items, lambda item: item_of(visit, item, names, partners))
    return visit.page(
        "waiting.html",
        groups=groups_of(item for item in items if not item.mine),
        mine=sum(item.mine for item in items),
        cases=len(page.items),
        query=chosen.query,
        panel=narrowing.panel(names),
        chips=narrowing.chips(names),
        cursor=page.next_cursor,
        first_page=not cursor,
        defaults=defaults_of(visit),
        saved=saved_by(visit),
        units=units_to_save_for(visit),
        may_chase=_may_chase(visit),
    )


@router.get("/waiting/chase")
def chase_list(visit: Visiting) -> Response:
    """Show the questions that would go to the same people, one a case, before any is sent."""
    to = _recipients(visit.request.query_params.getlist("to"))
    return _chase_page(visit, to, _questions(visit, to))


@router.post("/waiting/chase")
async def chase(form: Posting) -> Response:
    """Send the questions that were left ticked; each is a comment of its own on its case."""

    def work(visit: Visit) -> Response:
        to = _recipients(form.many("to"))
        numbers = [number for number in form.many("number") if number][:MOST_AT_ONCE]
        # All are looked up and read through before any is sent.
        cases = {number: case_numbered(visit, number) for number in numbers}
        sent: list[str] = []
        try:
            texts = {number: _message(form.one(f"text-{number}"), to) for number in cases}
            for number, case in cases.items():
                _send(visit, form, case, texts[number], to, place=number)
                sent.append(number)
        except Refused as refused:
            # What was sent stays sent; the rest is shown again as it was typed.
            why = refused.reasons or (Reason(refused.code, refused.message),)
            status = 200 if sent else 422
            return _chase_page(visit, to, _questions(visit, to), reasons=why, sent=sent, typed=form, status=status)
        return visit.page("waiting_sent.html", sent=sent, whom=called(visit, to))

    return await form.run(work)


def _chase_page(
    visit: Visit,
    to: tuple[str, ...],
    questions: Sequence[Question],
    *,
    reasons: tuple[Reason, ...] = (),
    sent: Sequence[str] = (),
    typed: Posted | None = None,
    status: int = 200,
) -> Response:
    left = [each for each in questions if each.number not in sent]
    if typed:
        left = [replace(each, text=typed.one(f"text-{each.number}", each.text)) for each in left]
    return visit.page(
        "waiting_chase.html",
        status,
        questions=left,
        to=to,
        whom=called(visit, to),
        reasons=reasons,
        sent=sent,
        ticked=set(typed.many("number")) if typed else {each.number for each in left},
        most=MOST_AT_ONCE,
        may_chase=_may_chase(visit),
    )


# One case.


@router.get("/cases/{number}/waiting")
def case_waiting(visit: Visiting, number: str) -> Response:
    """Show everything one case waits for, its checklist, and the question to whom was picked."""
    case = case_numbered(visit, number)
    to = visit.request.query_params.getlist("to")
    about = visit.request.query_params.get("about", "")
    return _case_page(visit, visit.house.queries.case_waits(visit.institution, visit.person, case), to, about)


@router.post("/cases/{number}/waiting")
async def case_chase(form: Posting, number: str) -> Response:
    """Send the question as a comment on the case it is about."""

    def work(visit: Visit) -> Response:
        case = case_numbered(visit, number)
        about = form.one("about") or number
        target = case_numbered(visit, about)
        try:
            to = _recipients(form.many("to"))
            _send(visit, form, target, _message(form.one("text"), to), to, place=about)
        except BadFields as refused:
            waits = visit.house.queries.case_waits(visit.institution, visit.person, case)
            return _case_page(visit, waits, form.many("offered"), about, reasons=refused.reasons, typed=form)
        return visit.go(f"/cases/{number}/waiting?sent={about}")

    return await form.run(work)


def _case_page(
    visit: Visit,
    waits: Waits,
    to: Sequence[str],
    about: str,
    *,
    reasons: tuple[Reason, ...] = (),
    typed: Posted | None = None,
) -> Response:
    names = visit.house.queries.names(visit.institution, people_in(waits.items))
    partners = partners_in(visit, waits.items)
    items = [item_of(visit, item, names, partners) for item in waits.items]
    picked = next((item for item in items if to and item.to == tuple(to) and (item.number or "") == about), None)
    chaser = _chaser(visit, picked) if picked else None
    return visit.page(
        "waiting_case.html",
        422 if reasons else 200,
        case=waits.case,
        items=items,
        marks=waits.milestones,
        standing=Standing,
        picked=picked,
        recipients=[(each, named(visit, each, names, partners)) for each in picked.to] if picked else [],
        chaser=chaser,
        message=typed.one("text") if typed else chaser.text if chaser else "",
        ticked=set(typed.many("to")) if typed else set(picked.to if picked else ()),
        reasons=reasons,
        sent=visit.request.query_params.get("sent", "")[:40],
        may_chase=_may_chase(visit),
    )


def _chaser(visit: Visit, item: Item) -> Chaser | None:
    return visit.house.queries.chaser(visit.institution, visit.person, item.case, item.to[0])


# What both share.


def _message(typed: str, to: tuple[str, ...]) -> str:
    """What is to be sent. Raises BadFields without recipients, and for a text that is empty or too long."""
    if not to:
        raise _wrong("to", "Välj minst en mottagare.", "Choose at least one recipient.")
    text = typed.strip()
    if not text or len(text) > LONGEST:
        raise _wrong("text", f"Skriv ett meddelande på högst {LONGEST} tecken.",
                     f"Write a message of at most {LONGEST} characters.")  # fmt: skip
    return text


def _send(visit: Visit, form: Posted, case: str, text: str, to: tuple[str, ...], *, place: str) -> None:
    """One comment with recipients, under a key of its own. Raises what the step raises."""
    key = form.key
    own = Key(part(key.key, place), key.fingerprint) if key else None
    form.step(Request(visit.institution, Comment(text, to=to), visit.person, case=case, key=own))


def _recipients(given: Iterable[str]) -> tuple[str, ...]:
    """The recipients as they were sent, each once. Raises BadFields where there are too many, NotHere for none such."""
    to = tuple(dict.fromkeys(given))
    if any(
        kind not in {"person", "unit", "partner"} or not who for kind, _, who in (each.partition(":") for each in to)
    ):
        raise NotHere
    if len(to) > MOST_TOLD:
        raise _wrong("to", f"Välj högst {MOST_TOLD} mottagare.", f"Choose at most {MOST_TOLD} recipients.")
    return to


def _questions(visit: Visit, to: tuple[str, ...]) -> list[Question]:
    """The ready question to these recipients for each open case that waits for all of them, those due first."""
    if not to:
        raise NotHere
    chosen = read(visit.house.catalogue, visit.request.query_params.multi_items()).having(open="open", waits="")
    page = visit.house.queries.list_waits(
        visit.institution, visit.person, narrowed=chosen.narrowed(visit.person), sort="due", limit=LOOKED_THROUGH
    )
    by_case: dict[str, list[Waiting]] = {}
    subjects = {waits.case.id: waits.case.subject for waits in page.items}
    for waits in page.items:
        for item in waits.items:
            if item.whom.recipients == to and item.number is not None and item not in by_case.get(item.case, []):
                by_case.setdefault(item.case, []).append(item)
    found = dict(list(by_case.items())[:MOST_AT_ONCE])
    language = _language(visit, to[0], next(iter(found), None))
    return [
        question_of(
            items, to[0], language, outside=to[0].startswith("partner:") or to[0] == f"person:{subjects.get(case)}"
        )
        for case, items in found.items()
    ]


def _language(visit: Visit, recipient: str, case: str | None) -> str:
    """The language the recipient is written to in; the engine says it with the question about one case."""
    chaser = visit.house.queries.chaser(visit.institution, visit.person, case, recipient) if case else None
    return chaser.language if chaser else visit.language


def _may_chase(visit: Visit) -> bool:
    """Whether the reader may write to anybody at all; each case is judged when it is sent."""
    return bool(visit.roles - {Role.AUDITOR, Role.ADMIN})


def _wrong(field: str, sv: str, en: str) -> BadFields:
    return BadFields(Text(sv, en), (Reason(f"field:{field}", Text(sv, en)),))
