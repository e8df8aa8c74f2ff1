"""At the door: whether a request is taken, and how long it may last (ADR 0027).

What there is no room for is told so at once. Who was let in is answered within the time that is
set: what then still runs is let finish, but nobody waits for it; a body that does not come, or a
reader that does not read, holds no place.
"""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import Busy, EngineError
from service.auth import READING
from service.limits import Limits, TooManyRequests
from service.load import Lane, Load
from service.networks import network_of
from service.pages.refusing import failed, is_page
from service.problems import on_error
from service.settings import Settings
from service.tardy import BodyTooSlow, OutcomeUnknown, TookTooLong

ASIDE: Final = frozenset({"/livez", "/readyz", "/metrics"})
"""What is answered however full the house is."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited, in seconds: for an answer, for a whole body, for a reader to take the next part."""

    answer: float = 30.0
    body: float = 15.0
    reader: float = 30.0

    @classmethod
    def of(cls, settings: Settings) -> Patience:
        """What is set. Whoever was let in is answered before the process ends."""
        return cls(answer=min(settings.request_seconds, settings.finishing_seconds - 1), body=settings.body_seconds)


class Admitting:
    """ASGI middleware: counts, lets in or turns away, and watches the time."""

    def __init__(self, app: ASGIApp, load: Load, limits: Limits, patience: Patience) -> None:
        self._app, self._load, self._limits, self._patience = app, load, limits, patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in ASIDE:
            await self._app(scope, receive, send)
            return
        wait, lane = self._limits.wait(scope), _lane(scope)
        if wait:
            await _refuse(scope, receive, send, TooManyRequests(), after=math.ceil(wait))
        elif lane is Lane.SENDING:
            await self._shared(scope, receive, send, lane)
        else:
            await self._answered(scope, receive, send, lane)

    async def _shared(self, scope: Scope, receive: Receive, send: Send, lane: Lane) -> None:
        """Answer whoever sends a body, unless too many from the same network address do."""
        network = network_of(scope)
        if not self._load.enter_from(network):
            await _refuse(scope, receive, send, Busy())
            return
        try:
            await self._answered(scope, receive, send, lane)
        finally:
            self._load.leave_from(network)

    async def _answered(self, scope: Scope, receive: Receive, send: Send, lane: Lane) -> None:
        if not self._load.enter(lane):
            await _refuse(scope, receive, send, Busy())
            return
        under_way = _UnderWay(scope, receive, send, load=self._load, lane=lane, patience=self._patience)
        try:
            await self._app(scope, under_way.receive, under_way.send)
        finally:
            await under_way.end()


def _lane(scope: Scope) -> Lane:
    if scope["method"] not in READING:
        return Lane.SENDING
    return Lane.STREAM if scope["path"].endswith("/live") else Lane.READ


async def _refuse(scope: Scope, receive: Receive, send: Send, error: EngineError, after: int | None = None) -> None:
    """Answer with a problem, or its page; neither asks anything of the database."""
    request = Request(scope, receive)
    answer = await on_error(request, error)
    if after is not None:
        answer.headers["Retry-After"] = str(after)
    if is_page(request):
        answer = failed(request, answer)
    await answer(scope, receive, send)


class _UnderWay:
    """One request that was let in."""

    def __init__(
        self, scope: Scope, receive: Receive, send: Send, *, load: Load, lane: Lane, patience: Patience
    ) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._load, self._lane, self._patience = load, lane, patience
        self._changes = lane is Lane.SENDING
        self._left = False
        self._whole = not self._changes
        self._begun = False
        self._late: asyncio.Task[None] | None = None
        loop = asyncio.get_running_loop()
        self._body_by = loop.time() + patience.body
        # A stream has an end of its own.
        self._timer = None if lane is Lane.STREAM else loop.call_later(patience.answer, self._give_up)

    async def receive(self) -> Message:
        """The next part of the body. Raises BodyTooSlow; and Busy where there is no room for what was sent."""
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._body_by):
                message = await self._receive()
        except TimeoutError:
            raise BodyTooSlow from None
        if message["type"] == "http.request" and not message.get("more_body", False):
            self._whole = True
            self._move()
        return message

    def _move(self) -> None:
        """The body is here: now it takes a thread."""
        self._load.leave(self._lane)
        self._lane = Lane.CHANGE
        self._left = not self._load.enter(self._lane)
        if self._left:
            raise Busy

    async def send(self, message: Message) -> None:
        """Pass a part of the answer on, unless it has been said already that it comes too late."""
        if self._late is not None:
            return
        self._begun = True
        try:
            async with asyncio.timeout(self._patience.reader):
                await self._send(message)
        except TimeoutError:
            raise ClientDisconnect from None

    def _give_up(self) -> None:
        """Answer in place of what still runs. A thread cannot be stopped: what it does, it does to its end."""
        if not self._begun:
            error = OutcomeUnknown() if self._changes else TookTooLong()
            self._late = asyncio.ensure_future(_refuse(self._scope, self._receive, self._send, error))

    async def end(self) -> None:
        """It is over: give the room back."""
        if self._timer is not None:
            self._timer.cancel()
        if not self._left:
            self._load.leave(self._lane)
        if self._late is not None:
            await self._late
