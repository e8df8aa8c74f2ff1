"""A rung that was asked for twice, and another due by then: the second asking is stale, whatever else is due."""

from __future__ import annotations

from engine.errors import StaleCase
from engine.model import Climb, Request
from tests.engine.house import INSTITUTION, local, open_house, refused

ALL_ARE_DUE = local("2026-12-31")


def test_a_rung_that_has_fired_is_stale_though_the_next_is_due_as_well(sqlite_url: str) -> None:
    with open_house(sqlite_url) as house:
        stay = house.open()
        row = min(house.case(stay).deadlines, key=lambda each: each.acts_at or 0)
        step = Request(INSTITUTION, Climb("stay", row.name, row.since, row.next_rung or ""), "clock", case=stay)
        house.send(step, ALL_ARE_DUE)
        with refused(house, StaleCase):
            house.send(step)
        house.climb(stay)
        fired = [body["rung"]["rung"] for body in house.bodies(stay) if "rung" in body]
        assert fired == ["remind", "escalate_to_head"]
