"""Steps of many threads share a commit: each is told after it, and is alone in what it sees and in its failure."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from adapters.system import NothingStandsThere
from engine.cases import Cases
from engine.errors import StaleCase, TransitionNotAllowed
from engine.gathering import Gathering, _Caller
from engine.model import Comment, Outcome, Request, Take
from engine.store.store import Store
from engine.vocabulary import Text
from tests.engine.house import CATALOGUE, INSTITUTION, CountedNonces, House, open_house

CALLERS = 16


@dataclass
class Held:
    """Holds the first who comes by before a commit until so many others wait in line.

    `then` is called at each later commit.
    """

    others: int = 0
    came: threading.Event = field(default_factory=threading.Event)
    line: Callable[[], int] = lambda: 0
    then: Callable[[], None] = lambda: None

    def pass_by(self, name: str) -> None:
        if name != "before_commit":
            return
        if not self.others:
            self.then()
        else:
            self.came.set()
        while self.line() < self.others:
            time.sleep(0.001)
        self.others = 0


@contextmanager
def gathered(url: str) -> Iterator[tuple[House, Held]]:
    """A house whose first step waits for company before it commits."""
    held = Held()
    with open_house(url, seams=held) as house:
        held.line = lambda: len(house.cases._gathering._line)
        yield house, held


def at_once(works: Sequence[Callable[[], Any]], *, held: Held | None = None) -> list[Any]:
    """What each gives or raises, all begun at once; where the first is to be held, the others when it is."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait()
        if held and work is not works[0]:
            assert held.came.wait(60)
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - what was raised is what the tests look at
            return error

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def commits(house: House) -> list[str]:
    """Notes the writer's commits from now on."""
    with house.store.transaction():
        pass
    seen: list[str] = []
    writer = house.store._writer
    assert writer is not None
    writer.set_trace_callback(lambda said: seen.append(said) if said == "COMMIT" else None)
    return seen


def comment(house: House, case: str, n: int) -> Callable[[], Outcome]:
    return lambda: house.ask(Comment(f"number {n}"), "ann", case)


def test_those_who_come_during_a_commit_share_the_next_one(sqlite_url: str) -> None:
    with gathered(sqlite_url) as (house, held):
        stays = [house.open() for _ in range(CALLERS)]
        made = commits(house)
        held.others = CALLERS - 1
        done = at_once([comment(house, stay, n) for n, stay in enumerate(stays)], held=held)
        assert [outcome.case_id for outcome in done] == stays
        assert len(made) == 2


def test_whoever_is_answered_finds_the_step_committed(database_url: str) -> None:
    with open_house(database_url) as house:
        stays = [house.open() for _ in range(4)]

        def work(n: int) -> bool:
            outcome = house.ask(Comment(f"number {n}"), "ann", stays[n % 4])
            # Another connection sees what is committed, and nothing else.
            return bool(house.rows("event", case_id=outcome.case_id, sequence=outcome.sequence))

        assert all(at_once([partial(work, n) for n in range(CALLERS)]))
        assert [house.case(stay).version for stay in stays] == [1 + CALLERS // 4] * 4


def test_comments_on_one_case_make_one_chain(database_url: str) -> None:
    with open_house(database_url) as house:
        stay = house.open()
        done = at_once([comment(house, stay, n) for n in range(CALLERS)])
        assert sorted(outcome.sequence for outcome in done) == list(range(2, CALLERS + 2))
        events = house.events(stay)
        assert [event["previous"] for event in events[1:]] == [event["hash"] for event in events[:-1]]


def test_who_is_refused_in_a_group_harms_nobody(sqlite_url: str) -> None:
    with gathered(sqlite_url) as (house, held):
        stays = [house.open() for _ in range(6)]
        works = [comment(house, stay, n) for n, stay in enumerate(stays)]
        works[3] = lambda: house.take(stays[3], "receive")
        held.others = 5
        done = at_once(works, held=held)
        assert isinstance(done.pop(3), TransitionNotAllowed)
        assert all(isinstance(outcome, Outcome) for outcome in done)
        assert [house.case(stay).version for stay in stays] == [2, 2, 2, 1, 2, 2]


def test_a_later_step_of_a_group_sees_the_earlier(sqlite_url: str) -> None:
    with gathered(sqlite_url) as (house, held):
        stay, other = house.open(), house.open()
        held.others = 3
        expecting = partial(house.cases.step, Request(INSTITUTION, Take("take"), "ann", case=stay, expected=1))
        told = at_once([comment(house, other, 0), *[expecting] * 3], held=held)[1:]
        assert sorted(type(each).__name__ for each in told) == ["Outcome", "StaleCase", "StaleCase"]


class FullDisk:
    """A writer whose commits find no room while it is full."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection, self.fails = connection, 0

    def fill(self, commits: int) -> None:
        self.fails = commits

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)

    def execute(self, statement: str, *values: Any) -> Any:
        if statement == "COMMIT" and self.fails:
            self.fails -= 1
            raise sqlite3.OperationalError("database or disk is full")
        return self.connection.execute(statement, *values)


def test_a_commit_that_fails_is_told_to_all_and_nothing_of_it_is_done(sqlite_url: str) -> None:
    with gathered(sqlite_url) as (house, held):
        stays = [house.open() for _ in range(6)]
        before = house.dump()
        held.others = 5
        disk: Any = FullDisk(house.store._open_writer())
        house.store._writer = disk
        # The first commits alone; the disk is full for the five who share the next commit.
        held.then = lambda: disk.fill(1)
        done = at_once([comment(house, stay, n) for n, stay in enumerate(stays)], held=held)
        held.then = lambda: None
        assert sorted(type(each).__name__ for each in done) == ["OperationalError"] * 5 + ["Outcome"]
        assert len(house.dump()["event"]) == len(before["event"]) + 1
        assert len({id(each) for each in done}) == 6
        assert house.ask(Comment("again"), "ann", stays[0]).sequence in {2, 3}


def test_one_who_breaks_off_leaves_nobody_waiting(sqlite_url: str) -> None:
    class Stopped(BaseException):
        pass

    with open_house(sqlite_url) as house:
        stay = house.open()
        gathering = house.cases._gathering
        broken = pytest.MonkeyPatch()
        broken.setattr(gathering, "_take", lambda _requests: (_ for _ in ()).throw(Stopped()))
        with pytest.raises(Stopped):
            house.take(stay, "take")
        broken.undo()
        assert house.take(stay, "take").sequence == 2


def led(take: Callable[[Sequence[Request]], Any]) -> list[_Caller]:
    """Four who wait, after the first of them has led the group."""
    gathering = Gathering(take, leaders=1)
    callers = [_Caller(Request(INSTITUTION, Comment(f"number {n}"), "ann", case=str(n))) for n in range(4)]
    gathering._line.extend(callers[1:])
    gathering._free -= 1
    with suppress(StaleCase):
        gathering._lead(callers[0])
    assert gathering._free == 1
    return callers


def test_a_group_that_is_refused_as_a_whole_leaves_nobody_waiting() -> None:
    refusal = StaleCase(Text("Någon hann före.", "Somebody was faster."))

    def refuses(_: Sequence[Request]) -> list[Outcome]:
        raise refusal

    others = led(refuses)[1:]
    assert all(other.waits.acquire(blocking=False) for other in others)
    told = [other.result for other in others]
    # A refusal cannot be copied.
    assert [(type(each), each.__cause__) for each in told if isinstance(each, Exception)] == [
        (RuntimeError, refusal)
    ] * 3
    assert len(set(map(id, told))) == 3


def test_whoever_a_group_has_no_result_for_is_told_so_and_the_others_are_answered() -> None:
    callers = led(lambda requests: [Outcome(str(each.case), 1, None, None) for each in requests[:2]])
    assert all(other.waits.acquire(blocking=False) for other in callers[1:])
    assert [type(caller.result) for caller in callers] == [Outcome, Outcome, RuntimeError, RuntimeError]


def test_groups_of_two_processes_collide_and_nothing_is_lost(postgresql_url: str) -> None:
    with open_house(postgresql_url) as house, closing(Store(postgresql_url)) as store:
        nonces = CountedNonces(1_000_000)
        beside = Cases(store, CATALOGUE, house.clock, house.cases.ids, nonces, NothingStandsThere())
        stays = [house.open() for _ in range(3)]

        def work(n: int) -> int:
            cases = beside if n % 2 else house.cases
            done = [cases.step(Request(INSTITUTION, Comment(f"{n} {k}"), "ann", case=stays[k % 3])) for k in range(6)]
            return len(done)

        assert at_once([partial(work, n) for n in range(8)]) == [6] * 8
        assert [house.case(stay).version for stay in stays] == [1 + 16] * 3
