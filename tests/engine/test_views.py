"""What a decision sees: one frozen value, and which cases were looked at to make it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from engine.model import Tie
from engine.views import Lens
from engine.vocabulary import Actor, Role
from tests.engine.house import INSTITUTION, House, local, open_house


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as made:
        yield made


def lens(house: House, case: str, trigger: str | None = None) -> Lens:
    with house.store.transaction() as ledger:
        return house.cases.lens(ledger, INSTITUTION, case, trigger)


def test_a_view_shows_the_case_in_the_workflows_own_words(house: House) -> None:
    stay = house.open(semesters=2, starts_on="2027-08-30", credits="7.50")
    view = lens(house, stay).view(house.case(stay))
    assert (view.state, view.unit, view.version, view.number) == ("asked", "a", 1, "STA-2026-0001")
    assert (view.facts.semesters, view.facts.starts_on, str(view.facts.credits)) == (2, date(2027, 8, 30), "7.50")


def test_today_is_the_local_day(house: House) -> None:
    stay = house.open()
    house.clock.at = local("2027-01-01 00:10")
    view = lens(house, stay).view(house.case(stay))
    assert (view.today, view.opened_on) == (date(2027, 1, 1), date(2026, 12, 21))


def test_the_fields_are_unknown_while_actions_are_listed(house: House) -> None:
    stay = house.open()
    view = lens(house, stay).view(house.case(stay))
    assert view.given is None
    with pytest.raises(LookupError):
        _ = view.fields


def test_a_figure_is_the_default_until_the_unit_sets_it(house: House) -> None:
    stay = house.open()
    assert lens(house, stay).view(house.case(stay)).figure("answer_days") == 3
    house.settings("x.se", stay__answer_days=7, other__answer_days=9)
    assert lens(house, stay).view(house.case(stay)).figure("answer_days") == 7


def test_a_linked_case_is_seen_and_counts_as_looked_at(house: House) -> None:
    contract = house.contract(places=4)
    stay = house.open(links={"contract": contract})
    seen = lens(house, stay)
    view = seen.view(house.case(stay))
    assert seen.seen == {stay}
    linked = view.linked("contract")
    assert linked is not None
    assert (linked.facts.places, view.linked("companion"), view.linked("nonsense")) == (4, None, None)
    assert seen.seen == {stay, contract}


def test_related_cases_come_open_and_in_order(house: House) -> None:
    contract = house.contract(places=9)
    last, first = (house.stay_in("waiting", contract, rank=rank) for rank in (2, 1))
    asked, gone = house.open(links={"contract": contract}), house.open(links={"contract": contract})
    house.take(gone, "withdraw")
    view = lens(house, contract).view(house.case(contract))
    assert [each.id for each in view.related("queue")] == [first, last]
    assert [each.id for each in view.related("stays")] == [last, first, asked]


def test_only_what_the_trigger_may_ask_for_is_read(house: House) -> None:
    contract = house.contract()
    stay = house.open(links={"contract": contract})
    assert set(lens(house, contract, "end").cases) == {contract, stay}
    assert set(lens(house, contract, "offer_next").cases) == {contract}


def test_a_case_that_was_once_linked_is_related_no_more(house: House) -> None:
    old, new = house.contract(), house.contract()
    stay = house.open(links={"contract": old})
    house.ask(Tie("contract", new), "olle", stay)
    related = {each: lens(house, each).view(house.case(each)).related("stays") for each in (old, new)}
    assert [len(related[each]) for each in (old, new)] == [0, 1]


def test_who_asks_brings_role_and_mandates(house: House) -> None:
    house._organisation("mandate", person="hedda", kind="sign", unit="a")
    stay = house.open()
    seen = lens(house, stay)
    assert seen.view(house.case(stay), Actor("hedda", Role.HEAD)).mandates == ("sign",)
    assert seen.view(house.case(stay)).mandates == ()
