"""Brings the staff pages in once the service listens.

They and what they alone need take 0.3 s of processor time; health, API and ticks work without them.
So they are read in beside the first answers, and whoever asks for a page before that waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

log = logging.getLogger(__name__)

NO_PAGE: Final = ("/api/", "/livez", "/readyz", "/metrics", "/openapi.json")
"""What is found without the pages: the API and what machines ask."""


class Pages:
    """The pages of one application: not there at first, and brought once."""

    def __init__(self, app: FastAPI) -> None:
        self._app, self._one_by_one = app, threading.Lock()
        self.here = False
        self.then: Callable[[], object] = lambda: None
        """What is done when the background has brought them, and so all is here that will stay."""

    def bring(self) -> None:
        """Have them there: read them in, and put their routers behind those of the API. Any thread may ask."""
        with self._one_by_one:
            if self.here:
                return
            # Imported here: this is what is put off.
            from service.pages.routes import PAGES  # noqa: PLC0415

            for router in PAGES:
                self._app.include_router(router)
            self.here = True

    @asynccontextmanager
    async def coming(self) -> AsyncIterator[None]:
        """Bring them in the background while inside."""
        bringing = asyncio.create_task(asyncio.to_thread(self._bring_or_say_why))
        try:
            yield
        finally:
            await bringing

    def _bring_or_say_why(self) -> None:
        try:
            self.bring()
            self.then()
        except Exception:
            # The API goes on; whoever asks for a page tries again, and is told.
            log.exception("no_pages")


class Arriving:
    """ASGI middleware: what may be a page waits until the pages are there."""

    def __init__(self, app: ASGIApp, pages: Pages) -> None:
        self._app, self._pages = app, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._pages.here and scope["type"] == "http" and not scope["path"].startswith(NO_PAGE):
            await run_in_threadpool(self._pages.bring)
        await self._app(scope, receive, send)
