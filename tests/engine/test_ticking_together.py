"""Four workers on one PostgreSQL: every rung fires once and in its order, whatever they have in hand at once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from engine import ticking
from engine.ticking import Ticker
from tests.engine.house import House, held_by, local
from tests.engine.posts import Post, open_post

WORKERS = 4
LADDER = ["remind", "escalate_to_head", "hand_over"]
HAND_OVER = local("2026-12-31")
"""When the last rung of a stay fires that was asked for on the Monday before Christmas."""


@pytest.fixture
def post(postgresql_url: str) -> Iterator[Post]:
    with open_post(postgresql_url) as made:
        yield made


def tick_together(post: Post) -> int:
    """All workers tick at once, again and again until none finds anything; how many rungs were fired."""
    fired = 0
    with ThreadPoolExecutor(WORKERS) as pool:
        while done := sum(pool.map(lambda _: Ticker(post.house.cases).tick(), range(WORKERS))):
            fired += done
    return fired


def rungs(house: House, case: str) -> list[str]:
    return [body["rung"]["rung"] for body in house.bodies(case) if "rung" in body]


@pytest.mark.parametrize("batch", [1, 7, ticking.BATCH])
def test_every_rung_is_fired_once_and_each_ladder_in_its_order(
    post: Post, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking, "BATCH", batch)
    stays = [post.house.open() for _ in range(40)]
    post.house.clock.at = HAND_OVER
    assert tick_together(post) == 3 * len(stays)
    assert [rungs(post.house, stay) for stay in stays] == [LADDER] * len(stays)


def test_more_than_is_found_at_once_is_fired_all_the_same(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "FOUND", 10)
    monkeypatch.setattr(ticking, "BATCH", 4)
    stays = [post.house.open() for _ in range(35)]
    post.house.clock.at = HAND_OVER
    assert tick_together(post) == 3 * len(stays)
    assert [rungs(post.house, stay) for stay in stays] == [LADDER] * len(stays)


def test_rungs_that_move_each_others_cases_end_as_one_worker_alone_would_have_it(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A freed place goes to the next in the queue, while stays of the same contracts are reminded of."""
    monkeypatch.setattr(ticking, "BATCH", 3)
    house = post.house
    contracts = [house.contract(places=2) for _ in range(3)]
    queues, asked = [], []
    for contract in contracts:
        held = [house.stay_in("offered", contract) for _ in range(2)]
        queues.append([house.stay_in("waiting", contract, rank=rank) for rank in range(3)])
        asked += [house.open(links={"contract": contract}) for _ in range(4)]
        for stay in held:
            house.take(stay, "withdraw")
    house.clock.at = HAND_OVER
    tick_together(post)
    assert [held_by(house, contract) for contract in contracts] == [queue[:2] for queue in queues]
    assert [rungs(house, stay) for stay in asked] == [LADDER] * len(asked)


def test_a_poisoned_case_stops_itself_alone_however_many_workers_meet_it(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ticking, "BATCH", 4)
    stays = [post.house.open() for _ in range(12)]
    post.poison(stays[5])
    post.house.clock.at = HAND_OVER
    assert tick_together(post) == 3 * (len(stays) - 1)
    assert [rungs(post.house, stay) for stay in stays] == [LADDER] * 5 + [[]] + [LADDER] * 6
