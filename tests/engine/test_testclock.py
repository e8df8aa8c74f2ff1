"""The test clock: it stands still, goes only forward, and lets everything on the way happen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from engine.canonical import instant
from engine.store.store import Store
from engine.testclock import FARTHEST, ClockRefused, Mover, TestClock
from tests.engine.house import MONDAY, local
from tests.engine.posts import Post, open_post

REMIND, MISSED, HAND_OVER = local("2026-12-24"), local("2026-12-29"), local("2026-12-31")


@dataclass
class Moved:
    post: Post
    clock: TestClock
    mover: Mover

    def ats(self, case: str) -> list[datetime]:
        """The instants of the case's events after its opening."""
        return [instant(body["at"]) for body in self.post.house.bodies(case)[1:]]


@contextmanager
def standing(url: str) -> Iterator[Moved]:
    """A house whose clock stands on the Monday before Christmas in the database."""
    with closing(Store(url)) as store:
        clock = TestClock(store)
        clock.stand_at(MONDAY)
        with open_post(url, clock=clock) as post:
            yield Moved(post, clock, Mover(clock, store, post.ticker, post.outbox))


def test_a_clock_never_set_begins_at_the_real_instant_and_stands_still(database_url: str) -> None:
    before = datetime.now(UTC)
    with closing(Store(database_url)) as store:
        first = TestClock(store).now()
        assert before - timedelta(seconds=1) <= first <= datetime.now(UTC)
        assert TestClock(store).now() == first


def test_the_clock_is_told_while_all_connections_for_reading_are_taken(postgresql_url: str) -> None:
    with closing(Store(postgresql_url, pool_size=1, lock_seconds=2)) as store:
        TestClock(store).stand_at(MONDAY)
        with store.reads(), store.reads():
            assert TestClock(store).now() == MONDAY


def test_all_processes_share_the_clock(database_url: str) -> None:
    with closing(Store(database_url)) as mine, closing(Store(database_url)) as yours:
        TestClock(mine).stand_at(MONDAY)
        assert TestClock(yours).now() == MONDAY


def test_without_cases_the_clock_may_be_set_to_any_instant(sqlite_url: str) -> None:
    with standing(sqlite_url) as house:
        for at in (datetime(1999, 1, 1, tzinfo=UTC), datetime(2090, 1, 1, tzinfo=UTC), MONDAY):
            house.mover.move(at)
            assert house.clock.now() == at


@pytest.mark.parametrize("to", [MONDAY - timedelta(microseconds=1), MONDAY + FARTHEST + timedelta(seconds=1)])
def test_with_cases_the_clock_goes_only_forward_and_not_too_far(sqlite_url: str, to: datetime) -> None:
    with standing(sqlite_url) as house:
        case = house.post.house.open()
        with pytest.raises(ClockRefused):
            house.mover.move(to)
        assert (house.clock.now(), house.ats(case)) == (MONDAY, [])


def test_an_instant_without_a_zone_is_refused(sqlite_url: str) -> None:
    with standing(sqlite_url) as house, pytest.raises(ClockRefused, match="time zone"):
        house.mover.move(datetime(2026, 12, 24))


def test_the_clock_stands_at_each_due_instant_in_turn(database_url: str) -> None:
    with standing(database_url) as house:
        case = house.post.house.open()
        stops: list[datetime] = []
        assert house.mover.move(MONDAY + FARTHEST, stops.append) == 3
        assert house.ats(case) == [REMIND, MISSED, HAND_OVER]
        assert stops == sorted(set(stops))
        assert house.clock.now() == MONDAY + FARTHEST


def test_what_is_due_where_the_clock_stands_happens_without_a_step_forward(sqlite_url: str) -> None:
    with standing(sqlite_url) as house:
        case = house.post.house.open()
        house.clock.stand_at(MISSED)
        assert house.mover.move(MISSED) == 2
        assert house.ats(case) == [MISSED, MISSED]


def test_mails_due_on_the_way_are_out_before_the_move_is_over(database_url: str) -> None:
    with standing(database_url) as house:
        house.post.house.open()
        house.mover.move(local("2026-12-28 07:30"))
        waiting = [row["not_before"] for row in house.post.house.rows("outbox", state="waiting")]
        sent = {instant(row["sent_at"]) for row in house.post.house.rows("outbox", state="sent")}
        assert waiting == []
        # Told of the opening at once, and reminded when the office opens after Christmas.
        assert sent == {MONDAY, local("2026-12-28 07:30")}


def test_a_channel_that_is_down_for_a_while_delays_its_mails_and_nothing_else(sqlite_url: str) -> None:
    with standing(sqlite_url) as house:
        case = house.post.house.open()
        house.post.channel.fail_next(5)
        house.mover.move(local("2027-01-20 12:00"))
        assert house.ats(case) == [REMIND, MISSED, HAND_OVER]
        assert house.post.house.rows("outbox", state="waiting") == []


def test_a_poisoned_case_does_not_stop_the_clock_of_the_others(
    sqlite_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with standing(sqlite_url) as house:
        poisoned, sound = house.post.house.open(), house.post.house.open()
        house.post.poison(poisoned)
        with caplog.at_level(logging.CRITICAL):
            house.mover.move(local("2027-01-20 12:00"))
        assert (house.ats(poisoned), house.ats(sound)) == ([], [REMIND, MISSED, HAND_OVER])
