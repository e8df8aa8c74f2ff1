"""In a batch a guard sees a linked case as the steps before it left that, and not as it was read for all of them."""

from __future__ import annotations

from engine.errors import GuardRefused, Refused
from engine.model import Comment, Erase, ErasureReason, Outcome, Take
from tests.engine.batches import of
from tests.engine.house import House, open_house

SENT_BACK = Take("send_back", reason="a paper is missing")
PROPOSED = Take("propose", {"note": "ready"})
ENDED = Take("end_quietly")
"""Refused where a stay under the contract is asked for and not answered."""


def codes(result: object) -> list[str]:
    assert isinstance(result, Refused)
    return [reason.code for reason in result.reasons]


def under_a_contract(house: House, state: str) -> tuple[str, str]:
    contract = house.contract()
    return contract, house.stay_in(state, contract)


def test_what_an_earlier_step_of_the_batch_made_wrong_stops_a_later_one(database_url: str) -> None:
    with open_house(database_url) as house:
        contract, stay = under_a_contract(house, "proposed")
        first, second = house.cases.steps([of(stay, SENT_BACK, "hedda"), of(contract, ENDED, "olle")])
        assert isinstance(first, Outcome)
        assert (type(second), codes(second)) == (GuardRefused, ["still_asking"])
        assert (house.case(stay).state, house.case(contract).state) == ("asked", "active")


def test_what_an_earlier_step_of_the_batch_put_right_stops_nobody(database_url: str) -> None:
    with open_house(database_url) as house:
        contract, stay = under_a_contract(house, "asked")
        done = house.cases.steps([of(stay, PROPOSED), of(contract, ENDED, "olle")])
        assert [type(each) for each in done] == [Outcome, Outcome]
        assert (house.case(stay).state, house.case(contract).state) == ("proposed", "ended")


def test_what_was_seen_so_is_what_the_event_says_it_rests_on(database_url: str) -> None:
    with open_house(database_url) as house:
        contract, stay = under_a_contract(house, "asked")
        house.cases.steps([of(stay, PROPOSED), of(contract, ENDED, "olle")])
        assert house.bodies(contract)[-1]["seen"]["cases"][stay] == house.case(stay).version == 2


def test_what_a_step_of_the_batch_wrote_down_is_erased_by_a_later_one(database_url: str) -> None:
    """On PostgreSQL one statement would not see the rows that it has just written."""
    with open_house(database_url) as house:
        _, stay = under_a_contract(house, "asked")
        house.take(stay, "withdraw")
        asked = [of(stay, Comment("who was ill"), "ann"), of(stay, Erase(ErasureReason.REQUEST), "adam")]
        done = house.cases.steps(asked)
        assert [type(each) for each in done] == [Outcome, Outcome]
        assert house.rows("event_detail", case_id=stay) == []
