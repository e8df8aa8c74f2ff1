"""Tells long answers that the service is asked to stop, so that nobody waits for them at the end.

uvicorn waits for answers that are under way before it lets the application go. A stream of
events has no end of its own; it must hear of the signal when uvicorn does.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def heard(stopping: asyncio.Event) -> Iterator[None]:
    """Set the event when the process is asked to stop, then let whoever listened before have the signal.

    Signals come to the main thread alone; served from another (as in tests) nothing is heard.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def hear(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stopping.set)
        earlier = before[signal.Signals(number)]
        if callable(earlier):
            earlier(number, frame)

    for number in SIGNALS:
        signal.signal(number, hear)
    try:
        yield
    finally:
        for number, earlier in before.items():
            # Whoever has listened since keeps the signal.
            if signal.getsignal(number) is hear:
                signal.signal(number, earlier)
