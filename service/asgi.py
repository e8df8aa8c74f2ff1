"""The application as uvicorn runs it: the house, its pages and API, and the ticks beside them."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from service.app import create_app
from service.compose import House, build
from service.logging import configure, quieten
from service.scheduler import ticking
from service.settings import Environment, Settings


def application() -> FastAPI:
    """Make the application from the environment, in each process that serves."""
    settings = Settings.read()
    configure(settings.log_level)
    quieten()
    if settings.environment is Environment.PRODUCTION:
        settings.must_have_secret()
    return with_ticks(build(settings, serves=True))


def settle() -> None:
    """Let the collector of garbage pass by what is here now, for it stays as long as the process.

    Workflows, tables and libraries are two hundred thousand objects: looking at all of them stopped
    every request for 0.17 s, once in 1,700 steps. What came since is looked at as ever: rings grown
    old are what a request leaves that was under way when the young were looked at.
    """
    gc.collect()
    gc.freeze()
    # Python waits with a full look until there is a quarter more than the last one left: of what is not passed by.
    gc.collect()


def with_ticks(house: House) -> FastAPI:
    """The application of a house: it ticks while it serves, and closes the house at the end."""
    app = create_app(house)
    app.state.pages.then = settle
    inner = app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncIterator[None]:
        try:
            with ticking(house):
                async with inner(served):
                    yield
        finally:
            house.close()

    app.router.lifespan_context = lifespan
    return app
