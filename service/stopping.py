"""Stopping: what was taken is finished, long answers are told, and the process ends in time.

uvicorn takes no more connections then, and waits for answers that are under way before it lets
the application go. A stream of events has no end of its own; it must hear of the signal when
uvicorn does, and its reader opens the next one elsewhere. Whatever hangs all the same is cut off
at the end: nothing in memory matters, and leases and locks end by themselves (ADR 0027).
"""

from __future__ import annotations

import _thread
import asyncio
import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from service.logging import log

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

LAST_WORD_SECONDS: Final = 1.0
"""What hangs may be the log itself; so long the end waits for it."""


def end_within(seconds: float) -> None:
    """Have the process end after so long, whatever hangs. Safe to call where a signal is handled.

    A thread without an object of `threading`: to start one of those takes locks that whoever is interrupted may hold.
    """
    _thread.start_new_thread(_end_after, (seconds,))


def _end_after(seconds: float) -> None:
    time.sleep(seconds)
    told = threading.Event()
    _thread.start_new_thread(_tell, (seconds, told))
    told.wait(LAST_WORD_SECONDS)
    os._exit(1)


def _tell(seconds: float, told: threading.Event) -> None:
    log.error("cut_off", extra={"seconds": seconds})
    logging.shutdown()
    told.set()


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
