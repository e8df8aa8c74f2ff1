"""The committer's threads: all there from the start, and whoever waits for one is answered whatever happens to them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest

from engine.errors import Busy
from engine.model import Outcome, Recount, Request
from service.committing import THREADS, Committer

LONGEST = 60
"""Seconds after which something hangs."""


def taken(requests: Sequence[Request]) -> list[Outcome | Exception]:
    return [Outcome(str(each.case), 1, None, None) for each in requests]


def a_committer(take: Any = taken, *, sqlite: bool = True, longest: int = 5) -> Committer:
    store: Any = SimpleNamespace(sqlite=sqlite)
    return Committer(store, take, longest=longest)


@pytest.fixture
def committer() -> Iterator[Committer]:
    made = a_committer()
    yield made
    made.close()


def asked(number: int) -> Request:
    return Request("x.se", Recount(), "ann", case=str(number))


def step(committer: Committer, number: int) -> Any:
    return committer.step(partial(asked, number), lambda outcome: outcome.case_id)


def together(*asked_for: Any) -> list[Any]:
    """What each gives or raises; fails where one is never answered."""

    async def all_at_once() -> list[Any]:
        return await asyncio.wait_for(asyncio.gather(*asked_for, return_exceptions=True), LONGEST)

    return asyncio.run(all_at_once())


def only_so_many(patch: pytest.MonkeyPatch, threads: int) -> list[threading.Thread]:
    """The threads that a system gives which gives so many and no more."""
    given: list[threading.Thread] = []
    begin = threading.Thread.start

    def start(thread: threading.Thread) -> None:
        if len(given) == threads:
            text = "can't start new thread"
            raise RuntimeError(text)
        given.append(thread)
        begin(thread)

    patch.setattr(threading.Thread, "start", start)
    return given


def test_who_finds_no_threads_does_not_begin_and_leaves_none_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    given = only_so_many(monkeypatch, THREADS - 1)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        a_committer(sqlite=False)
    for thread in given:
        thread.join(LONGEST)
    assert [thread.is_alive() for thread in given] == [False] * (THREADS - 1)


@pytest.mark.parametrize("sqlite", [True, False], ids=["one thread", "some threads"])
def test_no_step_needs_a_thread_that_is_not_there_yet(sqlite: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    committer = a_committer(sqlite=sqlite, longest=50)
    only_so_many(monkeypatch, 0)
    works = (committer.run(lambda: "done") for _ in range(9))
    assert together(*(step(committer, n) for n in range(9)), *works) == [*map(str, range(9)), *["done"] * 9]
    committer.close()


def test_whoever_waits_when_it_is_closed_is_told_and_what_was_begun_is_finished() -> None:
    begun, go = threading.Event(), threading.Event()

    def held(requests: Sequence[Request]) -> list[Outcome | Exception]:
        begun.set()
        go.wait(LONGEST)
        return taken(requests)

    committer = a_committer(held)
    closing = threading.Thread(target=committer.close)

    def closed_meanwhile() -> str:
        assert begun.wait(LONGEST)
        closing.start()
        while not committer._threads._shutdown:
            time.sleep(0.001)
        go.set()
        return "closed"

    told = together(step(committer, 0), step(committer, 1), step(committer, 2), asyncio.to_thread(closed_meanwhile))
    closing.join(LONGEST)
    assert [type(each) for each in told] == [str, RuntimeError, RuntimeError, str]
    assert told[0] == "0"
    assert (committer.waiting, committer._works) == (0, 0)


def test_whoever_comes_after_it_is_closed_is_told_and_counts_no_more() -> None:
    committer = a_committer()
    committer.close()
    for _ in range(7):
        told = together(step(committer, 0), committer.run(lambda: "done"))
        assert [type(each) for each in told] == [RuntimeError] * 2
    assert (committer.waiting, committer._works, committer._free) == (0, 0, 1)


def test_whoever_a_group_has_no_result_for_is_told_so_and_the_others_are_answered() -> None:
    go = threading.Event()

    def too_few(requests: Sequence[Request]) -> list[Outcome | Exception]:
        assert go.wait(LONGEST)
        return taken(requests)[:2]

    # The first goes alone; the others wait for it, and are the next group.
    committer = a_committer(too_few)

    def until_all_wait() -> None:
        while committer.waiting < 4:
            time.sleep(0.001)
        go.set()

    told = together(*(step(committer, n) for n in range(5)), asyncio.to_thread(until_all_wait))
    assert told[:3] == ["0", "1", "2"]
    assert [str(each) for each in told[3:5]] == ["a step was not answered"] * 2
    committer.close()


def test_an_error_that_cannot_be_told_leaves_nobody_waiting(committer: Committer) -> None:
    def stops(_: Outcome) -> str:
        raise StopIteration

    told = together(step(committer, 0), committer.step(partial(asked, 1), stops), step(committer, 2))
    assert (told[0], type(told[1]), told[2]) == ("0", RuntimeError, "2")


def test_a_group_that_breaks_off_is_told_so_each_by_an_error_of_their_own() -> None:
    class Stopped(BaseException):
        pass

    def breaks_off(_: Sequence[Request]) -> list[Outcome | Exception]:
        raise Stopped

    committer = a_committer(breaks_off)
    told = together(*(step(committer, n) for n in range(4)))
    assert [(type(each), type(each.__cause__)) for each in told] == [(RuntimeError, Stopped)] * 4
    assert len(set(map(id, told))) == 4
    committer.close()


def test_the_later_work_of_who_has_been_let_in_is_not_turned_away(committer: Committer) -> None:
    go = threading.Event()

    async def full() -> list[Any]:
        works = [asyncio.create_task(committer.run(lambda: go.wait(LONGEST))) for _ in range(7)]
        await asyncio.sleep(0)
        later = asyncio.create_task(committer.run(lambda: "later", bounded=False))
        steps = asyncio.create_task(committer.steps([asked(1)], bounded=False))
        await asyncio.sleep(0)
        go.set()
        return await asyncio.gather(*works, later, steps, return_exceptions=True)

    *worked, turned_away, later, (done,) = asyncio.run(full())
    assert (worked, type(turned_away)) == ([True] * 6, Busy)
    assert (later, done.case_id) == ("later", "1")
    assert committer.waiting == 0
