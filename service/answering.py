"""Writes answers of routes that read: an item with its version, a page with the way to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from service.models import (
    CasePage,
    DeadlinePage,
    EventPage,
    OutboxPage,
    PersonPage,
)
from service.reading import as_json

Pages = CasePage | EventPage | DeadlinePage | OutboxPage | PersonPage


def plain(model: BaseModel) -> Response:
    """A model as JSON."""
    return Response(model.model_dump_json(by_alias=True), media_type="application/json")


def seen(case: Mapping[str, Any]) -> Response:
    """A case as `service.reading.case_read` makes it, its version as ETag."""
    return Response(as_json(case), media_type="application/json", headers={"ETag": f'"{case["version"]}"'})


def page(request: Request, model: Pages) -> Response:
    """A page; `Link` names the next one (RFC 8288)."""
    answer = plain(model)
    if model.next_cursor is not None:
        kept = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
        query = urlencode([*kept, ("cursor", model.next_cursor)])
        answer.headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return answer
