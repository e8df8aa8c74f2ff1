"""Who may read, who may act, and in which role."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from engine import rights
from engine.views import Lens
from engine.vocabulary import Actor, Role
from tests.engine.house import INSTITUTION, House, local, open_house


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as made:
        yield made


def lens(house: House, case: str) -> Lens:
    with house.store.transaction() as ledger:
        return house.cases.lens(ledger, INSTITUTION, case, None)


def actor(house: House, person: str, case: str, trigger: str) -> Actor | None:
    seen = lens(house, case)
    found = seen.definition(seen.cases[case]).steps[seen.cases[case].state, trigger]
    return rights.actor_for(seen, person, seen.cases[case], found)


def readers(house: House, case: str) -> set[str]:
    seen = lens(house, case)
    everybody = ("ann", "arne", "bea", "hedda", "olle", "ada", "adam", "nobody")
    return {person for person in everybody if rights.may_read(seen, person, seen.cases[case])}


def test_staff_of_the_unit_and_above_and_auditors_may_read_and_nobody_else(house: House) -> None:
    assert readers(house, house.open()) == {"ann", "arne", "hedda", "olle", "ada"}


def test_staff_of_a_linked_cases_unit_may_read(house: House) -> None:
    stay = house.open(links={"contract": house.contract(unit="b")})
    assert "bea" in readers(house, stay)


def test_a_role_that_has_ended_reads_no_more(house: House) -> None:
    stay = house.open()
    house.member("eva", "reviewer", "a", ends_on=date(2026, 12, 21))
    for at, may in (("2026-12-21 23:59", True), ("2026-12-22 00:00", False)):
        house.clock.at = local(at)
        seen = lens(house, stay)
        assert rights.may_read(seen, "eva", seen.cases[stay]) is may


def test_one_acts_in_the_first_role_the_step_names(house: House) -> None:
    stay = house.stay_in("proposed")
    house.member("hedda", "coordinator", "a")
    assert actor(house, "hedda", stay, "approve") == Actor("hedda", Role.COORDINATOR)
    assert actor(house, "hedda", stay, "send_back") == Actor("hedda", Role.HEAD)
    assert actor(house, "ann", stay, "send_back") is None


def test_a_role_held_in_the_linked_cases_unit_counts_where_it_is_named(house: House) -> None:
    stay = house.open(links={"contract": house.contract(unit="b")})
    assert actor(house, "bea", stay, "propose") == Actor("bea", Role.COORDINATOR)
    assert actor(house, "bea", stay, "lock") is None


@pytest.mark.parametrize(
    ("person", "role"), [("ann", Role.COORDINATOR), ("bea", Role.COORDINATOR), ("olle", Role.OFFICER), ("hedda", None)]
)
def test_coordinators_of_either_unit_and_officers_enter_for_the_student(
    house: House, person: str, role: Any
) -> None:
    stay = house.stay_in("offered", house.contract(unit="b"))
    expected = Actor(person, role, on_behalf_of=Role.STUDENT) if role else None
    assert actor(house, person, stay, "accept") == expected


def test_four_eyes_are_shared_with_whom_one_stands_in_for(house: House) -> None:
    house.away("ann", substitute="arne", starts_on=date(2027, 1, 1))
    found = lens(house, house.open()).organisation
    assert rights.shares_eyes(found, "ann", ("ann",))
    assert rights.shares_eyes(found, "arne", ("olle", "ann"))
    assert not rights.shares_eyes(found, "ann", ("arne",))
    assert not rights.shares_eyes(found, "arne", ())
