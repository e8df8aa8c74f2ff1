"""A network of our own between PostgreSQL and whoever speaks to it, to be cut, delayed and half closed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Final, Self

SERVER: Final = "server"
CLIENT: Final = "client"
CHUNK: Final = 65_536
LONG: Final = 1.5
"""Seconds for which everything is delayed."""

_DEAF: Final[Mapping[str, frozenset[str]]] = {
    "answers lost, then cut": frozenset({CLIENT}),
    "questions lost, then cut": frozenset({SERVER}),
    "silent, then cut": frozenset({CLIENT, SERVER}),
}
"""Towards whom nothing is passed on, by kind."""

_HALF: Final[Mapping[str, str]] = {"half closed to the service": CLIENT, "half closed to the server": SERVER}


@dataclass(eq=False)
class _Link:
    """One connection, as its two ends: `to` is what can be written to, by who reads it."""

    to: dict[str, asyncio.StreamWriter] = field(default_factory=dict)

    def cut(self) -> None:
        for end in self.to.values():
            end.transport.abort()

    def half_close(self, towards: str) -> None:
        with suppress(OSError, RuntimeError):
            self.to[towards].write_eof()


class Proxy:
    """Passes on what comes over TCP to a Unix socket, and back. `lost` counts answers that were swallowed."""

    KINDS: ClassVar[tuple[str, ...]] = (
        "cut", "answers lost, then cut", "questions lost, then cut", "delayed", "half closed to the service",
        "half closed to the server", "refused", "silent, then cut",
    )  # fmt: skip

    def __init__(self, socket: Path) -> None:
        self.socket, self.port, self.lost = socket, 0, 0
        self._delay, self._deaf = 0.0, frozenset[str]()
        self._links: set[_Link] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait(self._listen())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wait(self._deny())
        self._wait(self._cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def strike(self, kind: str, seconds: float) -> None:
        """Break the network for so long; it is whole when this returns, though what was cut stays cut."""
        if kind == "delayed":
            self._delay = seconds / 2
            time.sleep(LONG)
            self._delay = 0.0
            return
        self._deaf = _DEAF.get(kind, frozenset())
        if kind in _HALF:
            self._wait(self._half_close(_HALF[kind]))
        if kind == "refused":
            self._wait(self._deny())
            self._wait(self._cut())
        if kind != "cut":
            time.sleep(seconds)
        self._wait(self._cut())
        if self._server is None:
            self._wait(self._listen())

    def _wait(self, what: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(what, self._loop).result(30)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _deny(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _half_close(self, towards: str) -> None:
        for link in tuple(self._links):
            link.half_close(towards)

    async def _cut(self) -> None:
        # All that was swallowed is cut before anything is passed on again: no stream goes on with a gap in it.
        for link in tuple(self._links):
            link.cut()
        self._deaf = frozenset()
        # One turn of the loop, in which what hung up is noticed.
        await asyncio.sleep(0.05)

    async def _carry(self, from_client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
        try:
            from_server, to_server = await asyncio.open_unix_connection(self.socket)
        except OSError:
            to_client.transport.abort()
            return
        link = _Link({CLIENT: to_client, SERVER: to_server})
        self._links.add(link)
        try:
            await asyncio.gather(self._pass(from_client, SERVER, link), self._pass(from_server, CLIENT, link))
        finally:
            self._links.discard(link)
            link.cut()

    async def _pass(self, reader: asyncio.StreamReader, towards: str, link: _Link) -> None:
        """Pass on what comes until an end of it has hung up; then hang up at the other."""
        with suppress(OSError, RuntimeError):
            while data := await reader.read(CHUNK):
                if self._delay:
                    await asyncio.sleep(self._delay)
                if towards in self._deaf:
                    self.lost += towards == CLIENT
                    continue
                link.to[towards].write(data)
                await link.to[towards].drain()
        link.half_close(towards)
