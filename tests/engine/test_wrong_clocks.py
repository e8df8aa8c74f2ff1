"""Two nodes whose clocks differ: no step of a case comes before what it was decided on."""

from __future__ import annotations

from datetime import timedelta

from engine.model import Comment, Request
from tests.engine.house import INSTITUTION, MONDAY, House, open_house


def instants(house: House, case: str) -> list[int]:
    """When the events of a case happened, in the order of their numbers."""
    return [row["at"] for row in house.events(case)]


def test_a_slow_clock_lets_no_time_go_back_in_a_history(database_url: str) -> None:
    with open_house(database_url) as house:
        case = house.open()
        house.send(Request(INSTITUTION, Comment("slow"), "ann", case=case), at=MONDAY - timedelta(days=3))
        house.send(Request(INSTITUTION, Comment("right"), "ann", case=case), at=MONDAY + timedelta(hours=1))

        first, slow, right = instants(house, case)

        assert (slow - first, right - first) == (0, 3_600_000_000)


def test_a_slow_clock_lets_no_time_go_back_in_a_batch(database_url: str) -> None:
    with open_house(database_url) as house:
        cases = [house.open() for _ in range(3)]
        house.clock.at = MONDAY - timedelta(days=3)
        house.cases.steps([Request(INSTITUTION, Comment("slow"), "ann", case=case) for case in cases * 2])

        assert [len(set(instants(house, case))) for case in cases] == [1, 1, 1]


def test_a_step_comes_after_the_linked_case_it_was_decided_on(database_url: str) -> None:
    with open_house(database_url) as house:
        stay = house.stay_in("waiting", contract=house.contract())
        house.clock.at = MONDAY + timedelta(hours=1)
        contract = house.case(stay).links[0][1]
        house.ask(Comment("ahead"), "olle", contract)
        house.clock.at = MONDAY
        house.take(stay, "offer", by="olle")

        assert instants(house, stay)[-1] == instants(house, contract)[-1] == max(instants(house, contract))
