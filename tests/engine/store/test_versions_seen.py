"""A step that saw nothing but its own case is written over what it saw, and over nothing newer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.house import House, open_house
from tests.engine.made_by_hand import a_case, a_decision, written


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


@pytest.mark.parametrize("seen", [0, 2])
def test_a_step_that_saw_its_case_alone_is_not_written_late(house: House, seen: int) -> None:
    """The number of its event is free, so that nothing else would stop it."""
    written(house, a_decision(a_case()))
    before = house.dump()
    assert written(house, a_decision(a_case(version=3), opened=False, seen={"c1": seen})) is None
    assert house.dump() == before
    assert written(house, a_decision(a_case(version=2), opened=False, seen={"c1": 1})) == {}


def test_a_step_that_saw_its_case_alone_is_not_written_under_other_rights(house: House) -> None:
    written(house, a_decision(a_case()))
    before = house.dump()
    changed = a_case(version=2)
    assert written(house, a_decision(changed, opened=False, organisation_version=7)) is None
    assert house.dump() == before
