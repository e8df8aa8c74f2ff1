"""Many cases at once: each its own step, each alone in its failure."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from service.answering import plain
from service.bodies import BulkCases, BulkSteps
from service.bulk import openings, run, steps
from service.changing import Change
from service.models import BulkRead
from service.openapi import answers, takes
from service.reading import ROOT

router = APIRouter(prefix=ROOT, tags=["bulk"])


@router.post(
    "/bulk/transitions",
    response_model=BulkRead,
    responses=answers(413, 415),
    openapi_extra=takes(BulkSteps),
    operation_id="take_steps",
)
async def take_steps(change: Change) -> Response:
    """Take one step of many cases, listed or found; at most 500. `dry_run` judges and changes nothing."""
    return plain(await run(change, BulkSteps, steps))


@router.post(
    "/bulk/cases",
    response_model=BulkRead,
    responses=answers(413, 415),
    openapi_extra=takes(BulkCases),
    operation_id="open_cases",
)
async def open_cases(change: Change) -> Response:
    """Open many cases; at most 500. `dry_run` judges and changes nothing."""
    return plain(await run(change, BulkCases, openings))
