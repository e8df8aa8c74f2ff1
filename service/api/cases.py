"""Opening cases, finding them, and reading one, as it is or as it was."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from engine.auditing import Readings
from engine.canonical import micros
from engine.decide import NOT_FOUND
from engine.errors import CaseNotFound
from engine.store.narrowing import CaseFilter
from engine.tokens import Caller
from service.answering import page, seen
from service.asking import opening
from service.auth import ReadableCase, SignedIn, TheHouse
from service.bodies import NewCase
from service.changing import Change
from service.compose import House
from service.models import CasePage, CaseRead, StepRead
from service.openapi import ETAG, LOCATION, NEXT, answers, takes
from service.reading import ROOT, case_read, case_summary
from service.sent import refuse
from service.shapes import MOST_WORDS, Asked, Cursor, Day, Limit

router = APIRouter(prefix=ROOT, tags=["cases"])

Sort = Literal["due", "-due", "opened", "-opened", "updated", "-updated", "number"]
_SEQUENCE: Final = re.compile(r"\d{1,15}")


@router.post(
    "/cases",
    status_code=201,
    response_model=StepRead,
    responses=answers(403, 409, 413, 415, headers=ETAG | LOCATION, status=201),
    openapi_extra=takes(NewCase),
    operation_id="open_case",
)
async def open_case(change: Change) -> Response:
    """Open a case."""
    return await change.open(NewCase, opening)


def case_filter(
    *,
    workflow: Annotated[list[Asked], Query(description="One workflow or several.", max_length=MOST_WORDS)] = [],  # noqa: B006 - FastAPI copies it
    state: Annotated[list[Asked], Query(description="One state or several.", max_length=MOST_WORDS)] = [],  # noqa: B006 - FastAPI copies it
    unit: Annotated[list[Asked], Query(description="Codes of units, without those below.", max_length=MOST_WORDS)] = [],  # noqa: B006 - FastAPI copies it
    assignee: Annotated[Asked | None, Query(description="A person's id.")] = None,
    overdue: Annotated[bool | None, Query(description="Has a missed deadline nobody has answered.")] = None,
    due_before: Annotated[Day | None, Query(description="Due on that day or earlier.")] = None,
    q: Annotated[Asked | None, Query(description="Words of the number, the title or the subject's name.")] = None,
) -> CaseFilter:
    """What a list of cases is narrowed to."""
    return CaseFilter(
        workflow=tuple(workflow),
        state=tuple(state),
        unit=tuple(unit),
        assignee=assignee,
        overdue=overdue,
        due_before=due_before,
        q=q,
    )


@router.get("/cases", response_model=CasePage, responses=answers(headers=NEXT), operation_id="list_cases")
def list_cases(
    *,
    request: Request,
    caller: SignedIn,
    house: TheHouse,
    narrowed: Annotated[CaseFilter, Depends(case_filter)],
    sort: Annotated[Sort, Query(description="`-` before a name: falling.")] = "-opened",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    """Find cases among those you may read."""
    found = house.queries.list_cases(
        caller.institution, caller.person, narrowed=narrowed, sort=sort, cursor=cursor, limit=limit
    )
    items = [case_summary(case, house.catalogue) for case in found.items]
    return page(request, CasePage(items=items, next_cursor=found.next_cursor))


@router.get("/cases/{case}", response_model=CaseRead, responses=answers(404, headers=ETAG), operation_id="read_case")
def read_case(
    caller: SignedIn,
    house: TheHouse,
    case: ReadableCase,
    at: Annotated[Asked | None, Query(description="A sequence, or an instant (RFC 3339): the case as it was.")] = None,
) -> Response:
    """Read a case, now or as it was."""
    noted(caller, house, case)
    if at is None:
        now = house.queries.seen(caller.institution, caller.person, case)
        return seen(case_read(now.case, now.actions, house.catalogue))
    sequence, instant = _moment(at)
    was = house.history.case_at(caller.institution, case, sequence=sequence, at=instant)
    if was is None or (sequence is not None and was.version != sequence):
        raise CaseNotFound(NOT_FOUND, case=case)
    return seen(case_read(was, (), house.catalogue))


def noted(caller: Caller, house: House, case: str) -> None:
    """Note that the case was read, or its history, as their pages do: both hold personal data."""
    calendar = house.directory.organisation(caller.institution).calendar(caller.institution)
    at = house.clock.now()
    day = calendar.local_date(at)
    Readings(house.store).note(caller.institution, caller.person, case, at=micros(at), day=day)


def _moment(at: str) -> tuple[int | None, int | None]:
    """A sequence or an instant. A plus sign that came as a space is taken for what it was."""
    if _SEQUENCE.fullmatch(at):
        return int(at), None
    try:
        moment = datetime.fromisoformat(at.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        refuse(
            "field:at",
            "at: ska vara ett löpnummer eller en tidpunkt med tidszon (RFC 3339).",
            "at: must be a sequence or an instant with its time zone (RFC 3339).",
        )
    return None, micros(moment)
