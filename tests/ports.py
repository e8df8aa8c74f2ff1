"""A free port of the loopback, for a process that is about to listen at it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_port() -> Iterator[int]:
    """A port that nobody else is given until the end.

    One that is let go at once may be somebody else's before a process has started. This one stays bound, and
    nobody listens at it: Linux gives it to no other socket, but lets a server take it that says SO_REUSEADDR,
    as uvicorn does.
    """
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]
