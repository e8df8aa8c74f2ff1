"""Whether a refusal is read by somebody at a browser; then it is shown as a page (`service.pages.refused`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

Handler = Callable[[Request, Exception], Awaitable[Response]]

OUTSIDE: Final = ("/api/", "/livez", "/readyz", "/metrics", "/openapi.json", "/static/")
"""What is no page."""


def is_page(request: Request) -> bool:
    """Whether the answer is read by somebody at a browser."""
    if getattr(request.state, "page", False):
        return True
    return not request.url.path.startswith(OUTSIDE) and "text/html" in request.headers.get("accept", "")


def readable(handler: Handler) -> Handler:
    """The handler, whose problem is shown as a page to somebody at a browser."""

    async def handled(request: Request, error: Exception) -> Response:
        if not is_page(request):
            return await handler(request, error)
        # Imported here, as below: the API needs no templates, and who asked for a page has brought them.
        from service.pages.refused import shown  # noqa: PLC0415

        return await shown(handler, request, error)

    return handled


def failed(request: Request, answer: Response | None = None) -> Response:
    """The page for a fault of ours, or for an answer of the API. It asks nothing of the house, which may be down."""
    from service.pages.refused import fault  # noqa: PLC0415

    return fault(request, answer)
