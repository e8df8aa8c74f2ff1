"""A student of History goes on a place of Statistics, is nominated, and withdraws.

Home unit, owner unit and partner learn of it in the very event; the place is free, and
the next on the reserve list is offered it, once.
"""

from __future__ import annotations

import pytest

from tests.journeys import agreements, exchanges
from tests.journeys.agreements import IN, OUT
from tests.journeys.office import HIST, Office


@pytest.fixture
def agreement(office: Office) -> str:
    """An agreement of Statistics with a single place out."""
    return agreements.in_force(office, rows=[{**OUT, "places": 1}, IN])


def test_a_place_is_lent_before_it_is_offered(office: Office, agreement: str) -> None:
    case = exchanges.applies(office, agreement, home=HIST)
    measured = {**exchanges.VOUCHED, "checked_against_the_call": True}
    office.do("hist.coordinator", case, "check_eligibility", measured)
    # Ranking is the owner's: the home unit may read, and not rank.
    ranking = {**exchanges.VOUCHED, "points": 70}
    assert office.refused("hist.coordinator", case, "rank", ranking) == (403, ["not_your_role"])
    office.do("stat.coordinator", case, "rank", ranking)

    assert office.refused("stat.coordinator", case, "offer") == (409, ["place_not_lent"])
    assert office.refused("hist.coordinator", case, "lend_place") == (403, ["not_your_role"])
    office.do("stat.coordinator", case, "lend_place")
    assert office.told(case) == [("hist.coordinator", "place_lent")]

    office.do("stat.coordinator", case, "offer")
    assert agreements.holders(office, agreement) == [case]


def test_a_withdrawal_after_nomination_is_told_to_all_three_and_frees_the_place(office: Office, agreement: str) -> None:
    anna, bo, cia = nominated_with_two_in_reserve(office, agreement)
    office.let_things_happen()
    office.mails()

    event = office.do("hist.coordinator", anna, "withdraw", on_behalf_of="student")

    assert office.told(anna) == [
        ("hist.coordinator", "withdrawn"),
        ("partner", "withdrawn_partner"),
        ("stat.coordinator", "withdrawn"),
        ("student", "withdrawn_student"),
    ]
    assert (event["from"], event["to"], event["on_behalf_of"]) == ("nominated", "withdrawn", "student")
    assert agreements.holders(office, agreement) == []
    freed = office.last(agreement)
    assert (freed["kind"], freed["cause"]) == ("place_freed", {"case": anna, "sequence": event["sequence"]})
    # The step itself searches for nobody.
    assert (office.state(bo), office.state(cia)) == ("reserve", "reserve")

    assert office.let_things_happen() >= 1
    assert {mail.partition(":")[0] for mail in office.mails()} == {
        "anna", "bo", "hist.coordinator", "partner", "stat.coordinator",
    }  # fmt: skip


def test_the_next_on_the_reserve_list_is_offered_the_place_once(office: Office, agreement: str) -> None:
    anna, bo, cia = nominated_with_two_in_reserve(office, agreement)
    office.do("stat.coordinator", anna, "withdraw", on_behalf_of="student")

    for _ in range(3):
        office.let_things_happen()
    office.move("2027-02-02 10:00")

    offers = [event for event in office.events(bo) if event["trigger"] == "offer"]
    found = office.events(agreement)[offers[0]["cause"]["sequence"] - 1]
    assert [event["party"] for event in offers] == ["clock"]
    assert (found["trigger"], found["deadline"], found["rung"]) == ("offer_next", "next_on_reserve", "offer_next")
    assert office.told(bo, offers[0]["sequence"]) == [
        ("stat.coordinator", "offered_from_reserve"),
        ("student", "place_offered"),
    ]
    assert (office.state(bo), office.state(cia)) == ("offered", "reserve")
    assert agreements.holders(office, agreement) == [bo]
    office.verify(anna, bo, cia, agreement)


def test_an_offer_nobody_answers_goes_on_down_the_list(office: Office, agreement: str) -> None:
    anna, bo, cia = nominated_with_two_in_reserve(office, agreement)
    office.do("stat.coordinator", anna, "withdraw", on_behalf_of="student")
    office.let_things_happen()
    answer_by = office.facts(bo, "answer_offer_by")

    office.move("2027-02-09 00:00")

    assert answer_by == "2027-02-08"
    assert (office.state(bo), office.state(cia)) == ("declined", "offered")
    assert agreements.holders(office, agreement) == [cia]
    # Nobody is left: when the last one says no, the place stays free.
    office.do("stat.coordinator", cia, "decline", on_behalf_of="student")
    office.let_things_happen()
    assert agreements.holders(office, agreement) == []
    office.verify(bo, cia, agreement)


def nominated_with_two_in_reserve(office: Office, agreement: str) -> tuple[str, str, str]:
    """Anna of History is nominated on the only place; Bo and Cia wait, Bo first although he came last."""
    office.move("2027-02-01 10:00")
    anna = exchanges.applies(office, agreement, home=HIST, name="Anna")
    exchanges.ranked(office, anna, home=HIST, points=90)
    exchanges.nominated(office, anna, home=HIST)
    cia = exchanges.applies(office, agreement, name="Cia")
    bo = exchanges.applies(office, agreement, name="Bo")
    for number, case in enumerate((bo, cia), 1):
        exchanges.ranked(office, case)
        exchanges.on_reserve(office, case, number)
    return anna, bo, cia
