"""Around every request: its id, its line in the log, its count, and an answer where we failed."""

from __future__ import annotations

import re
import time
import uuid
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import Away
from engine.store.outage import outage_of
from service.logging import REQUEST_ID, log, of_error
from service.metrics import Metrics
from service.pages.refusing import failed, is_page
from service.problems import on_error, unexpected
from service.shapes import is_id

GONE: Final = 499
"""Counted where the client hung up before its request was read: no fault of ours, and nobody to answer."""

_GIVEN: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


class Watching:
    """ASGI middleware; only the headers of every answer are given outside of it."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watched = _Watched(scope, send)
        before = REQUEST_ID.set(watched.request_id)
        try:
            await self._app(scope, receive, watched.send)
        except ClientDisconnect:
            watched.status = GONE
        except Exception as error:  # noqa: BLE001 - whatever it is, it is logged once and answered
            about, away = {"case": watched.case, "route": watched.route}, outage_of(error)
            if away is not None:
                log.warning("database_away", extra={**about, "error": type(error).__name__})
            else:
                log.error("unexpected", extra={**about, **of_error(error)})
            if watched.status is None:
                answer = await _failure(Request(scope), away)
                await answer(scope, receive, watched.send)
        finally:
            self._note(watched)
            REQUEST_ID.reset(before)

    def _note(self, watched: _Watched) -> None:
        seconds = time.perf_counter() - watched.began
        status = watched.status or 500
        self._metrics.answered(watched.method, watched.route, status, seconds)
        if watched.refusal:
            self._metrics.refusal(watched.refusal)
        log.info(
            "request",
            extra={
                "method": watched.method,
                "route": watched.route,
                "case": watched.case,
                "status": status,
                "code": watched.refusal,
                "milliseconds": round(seconds * 1000, 1),
            },
        )


async def _failure(request: Request, away: Away | None) -> Response:
    """The answer to a fault of ours; or, where the database is what failed, that."""
    if away is None:
        return failed(request) if is_page(request) else unexpected(request)
    answer = await on_error(request, away)
    return failed(request, answer) if is_page(request) else answer


class _Watched:
    """One request and what is told of it."""

    def __init__(self, scope: Scope, send: Send) -> None:
        given = dict(scope["headers"]).get(b"x-request-id", b"")
        self.request_id = given.decode() if _GIVEN.fullmatch(given) else str(uuid.uuid4())
        self.began = time.perf_counter()
        self.status: int | None = None
        self._scope, self._send = scope, send
        scope.setdefault("state", {})["request_id"] = self.request_id

    async def send(self, message: Message) -> None:
        """Pass a message on, with the request's id among its headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message["headers"], (b"x-request-id", self.request_id.encode())]
        await self._send(message)

    @property
    def method(self) -> str:
        """The method; one that does not exist is none of ours to count."""
        method: str = self._scope["method"]
        return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "OTHER"

    @property
    def route(self) -> str:
        """The path as declared; what was sent may hold anything."""
        return getattr(self._scope.get("route"), "path", "none")

    @property
    def case(self) -> str | None:
        """The case the request is about, if it is about one; what is no id may hold anything."""
        stated: str | None = self._scope["state"].get("case")
        sent: str = self._scope.get("path_params", {}).get("case", "")
        return stated or (sent if is_id(sent) else None)

    @property
    def refusal(self) -> str | None:
        """The code of the problem that was the answer."""
        code: str | None = self._scope["state"].get("refusal")
        return code
