"""Stopping: what was taken is finished, long answers are told, and the process ends in time.

uvicorn takes no more connections then, and waits for answers that are under way before it lets
the application go. A stream of events has no end of its own; it must hear of the signal when
uvicorn does, and its reader opens the next one elsewhere. Whatever hangs all the same is cut off
at the end: nothing in memory matters, and leases and locks end by themselves (ADR 0027).
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from service.logging import log

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def end_within(seconds: float) -> None:
    """Have the process end after so long, whatever hangs. Safe to call where a signal is handled."""
    timer = threading.Timer(seconds, _end, (seconds,))
    timer.daemon = True
    timer.start()


def _end(seconds: float) -> None:
    log.error("cut_off", extra={"seconds": seconds})
    logging.shutdown()
    os._exit(1)


@contextmanager
def heard(stopping: asyncio.Event, *, within: float) -> Iterator[None]:
    """Set the event when the process is asked to stop, then let whoever listened before have the signal.

    It ends `within` so many seconds, whatever hangs. Signals come to the main thread alone; served
    from another (as in tests) nothing is heard.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in SIGNALS}
    asked: list[int] = []

    def hear(number: int, frame: FrameType | None) -> None:
        if not asked:
            asked.append(number)
            end_within(within)
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
