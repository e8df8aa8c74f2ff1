"""Ends what a decision does when it comes to no end: a guard that loops for ever must not take a whole office along.

A thread cannot be stopped from outside; but Python raises in it what another thread leaves for it. One thread of the
process looks every second at those that are deciding, and at the processor time each has had: not at the clock on
the wall, so that a machine that stands still for a while ends nothing. A decision is pure, so it can be left anywhere.
What is raised may be swallowed: Python swallows whatever is raised in a `__del__`, and a bare `except` in a workflow's
file does. So it is left again and again, until the decision is given up.
Where the system does not tell the processor time of a thread (it does on Linux), nothing is ended.
"""

from __future__ import annotations

import ctypes
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")

log = logging.getLogger(__name__)

MOST: Final = 5.0
"""Seconds of processor time a decision may take. Most take a thousandth; five are some ten thousand follow-ups."""

EVERY: Final = 1.0
"""Seconds between two looks."""

LINGERS: Final = 10
"""So many looks at nobody, and the thread ends; the next decision begins another."""


class WithoutEnd(Exception):
    """A decision took so long that it was given up; its traceback says where it was."""


class _Stop(BaseException):
    """What is raised in the thread. No Exception, lest a workflow's file catches it and goes on."""


class _Watch:
    """Who is deciding: by thread, the processor time it had at the first look (None before), or when last told to end.

    `_told` are the threads that have been told to.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._deciding: dict[int, float | None] = {}
        self._told: set[int] = set()
        self._looking = self._refused = False

    def begin(self, thread: int) -> None:
        """Look at a thread from now on."""
        with self._lock:
            self._deciding[thread] = None
            if not self._looking:
                self._begin_to_look()

    def _begin_to_look(self) -> None:
        try:
            threading.Thread(target=self._look, name="fardplan-ending", daemon=True).start()
        except RuntimeError as error:  # there is no thread to be had: nothing is ended until the next decision gets one
            if not self._refused:
                log.warning("decisions_unbounded", extra={"why": str(error)})
            self._refused = True
        else:
            self._looking, self._refused = True, False

    def end(self, thread: int) -> None:
        """Look at it no longer, and take back what was left for it and has not reached it."""
        with self._lock:
            self._deciding.pop(thread, None)
            if thread in self._told:
                _leave(thread, None)
                self._told.discard(thread)

    def __contains__(self, thread: int) -> bool:
        return thread in self._deciding

    def _look(self) -> None:
        alone = 0
        while alone < LINGERS:
            time.sleep(EVERY)
            with self._lock:
                self._looking = False  # should this fail, the next decision begins another
                for thread, had in list(self._deciding.items()):
                    self._deciding[thread] = self._judged(thread, had)
                alone = 0 if self._deciding else alone + 1
                self._looking = alone < LINGERS

    def _judged(self, thread: int, had: float | None) -> float:
        # Who stands here has not left `bounded`: the thread is alive, or asking for its time would end the process.
        spent = _processor_time(thread)
        if had is None or spent - had <= MOST:
            return spent if had is None else had
        self._told.add(thread)
        _leave(thread, _Stop)
        return spent  # where it is swallowed, the thread is told again after as long


def _processor_time(thread: int) -> float:
    if sys.platform != "linux":
        return 0.0
    return time.clock_gettime(time.pthread_getcpuclockid(thread))


def _leave(thread: int, what: type[BaseException] | None) -> None:
    """Leave something to be raised in a thread; None takes it back."""
    left = None if what is None else ctypes.py_object(what)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), left)


_watch: Final = _Watch()
# Of the threads of a process that forks only one goes on in the child, and the lock may be held by another.
if sys.platform != "win32":
    os.register_at_fork(after_in_child=lambda: _Watch.__init__(_watch))


def bounded(work: Callable[[], T]) -> T:
    """What `work` gives. Raises WithoutEnd where that takes more than MOST; `work` must bear being left anywhere.

    What waits (for a lock, a sleep) is not ended, nor is one long call into C.
    """
    thread = threading.get_ident()
    if thread in _watch:
        return work()
    try:
        _watch.begin(thread)
        return work()
    except _Stop as stop:
        told = f"given up after {MOST:.0f} seconds of processor time"
        raise WithoutEnd(told).with_traceback(stop.__traceback__) from None
    finally:
        try:
            _watch.end(thread)
        except _Stop:  # left for it in that very moment; the next would come after MOST, so now the end is undisturbed
            _watch.end(thread)
