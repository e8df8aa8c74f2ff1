"""The tick: what is due fires late rather than never, once, in order, by whichever worker comes first."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine import ticking
from engine.canonical import micros
from engine.store import due_rows
from engine.tables import Table
from tests.engine.house import INSTITUTION, House, local
from tests.engine.posts import open_post

REMIND, MISSED, HAND_OVER = local("2026-12-24"), local("2026-12-29"), local("2026-12-31")
"""When the rungs of a stay asked for on the Monday before Christmas fire: 2, 3 and 5 working days."""
LADDER = ["remind", "escalate_to_head", "hand_over"]


def rungs(house: House, case: str) -> list[str]:
    return [body["rung"]["rung"] for body in house.bodies(case) if "rung" in body]


def test_a_rung_fires_at_its_instant_and_not_a_moment_before(database_url: str) -> None:
    with open_post(database_url) as post:
        case = post.house.open()
        post.house.clock.at = REMIND - timedelta(microseconds=1)
        assert post.ticker.tick() == 0
        post.house.clock.at = REMIND
        assert post.ticker.tick() == 1
        assert rungs(post.house, case) == ["remind"]


def test_a_late_clock_fires_everything_it_jumped_over_in_order_and_once(database_url: str) -> None:
    with open_post(database_url) as post:
        case = post.house.open()
        post.house.clock.at = HAND_OVER + timedelta(days=40)
        assert (post.ticker.tick(), post.ticker.tick()) == (3, 0)
        assert rungs(post.house, case) == LADDER


def test_an_event_tells_when_its_rung_was_due_and_when_it_fired(sqlite_url: str) -> None:
    with open_post(sqlite_url) as post:
        case = post.house.open()
        post.house.clock.at = MISSED
        post.ticker.tick()
        told = [(body["rung"]["due_at"], body["at"]) for body in post.house.bodies(case)[1:]]
        assert told == [(micros(REMIND), micros(MISSED)), (micros(MISSED), micros(MISSED))]


def test_a_tick_stops_at_its_limit_and_the_next_goes_on(database_url: str) -> None:
    with open_post(database_url) as post:
        post.house.open()
        post.house.clock.at = HAND_OVER
        assert [post.ticker.tick(limit=2), post.ticker.tick(limit=2)] == [2, 1]


def test_what_was_answered_in_time_never_fires(sqlite_url: str) -> None:
    with open_post(sqlite_url) as post:
        case = post.house.stay_in("waiting")
        post.house.clock.at = HAND_OVER
        assert post.ticker.tick() == 0
        assert rungs(post.house, case) == []


def test_the_next_due_instant_lies_within_what_is_asked(sqlite_url: str) -> None:
    with open_post(sqlite_url) as post:
        post.house.open()
        due = micros(REMIND)
        asked = [(due - 1, None), (due, None), (due, due - 1), (due + 1, due)]
        found = [post.ticker.next_due(until, after=after) for until, after in asked]
        assert found == [None, due, due, None]


def test_a_poisoned_case_stops_itself_alone(
    database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    with open_post(database_url) as post:
        poisoned, sound = post.house.open(), post.house.open()
        post.poison(poisoned)
        post.house.clock.at = HAND_OVER
        with caplog.at_level(logging.ERROR):
            assert post.ticker.tick() == 3
        logged: list[Any] = caplog.records
        assert [record.case for record in logged] == [poisoned]
        assert (rungs(post.house, poisoned), rungs(post.house, sound)) == ([], LADDER)


def test_a_row_that_is_stale_for_good_does_not_hold_the_tick(database_url: str) -> None:
    with open_post(database_url) as post:
        stale, sound = post.house.open(), post.house.open()
        deadline = Table.metadata.tables["deadline"]
        with post.house.store.writes() as connection:
            connection.execute(
                sa.update(deadline).where(deadline.c.case_id == stale).values(ended_at=1)
            )
        post.house.clock.at = HAND_OVER
        assert post.ticker.tick() == 3
        assert rungs(post.house, sound) == LADDER


def test_a_rung_at_once_moves_the_next_in_the_queue(database_url: str) -> None:
    with open_post(database_url) as post:
        contract = post.house.contract()
        first = post.house.stay_in("offered", contract)
        second = post.house.stay_in("waiting", contract)
        post.house.take(first, "withdraw")
        assert post.ticker.tick() > 0
        assert post.house.case(second).state == "offered"


def test_no_more_cases_than_a_batch_are_in_hand_at_once(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "BATCH", 2)
    with open_post(database_url) as post:
        stays = [post.house.open() for _ in range(5)]
        post.house.clock.at = HAND_OVER
        taken = _watch_taking(monkeypatch)
        assert post.ticker.tick() == 15
        assert taken == [2, 2, 1] * 3
        assert [rungs(post.house, stay) for stay in stays] == [LADDER] * 5


def test_a_tick_that_finds_nothing_opens_no_write(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_post(database_url) as post:
        post.house.open()
        monkeypatch.setattr(post.house.store, "writes", None)
        assert post.ticker.tick() == 0


def test_a_case_that_somebody_has_in_hand_is_passed_by_and_fired_by_the_next_tick(postgresql_url: str) -> None:
    with open_post(postgresql_url) as post:
        held, free = post.house.open(), post.house.open()
        post.house.clock.at = HAND_OVER
        with post.house.store.transaction() as somebody:
            somebody.lock(INSTITUTION, [held])
            assert post.ticker.tick() == 3
        assert (rungs(post.house, held), rungs(post.house, free)) == ([], LADDER)
        assert post.ticker.tick() == 3
        assert rungs(post.house, held) == LADDER


def _watch_taking(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cases are taken in hand, each time that some are."""
    taken: list[int] = []
    take = due_rows.take

    def watched(*asked: Any) -> dict[str, str]:
        workflows = take(*asked)
        taken.append(len(workflows))
        return workflows

    monkeypatch.setattr(due_rows, "take", watched)
    return taken
