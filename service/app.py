"""The web application: the routers, what stands around them, and nothing else.

The pages come after the port listens (`service.pages.arriving`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from engine.errors import EngineError
from service.admitting import Admitting, Patience
from service.committing import Committer
from service.compose import House
from service.limits import Limits
from service.load import Load
from service.metrics import Metrics
from service.openapi import describe
from service.pages.arriving import Arriving, Pages
from service.pages.guarding import Guarding
from service.pages.refusing import readable
from service.problems import on_bad_parameters, on_error, on_http
from service.routes import ROUTERS
from service.stepping import steps
from service.stopping import heard
from service.watching import Watching


def create_app(house: House) -> FastAPI:
    """The application over a house. Who made the house closes it."""
    app = FastAPI(
        title="Färdplan",
        summary="Cases of international mobility, kept true: HTTP API.",
        version="1",
        lifespan=_lifespan,
        docs_url=None,  # FastAPI's pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.house = house
    app.state.metrics = Metrics(house.catalogue, house.queries)
    settings = house.settings
    app.state.committer = Committer(
        house.store, partial(steps, house, app.state.metrics), longest=settings.requests_at_once
    )
    app.state.load = Load(settings.requests_at_once, app.state.committer, app.state.metrics.registry)
    app.state.streams = Counter()
    app.state.pages = Pages(app)
    for router in ROUTERS:
        app.include_router(router)
    for kind in (EngineError, OverflowError):
        app.add_exception_handler(kind, readable(on_error))
    app.add_exception_handler(RequestValidationError, readable(on_bad_parameters))
    app.add_exception_handler(HTTPException, readable(on_http))
    app.add_middleware(Arriving, pages=app.state.pages)
    app.add_middleware(
        Admitting, load=app.state.load, limits=Limits.of(settings), patience=Patience.of(settings)
    )
    app.add_middleware(Watching, metrics=app.state.metrics)
    # Outermost, so that the answer to a fault of ours has its headers too.
    app.add_middleware(Guarding, encrypted=house.settings.base_url.startswith("https://"))
    app.openapi = partial(describe, app)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.stopping = asyncio.Event()
    with heard(app.state.stopping, within=app.state.house.settings.stop_seconds):
        async with app.state.pages.coming():
            yield
    app.state.committer.close()
    app.state.load.close()
