"""Taking a step of a case."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from engine.model import Take
from service.asking import taking
from service.bodies import Step
from service.change_route import ChangeRoute
from service.changing import Change
from service.models import StepRead
from service.openapi import ETAG, answers, takes
from service.reading import ROOT

router = APIRouter(prefix=ROOT, tags=["cases"], route_class=ChangeRoute)


@router.post(
    "/cases/{case}/transitions",
    response_model=StepRead,
    responses=answers(403, 404, 409, 412, 413, 415, 428, headers=ETAG),
    openapi_extra=takes(Step, versioned=True),
    operation_id="take_step",
)
async def take_step(case: str, change: Change) -> Response:
    """Take a step. A trigger of the student or the partner is entered on their behalf, with evidence."""
    return await change.change(case, Step, taking, kind=Take)
