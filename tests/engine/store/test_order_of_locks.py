"""Whoever takes several cases takes them in the order of their ids, so that no two wait for each other.

PostgreSQL finds out that two wait for each other after a second, and breaks one of them off, which is
then decided again: nothing would be lost, and every collision would cost that second.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from engine.store.ledger import Ledger
from tests.databases import conninfo
from tests.engine.house import INSTITUTION, House, open_house
from tests.engine.lock_waits import until_it_waits
from tests.engine.made_by_hand import a_case, a_decision, written

HELD = "SELECT id FROM case_record WHERE id = %s FOR UPDATE"


@pytest.fixture
def house(postgresql_url: str) -> Iterator[House]:
    with open_house(postgresql_url) as made:
        written(made, a_decision(a_case("c1"), a_case("c2")))
        yield made


def free_meanwhile(house: House, work: Callable[[Ledger], Any]) -> bool:
    """Whether c2 is free while the work waits for c1, which somebody holds."""
    url = conninfo(house.store.url.render_as_string(hide_password=False))

    def run() -> None:
        with house.store.transaction() as ledger:
            work(ledger)

    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as other, ThreadPoolExecutor(1) as pool:
        holder.execute(HELD, ["c1"])
        waiting = pool.submit(run)
        until_it_waits(house, waiting)
        free = other.execute(f"{HELD} SKIP LOCKED", ["c2"]).fetchone() is not None
        holder.rollback()
        waiting.result()
    return free


def test_a_step_takes_its_cases_in_the_order_of_their_ids(house: House) -> None:
    backwards = a_decision(a_case("c2", version=2), a_case("c1", version=2), opened=False)
    assert list(backwards.seen) == ["c2", "c1"]
    assert free_meanwhile(house, lambda ledger: ledger.write(backwards))


def test_whoever_waits_for_cases_takes_them_in_that_order(house: House) -> None:
    assert free_meanwhile(house, lambda ledger: ledger.lock(INSTITUTION, ["c2", "c1"]))
