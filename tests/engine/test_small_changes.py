"""What somebody may change without a step, and who may hold a case: said before it is tried; on both databases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.errors import CaseNotFound, GuardRefused, NotYourTurn, Refused
from engine.model import Assign
from engine.small_changes import MayChange, SmallChanges
from tests.engine.house import INSTITUTION, House, open_house


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


def kinds(may: MayChange) -> tuple[type[Refused] | None, ...]:
    return tuple(type(refused) if refused else None for refused in (may.correct, may.assign, may.link))


def of(house: House, person: str, case: str) -> MayChange:
    return SmallChanges(house.cases).of(INSTITUTION, person, case)


def test_who_handles_a_case_may_change_it_and_the_auditor_may_not(house: House) -> None:
    case = house.open()
    assert kinds(of(house, "olle", case)) == (None, None, None)
    assert kinds(of(house, "ada", case)) == (NotYourTurn, NotYourTurn, NotYourTurn)


def test_a_finished_case_is_only_corrected(house: House) -> None:
    case = house.open()
    house.take(case, "withdraw", by="ann")
    assert kinds(of(house, "olle", case)) == (None, GuardRefused, GuardRefused)


def test_who_may_not_read_a_case_is_told_nothing(house: House) -> None:
    case = house.open()
    with pytest.raises(CaseNotFound):
        of(house, "nobody", case)
    with pytest.raises(CaseNotFound):
        SmallChanges(house.cases).holders(INSTITUTION, "nobody", case)


def test_holders_are_those_the_engine_would_take_the_least_burdened_first(house: House) -> None:
    case, other = house.open(), house.open()
    house.ask(Assign("ann"), "ann", other)
    holders = SmallChanges(house.cases).holders(INSTITUTION, "ann", case)

    assert {each.person: each.open_cases for each in holders}["ann"] == 1
    assert [each.open_cases for each in holders] == sorted(each.open_cases for each in holders)
    for each in holders:
        house.ask(Assign(each.person), "ann", case)
