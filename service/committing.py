"""The committer: the threads on which cases are changed, and the line of those who wait for a step.

SQLite takes one writer at a time, so one thread a process writes and nobody waits at a
lock; PostgreSQL gets a few, so that steps wait for the disk together. Measured against
plain `def` routes: 2.4 times the throughput and a fifteenth of the tail (DESIGN 2).

Steps that are asked for while others are being committed wait in line, and go together as
the next group: one way to a thread and back, and one commit, for all of them (ADR 0021). Only
so many wait: whoever comes then is told at once to come again (ADR 0027).
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from engine.batching import Result as Taken
from engine.cases import LEADERS
from engine.errors import Busy
from engine.gathering import as_told, broken_off, not_answered
from engine.model import Outcome, Request
from engine.store.store import Store

Result = TypeVar("Result")

THREADS: Final = 6
"""How many threads of a process change cases on PostgreSQL."""

MOST: Final = 32
"""How many steps go in one group, so that nobody waits long for the answers of the others."""


LONGEST: Final = 250
"""How many wait for a thread, steps and other work together, unless it is set otherwise."""


@dataclass(frozen=True, slots=True)
class _Errand:
    """One who waits in line: how the step is asked for, how it is answered, and who is to be told."""

    ask: Callable[[], Request]
    answer: Callable[[Outcome], Any]
    told: asyncio.Future[Any]


class Committer:
    """Runs work that changes cases, off the event loop. `take` takes steps, and gives a result for each.

    At most `longest` wait; `turned_away` counts those who came too many.
    """

    def __init__(
        self, store: Store, take: Callable[[Sequence[Request]], Sequence[Taken]], *, longest: int = LONGEST
    ) -> None:
        self._size = 1 if store.sqlite else THREADS
        self._threads = _all_begun(self._size)
        self._take = take
        self._longest = longest
        self._works = 0
        self.turned_away = 0
        self._gate = threading.Lock()
        self._line: deque[_Errand] = deque()
        self._free = 1 if store.sqlite else LEADERS

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._line) + max(0, self._works - self._size)

    async def run(self, work: Callable[[], Result], *, bounded: bool = True) -> Result:
        """Do the work on one of the threads, and give what it gives or raises. Raises Busy where too many wait.

        Not `bounded` is the later work of a request that has been let in: to turn it away would break that off halfway.
        """
        context = copy_context()
        with self._gate:
            if bounded:
                self._have_room()
            self._works += 1
        begun = self._submitted(context.run, work)
        begun.add_done_callback(self._done)
        return await asyncio.wrap_future(begun)

    def _submitted(self, work: Callable[..., Any], *given: Any) -> Future[Any]:
        """The work, as soon as a thread is free; where none is left to do it, as after `close`, it has failed."""
        try:
            return self._threads.submit(work, *given)
        except RuntimeError as error:
            failed: Future[Any] = Future()
            failed.set_exception(error)
            return failed

    def _done(self, _: Future[Any]) -> None:
        with self._gate:
            self._works -= 1

    def _have_room(self) -> None:
        if self.waiting >= self._longest:
            self.turned_away += 1
            raise Busy

    async def step(self, ask: Callable[[], Request], answer: Callable[[Outcome], Result]) -> Result:
        """Take a step together with those asked for meanwhile; durable when `answer` is called.

        Both are called on a thread: `ask` gives the request, `answer` makes what is given of
        the outcome. Raises what they raise, and what the step does; Busy where too many wait.
        """
        told: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        context = copy_context()
        asked, answered = lambda: context.run(ask), lambda outcome: context.run(answer, outcome)
        with self._gate:
            self._have_room()
            self._line.append(_Errand(asked, answered, told))
        self._send()
        return await told

    async def steps(self, requests: Sequence[Request], *, bounded: bool = True) -> Sequence[Taken]:
        """Take many steps that are asked for at once; a result for each. Raises Busy as `run` does."""
        return await self.run(partial(self._take, requests), bounded=bounded)

    def _send(self) -> None:
        """Let the next groups go, as long as somebody waits and a thread is free for them."""
        while group := self._group():
            self._submitted(self._serve, group).add_done_callback(partial(self._back, group))

    def _group(self) -> list[_Errand]:
        """Who goes together next; nobody where no thread is free."""
        with self._gate:
            if not self._line or not self._free:
                return []
            self._free -= 1
            return [self._line.popleft() for _ in range(min(MOST, len(self._line)))]

    def _back(self, group: Sequence[_Errand], done: Future[list[Any]]) -> None:
        """Let the next group go first, for it has a way to go; then tell this one, each on the loop it waits on."""
        with self._gate:
            self._free += 1
        self._send()
        error = done.exception()
        given = [as_told(error) for _ in group] if error is not None else done.result()
        answers: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Any], Any]]] = {}
        for errand, each in zip(group, given, strict=True):
            answers.setdefault(errand.told.get_loop(), []).append((errand.told, each))
        for loop, some in answers.items():
            # A loop that has ended has nobody left who waits.
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(_tell, some)

    def _serve(self, group: Sequence[_Errand]) -> list[Any]:
        """Ask, take and answer for a group; what each gives or raises."""
        asked = [_tried(errand.ask) for errand in group]
        try:
            taken = iter(self._take([each for each in asked if isinstance(each, Request)]))
        except Exception as error:  # noqa: BLE001 - the commit failed: each of the group is told so
            return [each if isinstance(each, Exception) else error for each in asked]
        outcomes = [next(taken, not_answered()) if isinstance(each, Request) else each for each in asked]
        return [
            _tried(partial(errand.answer, outcome)) if isinstance(outcome, Outcome) else outcome
            for errand, outcome in zip(group, outcomes, strict=True)
        ]

    def close(self) -> None:
        """Finish what was begun, and stop."""
        self._threads.shutdown(wait=True)


def _all_begun(size: int) -> ThreadPoolExecutor:
    """So many threads, all of them started: where the system has not so many, that ends the start and no step later.

    A pool that starts a thread for a piece of work and cannot has taken the work on all the same, and says it failed.
    """
    pool, all_here = ThreadPoolExecutor(size, thread_name_prefix="committer"), threading.Barrier(size)
    try:
        for _ in range(size):
            pool.submit(all_here.wait)  # whoever waits is not free, so the next has a thread of its own
    except BaseException:
        all_here.abort()
        pool.shutdown(wait=False)
        raise
    return pool


def _tell(answers: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
    """Give each who still waits what became of their step."""
    for waits, given in answers:
        if waits.done():
            continue
        if isinstance(given, StopIteration):  # the one error that a future does not take
            waits.set_exception(broken_off(given))
        elif isinstance(given, BaseException):
            waits.set_exception(given)
        else:
            waits.set_result(given)


def _tried(work: Callable[[], Any]) -> Any:
    """What the work gives, or the error it raises."""
    try:
        return work()
    except Exception as error:  # noqa: BLE001 - raised again where somebody waits for it
        return error
