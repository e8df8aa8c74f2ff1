"""Connections that are not held for nothing: who sends no request, or reads no answer, is hung up on.

uvicorn waits without end for a request to begin and for its headers to be whole, and takes as
many of them as come (CWE-400, CWE-770); a body and its answer are watched by `service.admitting`.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LOOKS_EVERY: Final = 10.0
"""Seconds between two looks at a connection; a request must come within two of them."""

MOST_HEAD: Final = 64 * 1024
"""Bytes a request's line and headers may take; what browsers and libraries send takes some hundred."""


class Patient(HttpToolsProtocol):
    """uvicorn's connection, looked at now and then."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        """Begin to look."""
        super().connection_made(transport)
        self._seen: Any = None
        self._unsent = 0
        self._heads = 0
        self._in_head = True
        self._head_bytes = 0
        self._parts = 0
        self._between = 0
        self._next_look = self.loop.call_later(LOOKS_EVERY, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more."""
        self._next_look.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what was sent; a head without end is refused, and what is no part of a body hung up on."""
        in_head, heads, parts = self._in_head, self._heads, self._parts
        super().data_received(data)
        self._between = 0 if self._in_head or parts != self._parts else self._between + len(data)
        if self._between > MOST_HEAD and not self.transport.is_closing():
            # Trailers, or words beside the sizes of chunks: nothing here reads them, and they have no end.
            self.transport.abort()
        if in_head and heads == self._heads:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD and not self.transport.is_closing():
                self.send_400_response("The request's headers are too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header of the head; one that comes after the body is passed over (RFC 9110 section 6.5.1)."""
        if self._in_head:
            super().on_header(name, value)

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        self._parts += 1
        super().on_body(body)

    def on_headers_complete(self) -> None:
        """The request may begin."""
        self._heads += 1
        self._in_head, self._head_bytes = False, 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The next thing to come is a head."""
        self._in_head = True
        super().on_message_complete()

    def _look(self) -> None:
        """Hang up where nothing has happened since the last look, and let go where nothing goes out any more."""
        unsent = self.transport.get_write_buffer_size()
        if self.transport.is_closing():
            if unsent and unsent == self._unsent:
                self.transport.abort()
        elif self.cycle is self._seen and (self.cycle is None or self.cycle.response_complete):
            self.transport.close()
        self._seen, self._unsent = self.cycle, unsent
        self._next_look = self.loop.call_later(LOOKS_EVERY, self._look)
