"""Agreements that give more than they have, or do not know who holds a place, are found; what is in order is not."""

from __future__ import annotations

from typing import Any

import pytest

from engine.model import Correct, Tie
from engine.views import Lens
from engine.vocabulary import AnyView, Held, Stay
from tests.engine.doctor.wards import Ward


def facts(ward: Ward, **changes: Any) -> None:
    """Write other facts into the contract's row."""
    was = ward.life.house.case(ward.life.contract).facts
    ward.change("case_record", {"facts": {**was, **changes}}, id=ward.life.contract)


def test_more_places_than_the_agreement_has_are_found(ward: Ward) -> None:
    facts(ward, places=1)
    assert ward.about("places") == {"row 2027/2028": "taken=2 places=1"}


def test_two_spellings_of_one_year_are_counted_together(ward: Ward) -> None:
    (held,) = ward.life.house.case(ward.life.contract).facts["held"]
    facts(ward, places=3, held=[held, {**held, "case": "other", "academic_year": "2027/28"}])
    assert ward.about("places")["row 2027/2028"].startswith("taken=4 ")


def test_an_agreement_that_was_cut_below_what_it_has_given_is_in_order(ward: Ward) -> None:
    ward.life.house.ask(Correct({"places": 1}, "the partner takes fewer"), "olle", ward.life.contract)
    assert ward.found() == set()


def generous(_lens: Lens, view: AnyView, stay: Stay) -> Held:
    """Give a place without counting those that are left."""
    return Held(case=view.id, row="row", academic_year=stay.academic_year, semesters=stay.semesters)


def test_a_place_given_where_none_was_left_is_found_though_the_history_tells_of_it(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    contract = ward.life.house.contract(places=1)
    monkeypatch.setattr("engine.places.claim", generous)
    for _ in range(2):
        ward.life.house.stay_in("offered", contract)
    assert ward.about("places") == {"row 2027/2028": "taken=2 places=1"}
    assert ward.found() == {("places", contract)}


def test_a_place_that_the_agreement_forgot_is_found(ward: Ward) -> None:
    facts(ward, held=[])
    assert ward.about("place_held") == {ward.life.stay: "held=0 stands_for_it=yes"}


def test_a_place_that_is_held_twice_is_found(ward: Ward) -> None:
    (held,) = ward.life.house.case(ward.life.contract).facts["held"]
    facts(ward, held=[held, held], places=9)
    assert ward.about("place_held") == {ward.life.stay: "held=2 stands_for_it=yes"}


def test_a_place_held_by_a_case_that_left_is_found(ward: Ward) -> None:
    ward.change("case_record", {"state": "waiting"}, id=ward.life.stay)
    assert ward.about("place_held") == {ward.life.stay: "held=1 stands_for_it=no"}


def test_a_case_that_holds_a_place_under_nothing_is_found(ward: Ward) -> None:
    ward.life.drop("link", from_case=ward.life.stay, name="contract")
    assert ward.about("place_held")[""] == "state=away holds a place under no case"


def test_places_carried_over_to_another_agreement_as_they_are_are_in_order(ward: Ward) -> None:
    house, old = ward.life.house, ward.life.contract
    new = house.contract(places=1)
    house.ask(Tie("successor", new), "olle", old)
    house.take(old, "carry_over", by="olle")
    assert house.case(new).facts["held"]
    assert ward.found() == set()
