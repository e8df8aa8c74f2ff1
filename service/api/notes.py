"""The small changes that move no state: corrections, links, the assignee, comments."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from engine.model import Assign, Comment, Correct, Tie
from service.bodies import Assignment, Correction, NewComment, NewLink
from service.change_route import ChangeRoute
from service.changing import Change
from service.models import StepRead
from service.openapi import ETAG, answers, takes
from service.reading import ROOT

router = APIRouter(prefix=ROOT, tags=["cases"], route_class=ChangeRoute)


@router.post(
    "/cases/{case}/corrections",
    response_model=StepRead,
    responses=answers(403, 404, 409, 412, 413, 415, 428, headers=ETAG),
    openapi_extra=takes(Correction, versioned=True),
    operation_id="correct_case",
)
async def correct_case(case: str, change: Change) -> Response:
    """Put facts right, with a reason."""
    return await change.change(case, Correction, lambda body: Correct(body.facts, body.reason), kind=Correct)


@router.post(
    "/cases/{case}/links",
    response_model=StepRead,
    responses=answers(403, 404, 409, 412, 413, 415, 428, headers=ETAG),
    openapi_extra=takes(NewLink, versioned=True),
    operation_id="link_case",
)
async def link_case(case: str, change: Change) -> Response:
    """Link the case to another; a link of the same name is replaced."""
    return await change.change(case, NewLink, lambda body: Tie(body.name, body.case), kind=Tie)


@router.put(
    "/cases/{case}/assignee",
    response_model=StepRead,
    responses=answers(403, 404, 409, 412, 413, 415, 428, headers=ETAG),
    openapi_extra=takes(Assignment, versioned=True, keyed=False),
    operation_id="assign_case",
)
async def assign_case(case: str, change: Change) -> Response:
    """Make somebody the assignee; null gives the case back."""
    return await change.change(case, Assignment, lambda body: Assign(body.person), kind=Assign)


@router.post(
    "/cases/{case}/comments",
    response_model=StepRead,
    responses=answers(403, 404, 409, 413, 415, headers=ETAG),
    openapi_extra=takes(NewComment),
    operation_id="comment_on_case",
)
async def comment_on_case(case: str, change: Change) -> Response:
    """Note a text on the case, whatever its version, and tell whom it names at once."""
    return await change.change(
        case, NewComment, lambda body: Comment(body.text, tuple(body.to)), kind=Comment, versioned=False
    )
