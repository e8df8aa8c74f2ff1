"""The page of a case: where it stands, what can be done, what is known, what happened; and small notes on it."""

from __future__ import annotations

from datetime import date
from typing import Final

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from engine.errors import BadFields, Refused
from engine.follow_ups import FollowUps
from engine.model import Comment, Request
from engine.naming import named
from engine.vocabulary import Reason, Text
from service.pages.case_view import case_sight
from service.pages.done import done_of
from service.pages.finding import case_numbered
from service.pages.picture import picture_of
from service.pages.posting import Posted, Posting
from service.pages.timeline import TOPICS, Topic, entry_of, stretches
from service.pages.visiting import Visit, Visiting
from service.shapes import is_id

router = APIRouter(include_in_schema=False)

LONGEST_COMMENT: Final = 4_000
EMPTY: Final = Reason("field:text", Text("Skriv en kommentar.", "Write a comment."))
TOO_LONG: Final = Reason(
    "field:text",
    Text(
        f"Kommentaren är för lång; skriv högst {LONGEST_COMMENT} tecken.",
        f"The comment is too long; write at most {LONGEST_COMMENT} characters.",
    ),
)


@router.get("/cases/{number}")
def case_page(visit: Visiting, number: str, show: str = "", before: str = "") -> Response:
    """Show the case. An id leads to the address with the number."""
    if is_id(number):
        return to_number(visit, number)
    return _page(visit, case_numbered(visit, number), show=show, before=before)


@router.post("/cases/{number}/comments")
async def comment(form: Posting, number: str) -> Response:
    """Note a comment, and tell those who were chosen."""

    def work(visit: Visit) -> Response:
        case = case_numbered(visit, number)
        text, to = form.one("text"), form.many("to")
        wrong = EMPTY if not text.strip() else TOO_LONG if len(text) > LONGEST_COMMENT else None
        if wrong is not None:
            return _page(visit, case, wrong=(wrong,), form=form)
        asked = Request(visit.institution, Comment(text, tuple(dict.fromkeys(to))), visit.person, case, key=form.key)
        try:
            form.step(asked)
        except BadFields as refused:
            return _page(visit, case, wrong=_reasons(refused), form=form)
        return visit.go(f"/cases/{number}#history")

    return await form.run(work)


@router.post("/cases/{number}/follow-up")
async def follow_up(form: Posting, number: str) -> Response:
    """Note the day on which the reader wants to look at the case again; no day: forget it."""

    def work(visit: Visit) -> Response:
        case, follow_ups = case_numbered(visit, number), FollowUps(visit.house.store)
        written = form.one("on_day").strip()
        if not written:
            follow_ups.clear(visit.institution, visit.person, case)
            return visit.go(f"/cases/{number}")
        follow_ups.set(
            visit.institution,
            visit.person,
            case,
            on_day=_day(written),
            note=form.one("note"),
            today=visit.speech.today,
            now=visit.now,
        )
        return visit.go(f"/cases/{number}")

    return await form.run(work)


def to_number(visit: Visit, case: str, rest: str = "") -> Response:
    """Lead from an address with the case's id to that with its number. Raises CaseNotFound."""
    visit.house.queries.readable(visit.institution, visit.person, case)
    number = named(visit.house.store, visit.institution, [case])[case].words
    return RedirectResponse(f"/cases/{number}{rest}", 303)


def topic_of(show: str) -> Topic | None:
    """The filter of a history that an address names; anything else is none."""
    return next((topic for topic in TOPICS if topic == show), None)


def sequence_of(written: str) -> int | None:
    """The sequence of an event as it stands in an address; anything else is none."""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 16 else None  # noqa: PLR2004 - what fits


def _page(
    visit: Visit,
    case: str,
    *,
    show: str = "",
    before: str = "",
    wrong: tuple[Reason, ...] = (),
    form: Posted | None = None,
) -> Response:
    topic = topic_of(show)
    sight = case_sight(visit, case, topic=topic, before=sequence_of(before))
    entries = [entry_of(told, sight.reader) for told in sight.shown]
    return visit.page(
        "case.html",
        422 if wrong else 200,
        sight=sight,
        stretches=stretches(entries),
        topic=topic,
        picture=picture_of(sight.definition, visit.speech, sight.case.state, sight.folded, sight.seen.actions),
        wrong=wrong,
        typed=form.one("text") if form else "",
        chosen=frozenset(form.many("to") if form else ()),
        history_here=True,
        done=done_of(visit, sight.seen, visit.request.query_params.get("done")),
    )


def _reasons(refused: Refused) -> tuple[Reason, ...]:
    """The reasons, those about a recipient at the list of them."""
    reasons = refused.reasons or (Reason("field:text", refused.message),)
    return tuple(
        Reason("field:to", reason.message) if reason.code.startswith("field:to") else reason for reason in reasons
    )


def _day(written: str) -> date:
    """A day as a browser sends it. Raises BadFields."""
    try:
        return date.fromisoformat(written)
    except ValueError:
        text = Text("Ange en dag, till exempel 2027-05-04.", "Give a day, for example 2027-05-04.")
        raise BadFields(text, (Reason("field:on_day", text),)) from None
