"""What is owed, and by when."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from engine.catalogue import Catalogue
from engine.model import Status
from engine.store.worklists import DeadlineFilter, OwedDeadline
from service.answering import page
from service.auth import SignedIn, TheHouse
from service.models import DeadlinePage, OwedDeadlineRead, Words, words
from service.openapi import NEXT, answers
from service.reading import ROOT, deadline_parts
from service.shapes import MOST_WORDS, Asked, Cursor, Day, Limit

router = APIRouter(prefix=ROOT, tags=["deadlines"])


def deadline_filter(
    *,
    workflow: Annotated[list[Asked], Query(description="One workflow or several.", max_length=MOST_WORDS)] = [],  # noqa: B006 - FastAPI copies it
    unit: Annotated[list[Asked], Query(description="Codes of units, without those below.", max_length=MOST_WORDS)] = [],  # noqa: B006 - FastAPI copies it
    status: Annotated[list[Status], Query(description="Without it: those still open.", max_length=MOST_WORDS)] = [],  # noqa: B006 - FastAPI copies it
    overdue: Annotated[bool | None, Query(description="Missed, and not answered.")] = None,
    due_before: Annotated[Day | None, Query(description="Due on that day or earlier.")] = None,
) -> DeadlineFilter:
    """What a list of deadlines is narrowed to."""
    return DeadlineFilter(
        workflow=tuple(workflow),
        unit=tuple(unit),
        status=tuple(each.value for each in status),
        overdue=overdue,
        due_before=due_before,
    )


@router.get("/deadlines", response_model=DeadlinePage, responses=answers(headers=NEXT), operation_id="list_deadlines")
def list_deadlines(
    *,
    request: Request,
    caller: SignedIn,
    house: TheHouse,
    narrowed: Annotated[DeadlineFilter, Depends(deadline_filter)],
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """List deadlines of the cases you may read, the soonest due first."""
    found = house.queries.list_deadlines(
        caller.institution, caller.person, narrowed=narrowed, cursor=cursor, limit=limit
    )
    items = [_read(owed, house.catalogue) for owed in found.items]
    return page(request, DeadlinePage(items=items, next_cursor=found.next_cursor))


def _read(owed: OwedDeadline, catalogue: Catalogue) -> OwedDeadlineRead:
    shown = ("case", "number", "title", "workflow", "state", "unit", "assignee")
    return OwedDeadlineRead(
        **{name: getattr(owed, name) for name in shown},
        **deadline_parts(owed.row),
        label=_label(owed, catalogue),
    )


def _label(owed: OwedDeadline, catalogue: Catalogue) -> Words:
    """The deadline's words from the newest file that has it."""
    for definition in catalogue.versions(owed.workflow):
        if owed.row.name in definition.deadlines:
            return words(definition.deadlines[owed.row.name].label)
    return Words(sv=owed.row.name, en=owed.row.name)
