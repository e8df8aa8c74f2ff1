"""How processes really run, from the store: on both databases, of the cases somebody may read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from engine.ways import Told, Ways
from tests.engine.house import INSTITUTION, House, open_house

HOUR = 3_600_000_000


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


@pytest.fixture
def still(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as opened:
        yield opened


def told(house: House, reader: str | None = "ada", **narrowed: object) -> tuple[Told, ...]:
    return Ways(house.cases).told(INSTITUTION, reader, **narrowed)  # type: ignore[arg-type]  # each test gives what fits


def pass_by(house: House, hours: int) -> None:
    house.clock.at += timedelta(hours=hours)


def test_times_whom_ways_and_rework_of_a_process(house: House) -> None:
    case = house.open()
    pass_by(house, 2)
    house.take(case, "propose", note="ready")
    pass_by(house, 6)
    (stay,) = told(house, workflow=("stay",))
    assert (stay.cases, stay.events, stay.different) == (1, 2, 1)
    assert [(each.state, each.waited, each.standing) for each in stay.stays] == [
        ("proposed", 6 * HOUR, 1), ("asked", 2 * HOUR, 0),
    ]  # fmt: skip
    assert [each.share for each in stay.stays] == [75.0, 25.0]
    assert [[state.en for state in way.states] for way in stay.ways] == [["asked in English", "proposed in English"]]
    assert sum(each.share for each in stay.waiting) == 100


def test_a_state_that_waits_for_nothing_is_no_bottleneck(still: House) -> None:
    still.contract()
    pass_by(still, 5)
    (contract,) = told(still, workflow=("contract",))
    assert [(each.state, each.share, each.waited) for each in contract.stays] == [("active", None, 5 * HOUR)]
    assert contract.waiting == ()


def test_the_period_is_about_the_day_a_case_was_opened(still: House) -> None:
    still.open()
    pass_by(still, 24)
    still.open()
    monday, tuesday = date(2026, 12, 21), date(2026, 12, 22)
    assert [each.cases for each in told(still, since=monday, until=monday)] == [1]
    assert [each.cases for each in told(still, since=monday, until=tuesday)] == [2]
    assert told(still, since=date(2026, 12, 23)) == ()


def test_only_cases_that_may_be_read_are_counted(still: House) -> None:
    still.open()
    still.open(unit="b", by="bea")
    assert [each.cases for each in told(still, "bea")] == [1]
    assert told(still, "adam") == ()
    assert [each.cases for each in told(still, None)] == [2]
    assert [each.cases for each in told(still, unit=("b",))] == [1]
