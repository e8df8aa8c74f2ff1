"""Places: taken, freed, exchanged, and offered to the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.canonical import micros
from engine.errors import GuardRefused
from engine.model import Correct, Tie
from tests.engine.house import MONDAY, House, held_by, open_house, refused


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as made:
        yield made


# Places.


def test_entering_a_state_that_holds_a_place_takes_it(house: House) -> None:
    contract = house.contract()
    stay = house.stay_in("offered", contract)
    assert held_by(house, contract) == [stay]
    body = house.bodies(contract)[-1]
    taken = {"case": stay, "row": "row", "academic_year": "2027/2028", "semesters": 1}
    assert (body["kind"], body["places"], body["cause"]) == ("place_taken", [{"taken": taken}], [stay, 4])


def test_going_on_in_states_that_hold_it_takes_no_second(house: House) -> None:
    contract = house.contract()
    stay = house.stay_in("away", contract)
    assert (held_by(house, contract), house.case(contract).version) == ([stay], 2)


def test_the_last_place_is_given_once(house: House) -> None:
    contract = house.contract()
    house.stay_in("offered", contract)
    second = house.stay_in("waiting", contract)
    with refused(house, GuardRefused, "no_place_left"):
        house.take(second, "offer", by="olle")


def test_a_place_is_needed_for_every_semester(house: House) -> None:
    stay = house.stay_in("waiting", house.contract(places=1), semesters=2)
    with refused(house, GuardRefused, "no_place_left"):
        house.take(stay, "offer", by="olle")


def test_no_row_and_no_contract_are_told_apart(house: House) -> None:
    for stay, code in (
        (house.stay_in("waiting", house.contract(), year="1999/2000"), "no_row_for_stay"),
        (house.stay_in("waiting"), "no_agreement"),
    ):
        with refused(house, GuardRefused, code):
            house.take(stay, "offer", by="olle")


def test_leaving_frees_the_place_and_starts_the_search_at_once(house: House) -> None:
    contract = house.contract()
    stay = house.stay_in("offered", contract)
    house.take(stay, "withdraw")
    (row,) = house.case(contract).deadlines
    assert (held_by(house, contract), house.kinds(contract)[-1]) == ([], "place_freed")
    assert (row.name, row.next_rung, row.acts_at) == ("freed", "offer_next", micros(MONDAY))


def test_a_freed_place_goes_to_the_next_in_rank_and_to_nobody_else(house: House) -> None:
    contract = house.contract()
    holder = house.stay_in("offered", contract)
    later, sooner = (house.stay_in("waiting", contract, rank=rank) for rank in (2, 1))
    house.take(holder, "withdraw")
    house.climb(contract)
    assert [house.case(stay).state for stay in (later, sooner)] == ["waiting", "offered"]
    assert (held_by(house, contract), house.kinds(contract)[-1]) == ([sooner], "recorded")
    body = house.bodies(contract)[-1]
    assert (body["party"], body["role"], body["rung"]["rung"]) == ("clock", "clock", "offer_next")


def test_several_freed_places_are_offered_one_after_another_until_nobody_waits(house: House) -> None:
    contract = house.contract(places=2)
    holders = [house.stay_in("offered", contract) for _ in range(2)]
    queue = [house.stay_in("waiting", contract, rank=rank) for rank in (1, 2, 3)]
    for holder in holders:
        house.take(holder, "withdraw")
    climbs = 0
    while house.case(contract).deadlines:
        house.climb(contract)
        climbs += 1
    assert [house.case(stay).state for stay in queue] == ["offered", "offered", "waiting"]
    assert (held_by(house, contract), climbs) == (queue[:2], 3)


def test_an_offer_passes_over_those_who_cannot_take_it(house: House) -> None:
    contract = house.contract(places=1)
    holder = house.stay_in("offered", contract)
    queue = [house.stay_in("waiting", contract, rank=n, semesters=2) for n in range(6)]
    fits = house.stay_in("waiting", contract, rank=9)
    house.take(holder, "withdraw")
    house.climb(contract)
    assert [house.case(stay).version for stay in queue] == [3] * 6
    assert (house.case(fits).state, held_by(house, contract)) == ("offered", [fits])


def test_an_offer_passes_over_those_whose_own_follow_up_is_refused(house: House) -> None:
    contract, gone = house.contract(), house.open()
    house.take(gone, "withdraw")
    holder = house.stay_in("offered", contract)
    queue = [house.stay_in("waiting", contract, rank=n) for n in range(6)]
    for stay in queue[:5]:
        house.ask(Tie("companion", gone), "olle", stay)
    house.take(holder, "withdraw")
    house.climb(contract)
    assert [house.case(stay).state for stay in queue] == ["waiting"] * 5 + ["offered"]


def test_a_changed_stay_exchanges_the_place(house: House) -> None:
    contract = house.contract(places=2)
    stay = house.stay_in("away", contract)
    house.take(stay, "change", year="2028/2029", semesters=2)
    (held,) = house.case(contract).facts["held"]
    assert (held["academic_year"], held["semesters"], held["case"]) == ("2028/2029", 2, stay)
    assert [sorted(change) for change in house.bodies(contract)[-1]["places"]] == [["freed"], ["taken"]]


def test_a_change_for_which_there_is_no_place_is_refused(house: House) -> None:
    stay = house.stay_in("away", house.contract(places=1))
    with refused(house, GuardRefused, "no_place_left"):
        house.take(stay, "change", semesters=2)


def test_a_correction_exchanges_the_place_too(house: House) -> None:
    contract = house.contract(places=2)
    stay = house.stay_in("away", contract)
    house.ask(Correct({"semesters": 2}, "two it is"), "olle", stay)
    assert [held["semesters"] for held in house.case(contract).facts["held"]] == [2]
    with refused(house, GuardRefused, "no_place_left"):
        house.ask(Correct({"semesters": 3}, "three"), "olle", stay)


def test_finishing_frees_the_place_and_reconsidering_takes_it_again(house: House) -> None:
    contract = house.contract()
    stay = house.stay_in("away", contract)
    house.take(stay, "finish")
    assert held_by(house, contract) == []
    house.take(stay, "reconsider", by="hedda", reason="not over")
    assert held_by(house, contract) == [stay]
