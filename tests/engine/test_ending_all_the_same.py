"""What comes to no end is given up although it swallows the end, and although the system once gave no thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from engine import ending
from engine.ending import WithoutEnd, bounded
from tests.engine.impatience import impatient


@pytest.fixture(autouse=True)
def watch() -> Iterator[ending._Watch]:
    """What takes longer than a tenth of a second is given up."""
    with impatient() as watch:
        yield watch


class Unstoppable(BaseException):
    """Nobody gave it up; no Exception, lest it be taken for a fault of the decision."""


def for_long(times: int = 100) -> None:
    """Goes on far beyond what is given up, and then raises: so a test fails instead of hanging."""
    until = time.thread_time() + times * ending.MOST
    while time.thread_time() < until:
        sum(range(100))
    raise Unstoppable


class SwallowedAtItsEnd:
    """Python goes on after whatever is raised in `__del__`."""

    def __del__(self) -> None:
        for_long()


def swallowing(times: int) -> int:
    """Swallows the end so many times, as a file with a bare `except` does."""
    for _ in range(times):
        try:
            for_long()
        except ending._Stop:
            continue
    return times


def test_who_swallows_the_end_is_told_again_until_it_is_heeded() -> None:
    def swallows_thrice() -> None:
        swallowing(3)
        for_long()

    with pytest.raises(WithoutEnd):
        bounded(swallows_thrice)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_end_that_python_swallows_is_told_again() -> None:
    def lets_go() -> None:
        SwallowedAtItsEnd()
        for_long()

    with pytest.raises(WithoutEnd):
        bounded(lets_go)


def test_who_swallowed_the_end_and_comes_to_one_after_all_goes_on_undisturbed(
    watch: ending._Watch,
) -> None:
    assert bounded(lambda: swallowing(2)) == 2
    assert not watch._told
    with pytest.raises(Unstoppable):
        for_long(8)


# Where the system gives no thread that looks.


def no_thread(*_: object) -> None:
    """What starting a thread comes to where the system has none left."""
    text = "can't start new thread"
    raise RuntimeError(text)


def test_where_no_thread_can_look_it_is_decided_all_the_same_and_that_is_told_once(
    watch: ending._Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(threading.Thread, "start", no_thread)
    assert [bounded(lambda: 7), bounded(lambda: 8)] == [7, 8]
    assert not watch._deciding
    assert [line.message for line in caplog.records] == ["decisions_unbounded"]


def test_as_soon_as_a_thread_can_look_again_what_comes_to_no_end_is_given_up(
    watch: ending._Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", no_thread)
        bounded(lambda: 7)
    with pytest.raises(WithoutEnd):
        bounded(for_long)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_where_looking_fails_the_next_decision_begins_it_anew(
    watch: ending._Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(ending, "_processor_time", no_thread)
        with pytest.raises(Unstoppable):
            bounded(lambda: for_long(8))
    with pytest.raises(WithoutEnd):
        bounded(for_long)
