"""A condition that comes to no end is given up by itself: alone, among others, by the clock, at a case's page."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from engine import ending
from engine.ending import WithoutEnd, bounded
from engine.errors import WorkflowFault
from engine.judging import answers
from engine.model import Comment, Outcome, Request, Take
from engine.vocabulary import AnyView, Reason
from tests.engine.house import INSTITUTION, local, refused
from tests.engine.impatience import impatient
from tests.engine.posts import Post, open_post
from tests.engine.test_poisoned import against, rungs


def for_ever(*_: object) -> Any:
    while True:
        try:
            sum(range(100))
        except Exception:  # noqa: BLE001 - a workflow's file may do so
            continue


@pytest.fixture(autouse=True)
def watch() -> Iterator[ending._Watch]:
    """What takes longer than a tenth of a second is given up."""
    with impatient() as watch:
        yield watch


@dataclass
class Hanging:
    """An office in which conditions on the steps of some cases come to no end."""

    post: Post
    cases: set[str] = field(default_factory=set)

    def open(self) -> str:
        """Open one of these cases."""
        case = self.post.house.open()
        self.cases.add(case)
        return case

    def judged(self, guards: Any, view: AnyView) -> Iterator[Reason]:
        if view.id in self.cases:
            for_ever()
        yield from answers(guards, view)


@pytest.fixture
def hanging(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hanging]:
    with open_post(database_url) as post:
        made = Hanging(post)
        monkeypatch.setattr("engine.judging.answers", made.judged)
        yield made


# By itself.


def test_what_comes_to_an_end_is_given_back_and_what_it_raises_is_raised() -> None:
    assert bounded(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        bounded(lambda: 1 // 0)


def test_what_comes_to_no_end_is_given_up_and_it_is_told_where_it_was() -> None:
    with pytest.raises(WithoutEnd) as told:
        bounded(for_ever)
    assert "for_ever" in [entry.name for entry in told.traceback]


def test_the_thread_goes_on_undisturbed_afterwards() -> None:
    for _ in range(3):
        with pytest.raises(WithoutEnd):
            bounded(for_ever)
    until = time.thread_time() + 0.3
    while time.thread_time() < until:
        sum(range(100))
    assert bounded(lambda: bounded(lambda: 7)) == 7


def test_a_thread_that_only_waits_is_left_alone() -> None:
    assert bounded(lambda: time.sleep(0.4)) is None


def test_what_is_done_in_the_very_moment_in_which_it_is_given_up_is_done() -> None:
    watch, me, held = ending._watch, threading.get_ident(), threading.Event()

    def give_up() -> None:
        with watch._lock:
            held.set()
            # The other thread is done, and waits for the lock to say so.
            while sys._current_frames()[me].f_code is not ending._Watch.end.__code__:
                time.sleep(0.001)
            watch._told.add(me)
            ending._leave(me, ending._Stop)

    thread = threading.Thread(target=give_up)

    def done_at_last() -> int:
        thread.start()
        held.wait()
        return 7

    assert bounded(done_at_last) == 7
    thread.join()
    assert me not in watch
    assert not watch._told


def test_only_the_one_that_comes_to_no_end_is_given_up() -> None:
    results: list[str] = []

    def busy() -> None:
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            bounded(lambda: sum(range(1000)))
        results.append("well")

    thread = threading.Thread(target=busy)
    thread.start()
    with pytest.raises(WithoutEnd):
        bounded(for_ever)
    thread.join()
    assert results == ["well"]


def test_nobody_is_looked_at_for_long_once_all_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    bounded(lambda: 7)
    until = time.monotonic() + 60
    while any(thread.name == "fardplan-ending" for thread in threading.enumerate()):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert bounded(lambda: 8) == 8


def test_a_process_that_forks_in_the_midst_of_it_begins_anew() -> None:
    def forked() -> int:
        child = os.fork()
        if child == 0:
            os._exit(0 if not ending._watch._deciding and bounded(lambda: 7) == 7 else 1)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    assert bounded(forked) == 0


# In an office.


def test_a_step_is_refused_in_words_that_say_what_to_do_and_changes_nothing(hanging: Hanging) -> None:
    case = hanging.open()
    with refused(hanging.post.house, WorkflowFault, "without_end"):
        hanging.post.house.take(case, "propose", note="ready")


def test_of_steps_taken_together_it_is_refused_alone(hanging: Hanging) -> None:
    case, other = hanging.open(), hanging.post.house.open()
    asked = [
        Request(INSTITUTION, Comment("as ever"), "ann", case=case),
        Request(INSTITUTION, Take("propose", {"note": "ready"}), "ann", case=case),
        Request(INSTITUTION, Take("propose", {"note": "ready"}), "ann", case=other),
    ]
    assert [type(each) for each in hanging.post.house.cases.steps(asked)] == [Outcome, WorkflowFault, Outcome]


def test_a_case_is_shown_all_the_same(hanging: Hanging) -> None:
    assert set(map(tuple, against(hanging.post.house, hanging.open()).values())) >= {("workflow_fault",)}


def test_a_rung_that_comes_to_no_end_is_put_off_and_others_go_on(
    hanging: Hanging, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, well = hanging.open(), hanging.post.house.open()

    def told(work: Any, about: str, *more: Any) -> None:
        if about == case:
            for_ever()

    monkeypatch.setattr("engine.climbing.tell_of_rung", told)
    hanging.post.house.clock.at = local("2026-12-29")
    hanging.post.ticker.tick()
    (line,) = hanging.post.ticker.stuck(INSTITUTION)
    assert (line.case, line.fault.startswith("WithoutEnd (test_ending.py, line ")) == (case, True)
    assert rungs(hanging.post.house, well) == ["remind", "escalate_to_head"]
