"""How the service fares, at the root: for whoever keeps it running. Asked past all lines, and answered in seconds."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.answering import plain
from service.health import AWAY, Live, Ready, readiness
from service.load import Load

router = APIRouter(tags=["health"])

LONGEST: Final = 8.0
"""Seconds after which a database that says nothing is taken for one that is away."""

_TEXT = "text/plain; version=0.0.4"


@router.get("/livez", response_model=Live, operation_id="livez")
async def livez() -> Response:
    """Tell that the process answers."""
    return plain(Live())


@router.get(
    "/readyz",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "Not ready: one of the answers says why."}},
    operation_id="readyz",
)
async def readyz(request: Request) -> Response:
    """Tell whether the service can do its work: database, migrations, the last tick, the oldest message owed."""
    # FastAPI would look for a dependency on the threads that all others wait for.
    load: Load = request.app.state.load
    try:
        ready = await asyncio.wait_for(load.aside(partial(readiness, request.app.state.house)), LONGEST)
    except TimeoutError:
        ready = AWAY
    answer = plain(ready)
    answer.status_code = 200 if ready.ready else 503
    return answer


@router.get(
    "/metrics",
    operation_id="metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus' text format.", "content": {_TEXT: {"schema": {"type": "string"}}}}},
)
async def metrics(request: Request) -> Response:
    """Tell what was counted since the process began."""
    load: Load = request.app.state.load
    try:
        text = await asyncio.wait_for(load.aside(request.app.state.metrics.text), LONGEST)
    except TimeoutError:
        return Response("the database says nothing\n", 503, {"Retry-After": "10"}, "text/plain")
    return Response(text, media_type=_TEXT)
