"""What a page says when something cannot be done: what the API says, in words and with a way on."""

from __future__ import annotations

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from engine.calendar import Calendar
from service.auth import READING, NotSignedIn
from service.models import Problem
from service.pages.refusing import Handler
from service.pages.rendering import render
from service.pages.saying import Speech
from service.pages.visiting import anybody, local, query_of
from service.problems import language_of

LONGEST_QUERY: Final = 1_500


async def shown(handler: Handler, request: Request, error: Exception) -> Response:
    """What the handler answers, as a page; who is not signed in is sent to the door."""
    if isinstance(error, NotSignedIn):
        return RedirectResponse("/sign-in" + query_of([], {"next": _wanted(request)}), 303)
    visit = await run_in_threadpool(anybody, request)
    answer = await handler(request, error)
    problem = Problem.model_validate_json(bytes(answer.body))
    page = await run_in_threadpool(visit.page, "problem.html", problem.status, problem=problem)
    for name in ("Retry-After", "Allow"):
        if name in answer.headers:
            page.headers[name] = answer.headers[name]
    return page


def fault(request: Request, answer: Response | None = None) -> Response:
    """The page for a fault of ours; with an answer of the API, for a database that is away."""
    speech = Speech("sv" if language_of(request) == "sv" else "en", 0, Calendar())
    away = Problem.model_validate_json(bytes(answer.body)) if answer is not None else None
    wait = answer.headers.get("Retry-After") if answer is not None else None
    number = getattr(request.state, "request_id", "")
    about = {"request_id": number, "away": away, "wait": wait, "read": request.method in READING}
    status = answer.status_code if answer is not None else 500
    return HTMLResponse(render("failed.html", speech, about), status, {"Retry-After": wait} if wait else None)


def _wanted(request: Request) -> str:
    """Where somebody wanted to go; after a form that could not be sent, the page it stood on."""
    if request.method in READING:
        query = request.url.query
        return f"{request.url.path}?{query}" if query and len(query) < LONGEST_QUERY else request.url.path
    _, _, rest = request.headers.get("referer", "").partition("://")
    _, slash, path = rest.partition("/")
    return local(slash + path)
