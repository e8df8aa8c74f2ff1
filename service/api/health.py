"""How the service fares, at the root: for whoever keeps it running."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.answering import plain
from service.auth import TheHouse
from service.health import Live, Ready, readiness

router = APIRouter(tags=["health"])

_TEXT = "text/plain; version=0.0.4"


@router.get("/livez", response_model=Live, operation_id="livez")
def livez() -> Response:
    """Tell that the process answers."""
    return plain(Live())


@router.get(
    "/readyz",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "Not ready: one of the answers says why."}},
    operation_id="readyz",
)
def readyz(house: TheHouse) -> Response:
    """Tell whether the service can do its work: database, migrations, the last tick, the oldest message owed."""
    ready = readiness(house)
    answer = plain(ready)
    answer.status_code = 200 if ready.ready else 503
    return answer


@router.get(
    "/metrics",
    operation_id="metrics",
    response_class=Response,
    responses={200: {"description": "Prometheus' text format.", "content": {_TEXT: {"schema": {"type": "string"}}}}},
)
def metrics(request: Request) -> Response:
    """Tell what was counted since the process began."""
    return Response(request.app.state.metrics.text(), media_type=_TEXT)
