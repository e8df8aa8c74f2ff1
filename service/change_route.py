"""The route of a change: described by FastAPI from its signature, called without its search for parameters.

A change reads its own body and headers (`service.changing`), so there is nothing for FastAPI to solve but the
path. Its machinery of dependencies took a ninth of a step over HTTP; `get_route_handler` is its own door past it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

from service.changing import changing


class ChangeRoute(APIRoute):
    """Calls an endpoint that takes `change`, and the names in its path as text; nothing else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        endpoint = self.endpoint

        async def handle(request: Request) -> Response:
            answer: Response = await endpoint(**request.path_params, change=await changing(request, None))
            return answer

        return handle
