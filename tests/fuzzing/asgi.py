"""Speaks to the application without a socket or a client's library: one call, one answer, as fast as it can."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote, unquote

from starlette.types import ASGIApp, Message

PATIENCE: Final = 20.0
"""Seconds after which an answer is too late; the machine is shared with others."""

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Asked:
    """A request, as it would stand on the wire but for who asks: `who` goes in by `door` ("token", "session", "none").

    `target` is path and query; header values and body are Latin-1, one character a byte.
    """

    who: str
    door: str
    method: str
    target: str
    headers: Headers = ()
    body: str = ""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def having(self, **changed: Any) -> Asked:
        """The same with some of it changed."""
        return replace(self, **changed)


@dataclass(frozen=True)
class Answered:
    """What came back, and how long it took (seconds)."""

    status: int
    headers: Headers
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        """The value of a header, empty where it is not there."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def media(self) -> str:
        return self.header("content-type").partition(";")[0]


async def call(app: ASGIApp, asked: Asked, own: Headers) -> Answered:
    """Send a request with the headers of whoever asks. What the application raises is raised here."""
    path, _, query = asked.target.partition("?")
    raw_path = quote(path, safe="/%:@!$&'()*+,;=-._~").encode("ascii")
    body, heard, status = asked.body.encode("latin-1", "replace"), bytearray(), 0
    headers: Headers = ()
    given = True
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": asked.method, "scheme": "http",
        "path": unquote(raw_path.decode("ascii")), "raw_path": raw_path, "root_path": "",
        "query_string": quote(query, safe="%&=+;/?:@!$'()*,-._~[]{}<>\"\\^`|").encode("ascii"),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
                    for name, value in (*own, *asked.headers)],
        "client": ("127.0.0.1", 1), "server": ("office.test", 80),
    }  # fmt: skip

    async def receive() -> Message:
        nonlocal given
        if given:
            given = False
            return {"type": "http.request", "body": body, "more_body": False}
        # Whoever listens on hears that the client has gone, so no stream goes on for ever.
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"])
        else:
            heard.extend(message.get("body", b""))

    began = time.perf_counter()
    await app(scope, receive, send)
    return Answered(status, headers, bytes(heard), time.perf_counter() - began)
