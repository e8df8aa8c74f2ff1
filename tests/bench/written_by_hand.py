"""The hand-written endpoint: what one would write without an engine, as quick as the framework lets it be.

FastAPI with `async def`, a pydantic body, and the bare unit of work (`tests.bench.bare`): on SQLite
called on the loop itself, on PostgreSQL through sixteen asynchronous connections. No sign-in, no
rights, no deadlines in working days, no history that can be checked, no log.

`python -m tests.bench.written_by_hand PORT URL` serves it; the tables must be there.
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from tests.bench.bare import CASES, FOUR, PAYLOAD, READ

CONNECTIONS = 16
Unit = Callable[[int, int], Awaitable[int]]
"""From the number of the request and the case's id to the case's new version."""


class Step(BaseModel):
    """What is sent."""

    trigger: str
    fields: dict[str, str]
    reason: str | None = None


class Stepped(BaseModel):
    """What is answered."""

    case: int
    state: str
    version: int


@asynccontextmanager
async def sqlite_road(path: str) -> AsyncIterator[Unit]:
    """The unit on SQLite, WAL and FULL, called on the loop."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = FULL")

    async def unit(number: int, case: int) -> int:
        connection.execute("BEGIN IMMEDIATE")
        _, version, facts = connection.execute(READ, (case,)).fetchone()
        for statement, values in zip(FOUR, _values(number, case, version, facts), strict=True):
            connection.execute(statement, values)
        connection.execute("COMMIT")
        return int(version) + 1

    yield unit
    connection.close()


@asynccontextmanager
async def postgresql_road(url: str) -> AsyncIterator[Unit]:
    """The unit on PostgreSQL, on one of sixteen connections."""
    read, four = READ.replace("?", "%s"), tuple(statement.replace("?", "%s") for statement in FOUR)
    free: asyncio.Queue[psycopg.AsyncConnection] = asyncio.Queue()
    every = [await psycopg.AsyncConnection.connect(url) for _ in range(CONNECTIONS)]
    for each in every:
        free.put_nowait(each)

    async def unit(number: int, case: int) -> int:
        connection = await free.get()
        try:
            row = await (await connection.execute(read, (case,))).fetchone()
            _, version, facts = row or ("", 0, "")
            for statement, values in zip(four, _values(number, case, version, facts), strict=True):
                await connection.execute(statement, values)
            await connection.commit()
        finally:
            free.put_nowait(connection)
        return int(version) + 1

    yield unit
    for each in every:
        await each.close()


def _values(number: int, case: int, version: int, facts: str) -> tuple[tuple[object, ...], ...]:
    return (
        (case, version + 1, PAYLOAD),
        ("b", version + 1, facts, case, version),
        (number, case, number),
        (number, case, PAYLOAD),
    )


def application(url: str) -> FastAPI:
    """The endpoint over one of the two databases: a psycopg URL, or else the path of a SQLite file."""
    numbers = itertools.count(1)
    road = postgresql_road if url.startswith("postgresql") else sqlite_road

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncIterator[None]:
        async with road(url) as served.state.unit:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/livez")
    async def live() -> dict[str, str]:
        return {"status": "ok"}

    @app.post("/cases/{case}/transitions")
    async def step(case: int, body: Step) -> Stepped:
        version = await app.state.unit(next(numbers), case % CASES)
        return Stepped(case=case, state=body.trigger, version=version)

    return app


if __name__ == "__main__":
    uvicorn.run(application(sys.argv[2]), port=int(sys.argv[1]), log_level="error", access_log=False)
