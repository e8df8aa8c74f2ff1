"""Group commit: steps that are asked for while another is being committed are taken together.

One of the callers leads: it takes what waits, its own step among it, and answers the
others only after the commit has returned. Meanwhile those who come wait in line; the first
of them leads next. Nobody waits for company: a caller alone takes its step at once. And nobody
waits without end: the line is bounded, and so is what a group waits for (`engine.store.store`).
"""

from __future__ import annotations

import copy
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from engine.batching import Result
from engine.errors import Busy
from engine.model import Outcome, Request

MOST: Final = 64
"""How many steps go into one commit, so that nobody waits long for the others of a group."""


LONGEST: Final = 256
"""How many wait in line; whoever comes then is told so at once, for to wait longer helps nobody."""


class _Caller:
    """One who waits: to be answered, or to lead."""

    __slots__ = ("request", "result", "waits")

    def __init__(self, request: Request) -> None:
        self.request = request
        self.result: Outcome | BaseException | None = None
        self.waits = threading.Lock()
        self.waits.acquire()

    def answer(self, result: Outcome | BaseException) -> None:
        self.result = result
        self.waits.release()


class Gathering:
    """Brings together the steps of many threads.

    `take` takes some steps in a commit of their own and gives a result for each; what it
    raises is raised to every caller of that group. At most `leaders` groups are under way
    at once, and at most `longest` callers wait.
    """

    def __init__(
        self, take: Callable[[Sequence[Request]], Sequence[Result]], *, leaders: int, longest: int = LONGEST
    ) -> None:
        self._take = take
        self._free = leaders
        self._longest = longest
        self._line: deque[_Caller] = deque()
        self._gate = threading.Lock()

    def step(self, request: Request) -> Outcome:
        """Take one step, together with others if they wait. Raises what taking it alone would raise, or Busy."""
        caller = _Caller(request)
        with self._gate:
            leads = self._free > 0
            if leads:
                self._free -= 1
            elif len(self._line) >= self._longest:
                raise Busy
            else:
                self._line.append(caller)
        if not leads:
            caller.waits.acquire()
        if caller.result is None:
            self._lead(caller)
        if isinstance(caller.result, Outcome):
            return caller.result
        raise caller.result or not_answered()

    def _lead(self, caller: _Caller) -> None:
        with self._gate:
            group = [caller, *(self._line.popleft() for _ in range(min(MOST - 1, len(self._line))))]
        results: Sequence[Outcome | BaseException] = ()
        try:
            results = self._take([each.request for each in group])
            caller.result = results[0]
        except BaseException as error:
            results = [error, *(as_told(error) for _ in group[1:])]
            raise
        finally:
            self._hand_on()
            # Each is answered, whatever happened above: whoever is not would wait without end.
            for place, other in enumerate(group[1:], 1):
                other.answer(results[place] if place < len(results) else not_answered())

    def _hand_on(self) -> None:
        """Let the first who waits lead, or remember that one may lead at once."""
        with self._gate:
            if self._line:
                self._line.popleft().waits.release()
            else:
                self._free += 1


def as_told(error: BaseException) -> Exception:
    """The error as each of a group is told it: an object of its own, for raising leaves marks on it.

    What cannot be copied, or is no Exception, is told as broken off.
    """
    with suppress(Exception):  # an error whose class takes other arguments than its `args` is one
        copied = copy.copy(error)
        if isinstance(copied, Exception):
            return copied
    return broken_off(error)


def broken_off(error: BaseException) -> RuntimeError:
    """What stands for an error that cannot be raised where somebody waits; the error is its `__cause__`."""
    broken = RuntimeError(f"the step was broken off by {type(error).__name__}")
    broken.__cause__ = error
    return broken


def not_answered() -> RuntimeError:
    """What is told to whoever a group's result is missing for."""
    return RuntimeError("a step was not answered")
