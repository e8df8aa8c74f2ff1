"""The history of a case, and whether it holds."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.paging import seal, unseal
from service.answering import page, plain
from service.api.cases import noted
from service.auth import ReadableCase, SignedIn, TheHouse
from service.models import EventPage, FirstWrong, Verification
from service.openapi import NEXT, answers
from service.reading import ROOT, event_model
from service.shapes import Cursor, Limit

router = APIRouter(prefix=ROOT, tags=["history"])


@router.get(
    "/cases/{case}/events", response_model=EventPage, responses=answers(404, headers=NEXT), operation_id="list_events"
)
def list_events(
    *,
    request: Request,
    case: ReadableCase,
    caller: SignedIn,
    house: TheHouse,
    cursor: Cursor = None,
    limit: Limit = 200,
) -> Response:
    """Read what happened, oldest first."""
    noted(caller, house, case)
    (after,) = unseal(cursor, int) if cursor else (0,)
    found = house.history.events(caller.institution, case, after=int(after), limit=limit + 1)
    items = [event_model(event) for event in found[:limit]]
    more = seal(items[-1].sequence) if len(found) > limit else None
    return page(request, EventPage(items=items, next_cursor=more))


@router.get(
    "/cases/{case}/verification", response_model=Verification, responses=answers(404), operation_id="verify_case"
)
def verify_case(case: ReadableCase, caller: SignedIn, house: TheHouse) -> Response:
    """Replay the history: the chain of hashes, and every step through the decision that ran it."""
    verdict = house.replay().case(caller.institution, case)
    wrong = verdict.first_wrong
    return plain(
        Verification(
            ok=verdict.ok,
            events=verdict.events,
            without_detail=verdict.without_detail,
            first_wrong=FirstWrong(sequence=wrong.sequence, what=wrong.what) if wrong else None,
        )
    )
