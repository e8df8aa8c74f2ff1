"""A client that costs little: raw HTTP/1.1 on kept connections, one request at a time on each.

It reads of an answer its status, its ETag and its length, and nothing else.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

Ask = Callable[[str | None], bytes]
"""From the ETag of the answer before (None: there was none) to the next request."""


@dataclass
class Told:
    """What a run saw: how many answers, over how many seconds, and how long each took in milliseconds."""

    seconds: float = 0.0
    taken: list[float] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.taken) / self.seconds


@dataclass
class Voice:
    """One connection's side of the talk; what it knows of its case outlives the connection."""

    ask: Ask
    etag: str | None = None


class _Talk(asyncio.Protocol):
    """Asks until the time is over."""

    def __init__(self, voice: Voice, told: Told, until: float, ended: asyncio.Future[None]) -> None:
        self._voice, self._told, self._until, self._ended = voice, told, until, ended
        self._got = b""
        self._asked = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are asyncio's in all but their class.
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_exception(exc or ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, end, body = self._got.partition(b"\r\n\r\n")
        if not end or len(body) < int(_header(head, b"content-length") or 0):
            return
        now = time.perf_counter()
        status = int(head[9:12])
        if status >= 300:
            self._told.wrong.append(status)
        self._told.taken.append((now - self._asked) * 1000)
        tag = _header(head, b"etag")
        self._voice.etag = tag.decode() if tag else None
        self._got = b""
        if now < self._until:
            self._next()
            return
        self._ended.set_result(None)

    def _next(self) -> None:
        assert self._transport is not None
        self._asked = time.perf_counter()
        self._transport.write(self._voice.ask(self._voice.etag))


def _header(head: bytes, name: bytes) -> bytes | None:
    place = head.lower().find(b"\r\n" + name + b":")
    if place < 0:
        return None
    return head[place + len(name) + 3 :].partition(b"\r\n")[0].strip()


def talk(port: int, voices: Sequence[Voice], seconds: float) -> Told:
    """Let every voice ask for so many seconds on a connection of its own. Raises AssertionError at a refusal."""
    told = Told()
    start = time.perf_counter()
    uvloop.run(_all(port, voices, told, start + seconds))
    told.seconds = time.perf_counter() - start
    assert not told.wrong, f"answered with {sorted(set(told.wrong))}"
    return told


async def _all(port: int, voices: Sequence[Voice], told: Told, until: float) -> None:
    loop = asyncio.get_running_loop()
    ends: list[asyncio.Future[None]] = [loop.create_future() for _ in voices]
    made = [
        await loop.create_connection(lambda v=voice, e=end: _Talk(v, told, until, e), "127.0.0.1", port)  # type: ignore[misc]  # the defaults bind the loop's values
        for voice, end in zip(voices, ends, strict=True)
    ]
    await asyncio.gather(*ends)
    for transport, _ in made:
        transport.close()


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """A request as it goes over the wire; `if_match` names the header If-Match."""
    lines = [f"{method} {path} HTTP/1.1", "Host: bench", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
