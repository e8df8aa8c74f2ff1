"""What a stuck rung does not hold up: a case that was led on, whatever somebody else does, another institution."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.errors import Busy, StaleCase
from engine.store import stuck_rows
from engine.vocabulary import Text
from tests.engine.house import INSTITUTION, local
from tests.engine.posts import open_post
from tests.engine.test_poisoned import HAND_OVER, mend, poisoned, rungs

FASTER = Text("Någon hann före.", "Somebody was faster.")


def test_a_case_that_a_step_has_led_on_is_not_held_up(database_url: str) -> None:
    """The rung that is stuck is put off for six hours, and after four that of another deadline is due."""
    with open_post(database_url) as post:
        house = post.house
        case = house.open(links={"contract": house.contract()}, starts_on="2027-01-08")
        post.poison(case)
        house.clock.at = HAND_OVER
        for _ in range(20):
            post.ticker.tick()
            house.clock.at += timedelta(hours=6)
        house.clock.at = local("2027-01-08 21:00")
        post.ticker.tick()
        mend(post, case)
        house.take(case, "propose", note="ready")
        house.take(case, "approve", by="hedda")
        house.take(case, "offer", by="olle")
        house.clock.at += timedelta(hours=4)
        assert post.ticker.tick() == 1
        assert rungs(house, case) == ["missed"]


@pytest.mark.parametrize("why", [StaleCase(FASTER), Busy()])
def test_a_rung_that_somebody_else_fired_or_has_in_hand_is_not_stuck(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, why: Exception
) -> None:
    with open_post(sqlite_url) as post:
        post.house.open()
        post.house.clock.at = HAND_OVER
        monkeypatch.setattr(post.house.cases, "steps_in", lambda _ledger, requests: [why for _ in requests])
        assert post.ticker.tick() == 0
        assert post.house.rows("stuck_rung") == []


def test_what_is_over_is_counted_and_tidied_and_what_is_stuck_stays(database_url: str) -> None:
    with poisoned(database_url) as (post, over):
        still = post.house.open()
        post.poison(still)
        post.house.clock.at = local("2027-01-20")
        post.ticker.tick()
        assert stuck_rows.count(post.house.store) == 2
        mend(post, over)
        post.house.take(over, "withdraw")
        assert stuck_rows.count(post.house.store) == 1
        assert (post.ticker.tidy(), post.ticker.tidy()) == (1, 0)
        assert [line.case for line in post.ticker.stuck(INSTITUTION)] == [still]


def test_nobody_has_the_case_of_another_institution_tried_again(database_url: str) -> None:
    with poisoned(database_url) as (post, case):
        post.ticker.tick()
        before = post.house.rows("stuck_rung")
        post.house.clock.at += timedelta(seconds=10)
        number = post.house.case(case).number
        assert not post.ticker.try_again("elsewhere.example", number)
        assert not stuck_rows.wake(post.house.store, "elsewhere.example", case, now=post.house.cases.now())
        assert post.house.rows("stuck_rung") == before
