"""Messages owed, sent and stuck. Their texts are not kept, so none is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from engine.canonical import instant
from engine.directory import Caller
from engine.vocabulary import Role
from service.answering import page, plain
from service.auth import SignedIn, TheHouse
from service.models import OutboxPage, OutboxRead
from service.openapi import NEXT, answers
from service.problems import NotAllowed, NotHere
from service.reading import ROOT
from service.shapes import Cursor, Limit, is_id, shown

router = APIRouter(prefix=ROOT, tags=["outbox"])


def keeper(caller: SignedIn, house: TheHouse) -> Caller:
    """The caller, who must be an officer or an admin."""
    if not house.queries.holds(caller.institution, caller.person, Role.OFFICER, Role.ADMIN):
        raise NotAllowed
    return caller


Keeper = Annotated[Caller, Depends(keeper)]


@router.get("/outbox", response_model=OutboxPage, responses=answers(403, headers=NEXT), operation_id="list_outbox")
def list_outbox(
    *,
    request: Request,
    caller: Keeper,
    house: TheHouse,
    state: Annotated[Literal["waiting", "sent", "dead"] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """List messages, newest first."""
    found = house.queries.list_outbox(caller.institution, caller.person, state=state, cursor=cursor, limit=limit)
    items = [_read(row) for row in found.items]
    return page(request, OutboxPage(items=items, next_cursor=found.next_cursor))


@router.post(
    "/outbox/{owed}/retry", response_model=OutboxRead, responses=answers(403, 404), operation_id="retry_message"
)
def retry_message(owed: str, caller: Keeper, house: TheHouse) -> Response:
    """Send a dead letter again. Harmless to repeat; a message that waits or was sent stays as it is."""
    queries = house.queries
    known = is_id(owed) and queries.owed(caller.institution, caller.person, owed) is not None
    if not known or not house.outbox.retry(caller.institution, owed):
        raise NotHere
    row = queries.owed(caller.institution, caller.person, owed)
    return plain(_read(row or {}))


def _read(row: Mapping[str, Any]) -> OutboxRead:
    copied = (
        "id", "sequence", "channel", "recipient", "template", "deadline", "state", "attempts", "last_error",
    )  # fmt: skip
    return OutboxRead(
        **{name: row[name] for name in copied},
        case=row["case_id"],
        not_before=instant(row["not_before"]),
        next_try=instant(row["next_try"]),
        created_at=instant(row["created_at"]),
        sent_at=shown(row["sent_at"]),
    )
