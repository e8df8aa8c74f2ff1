"""Opening a case to look at it: noted once, in one write, with who else is there; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from engine.canonical import micros
from engine.looking import STAYS, Look, look, version_now
from engine.naming import Named, named
from engine.neighbours import linked_here
from engine.organisation import Organisation
from engine.store import registers
from tests.engine.house import INSTITUTION, MONDAY, NOBODYS, House, open_house

TODAY = date(2026, 12, 21)
NOW = micros(MONDAY)
WALL = micros(datetime(2030, 5, 6, 7, tzinfo=UTC))


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as opened:
        yield opened


def organisation(house: House) -> Organisation:
    with house.store.reads() as connection:
        return registers.at_version(connection, INSTITUTION, registers.version_of(connection, INSTITUTION))


def looks(house: House, person: str, case: str, *, wall: int = WALL) -> list[str]:
    looked = Look(institution=INSTITUTION, person=person, case=case, at=NOW, day=TODAY, wall=wall)
    return [each.person for each in look(house.store, looked)]


def test_each_look_is_counted_on_the_office_s_day(house: House) -> None:
    case = house.open()
    looks(house, "ann", case)
    looks(house, "ann", case)
    (row,) = house.rows("case_reading", case_id=case)
    assert (row["day"], row["count"], row["first_at"]) == (TODAY, 2, NOW)


def test_others_are_there_for_a_minute_of_the_machine_s_time(house: House) -> None:
    case = house.open()
    assert looks(house, "ann", case) == []
    assert looks(house, "arne", case, wall=WALL + STAYS) == ["ann"]
    assert looks(house, "arne", case, wall=WALL + STAYS + 1) == []


def test_who_looks_at_another_case_is_not_there(house: House) -> None:
    one, other = house.open(), house.open()
    looks(house, "ann", one)
    assert looks(house, "arne", other) == []


def test_the_version_is_told_to_those_who_may_read_the_case(house: House) -> None:
    case = house.open()
    house.take(case, "take")
    told = {who: version_now(house.store, organisation(house), who, case, now=NOW) for who in ("ann", "ada", "bea")}
    assert told == {"ann": 2, "ada": 2, "bea": None}
    assert version_now(house.store, organisation(house), "ann", NOBODYS, now=NOW) is None


# Around a case.


def linked(house: House, person: str, case: str, limit: int = 10) -> list[tuple[str, str]]:
    found = linked_here(house.store, organisation(house), person, case, now=NOW, limit=limit)
    return [(each.link, each.id) for each in found]


def test_cases_that_link_here_come_open_ones_first(house: House) -> None:
    contract = house.contract()
    first, second = (house.open(links={"contract": contract}) for _ in range(2))
    house.take(second, "withdraw")
    assert linked(house, "olle", contract) == [("contract", first), ("contract", second)]
    assert linked(house, "olle", contract, limit=1) == [("contract", first)]
    assert linked(house, "olle", first) == []


def test_a_case_links_here_for_those_alone_who_may_read_it(house: House) -> None:
    contract = house.contract(unit="b")
    house.open(links={"contract": contract})
    assert len(linked(house, "olle", contract)) == 1
    assert linked(house, "adam", contract) == []


def test_ids_are_named_in_one_go(house: House) -> None:
    case = house.open()
    subject = house.case(case).subject
    assert subject is not None
    found = named(house.store, INSTITUTION, {case, subject, NOBODYS})
    assert found == {case: Named("case", house.case(case).number), subject: Named("person", "Stina Student")}


def test_nothing_is_named_in_another_institution(house: House) -> None:
    case = house.open()
    assert named(house.store, "y.se", {case}) == {}
    assert named(house.store, INSTITUTION, set()) == {}
