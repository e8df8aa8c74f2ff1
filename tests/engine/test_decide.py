"""What a request leads to: who is refused, in which order, and what cannot be opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from engine.errors import (
    BadFields,
    CaseNotFound,
    GuardRefused,
    KeyReused,
    NotYourTurn,
    Refused,
    StaleCase,
    TransitionNotAllowed,
    UnknownTrigger,
)
from engine.model import Key, NewPerson, Open, Request, Take
from engine.vocabulary import Role
from tests.engine.house import INSTITUTION, NOBODYS, STINA, House, local, open_house, refused


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as made:
        yield made


# Who may, and in what order is refused.


def test_an_unknown_case_is_not_found(house: House) -> None:
    with refused(house, CaseNotFound):
        house.take(NOBODYS, "propose", note="x")


@pytest.mark.parametrize("person", ["bea", "adam", "nobody"])
def test_a_case_of_another_unit_is_not_found(house: House, person: str) -> None:
    stay = house.open()
    with refused(house, CaseNotFound):
        house.take(stay, "propose", by=person, note="x")


def test_a_case_linked_to_ones_unit_is_found_and_may_be_acted_in(house: House) -> None:
    stay = house.open(links={"contract": house.contract(unit="b")})
    done = house.take(stay, "propose", by="bea", note="x")
    assert (done.event and done.event.role, done.case and done.case.state) == ("coordinator", "proposed")


def test_an_auditor_reads_but_does_not_act(house: House) -> None:
    stay = house.open()
    with refused(house, NotYourTurn, "not_your_role"):
        house.take(stay, "propose", by="ada", note="x")


def test_not_found_comes_before_the_replay_of_a_key(house: House) -> None:
    stay = house.open()
    key = Key("k", "f")
    house.ask(Take("propose", {"note": "x"}), "ann", stay, key=key)
    with refused(house, CaseNotFound):
        house.ask(Take("propose", {"note": "x"}), "bea", stay, key=key)


def test_a_key_is_replayed_before_the_version_is_looked_at(house: House) -> None:
    stay, key = house.open(), Key("k", "f")
    first = house.ask(Take("propose", {"note": "x"}), "ann", stay, key=key, expected=1)
    house.take(stay, "send_back", by="hedda", reason="no")
    before = house.dump()
    again = house.ask(Take("propose", {"note": "x"}), "ann", stay, key=key, expected=1)
    assert (again.replayed, again.case_id, again.sequence) == (True, stay, first.sequence)
    assert house.dump() == before


def test_a_key_with_another_request_is_refused_before_the_version(house: House) -> None:
    stay = house.open()
    house.ask(Take("propose", {"note": "x"}), "ann", stay, key=Key("k", "f"))
    with refused(house, KeyReused):
        house.ask(Take("propose", {"note": "y"}), "ann", stay, key=Key("k", "other"), expected=1)


def test_a_refusal_does_not_use_up_its_key(house: House) -> None:
    stay, key = house.open(), Key("k", "f")
    with refused(house, BadFields):
        house.ask(Take("propose", {}), "ann", stay, key=key)
    assert not house.ask(Take("propose", {"note": "x"}), "ann", stay, key=key).replayed


def test_a_key_is_each_persons_own(house: House) -> None:
    key = Key("k", "f")
    one = house.ask(Open("stay", "a", STINA, {}), "ann", key=key)
    other = house.ask(Open("stay", "a", STINA, {}), "arne", key=key)
    assert one.case_id != other.case_id


def test_a_stale_version_comes_before_role_and_trigger(house: House) -> None:
    stay = house.open()
    with refused(house, StaleCase):
        house.ask(Take("nonsense"), "ada", stay, expected=7)


def test_a_wrong_role_comes_before_a_wrong_state(house: House) -> None:
    stay = house.open()
    with refused(house, NotYourTurn, "not_your_role"):
        house.take(stay, "offer")


def test_a_role_in_any_transition_of_the_trigger_is_enough_to_be_told_the_state(house: House) -> None:
    stay = house.open()
    for person in ("hedda", "olle"):
        with refused(house, TransitionNotAllowed):
            house.take(stay, "send_back", by=person, reason="no")


def test_a_role_in_another_transition_of_the_trigger_is_not_enough_to_act(house: House) -> None:
    stay = house.stay_in("proposed")
    with refused(house, NotYourTurn):
        house.take(stay, "send_back", by="olle", reason="no")


def test_an_unknown_trigger_is_refused(house: House) -> None:
    stay = house.open()
    with refused(house, UnknownTrigger):
        house.take(stay, "fly")


def test_a_wrong_state_comes_before_bad_fields(house: House) -> None:
    stay = house.stay_in("proposed")
    with refused(house, TransitionNotAllowed):
        house.take(stay, "propose", nonsense=1)


def test_a_finished_case_offers_reconsider_alone(house: House) -> None:
    stay = house.open()
    house.take(stay, "withdraw")
    with refused(house, TransitionNotAllowed):
        house.take(stay, "propose", note="x")


def test_bad_fields_come_before_guards(house: House) -> None:
    stay = house.stay_in("away", house.contract())
    with refused(house, BadFields, "field:day"):
        house.take(stay, "book", day="yesterday")


def test_every_bad_field_is_named(house: House) -> None:
    stay = house.open()
    with pytest.raises(BadFields) as raised:
        house.take(stay, "propose", remark="", other=1)
    assert sorted(reason.code for reason in raised.value.reasons) == ["field:note", "field:other", "field:remark"]


def test_a_missing_reason_is_a_bad_field(house: House) -> None:
    stay = house.stay_in("proposed")
    with refused(house, BadFields, "reason_required"):
        house.take(stay, "send_back", by="hedda", reason="  ")


def test_a_guard_says_why_and_who_can(house: House) -> None:
    stay = house.stay_in("proposed")
    house.take(stay, "lock", by="hedda", locked=True)
    with refused(house, GuardRefused, "locked"):
        house.take(stay, "approve", by="hedda")


def test_four_eyes_and_guards_are_told_together(house: House) -> None:
    stay = house.stay_in("proposed")
    house.take(stay, "lock", by="hedda", locked=True)
    with pytest.raises(GuardRefused) as raised:
        house.take(stay, "approve")
    assert [reason.code for reason in raised.value.reasons] == ["four_eyes", "locked"]


def test_a_guard_over_fields_refuses_in_the_step(house: House) -> None:
    stay = house.stay_in("away", house.contract())
    with refused(house, GuardRefused, "not_ahead"):
        house.take(stay, "book", day="2026-12-21")
    assert house.take(stay, "book", day="2026-12-22").sequence == 6


# Four eyes.


def test_who_proposed_may_not_approve(house: House) -> None:
    stay = house.stay_in("proposed")
    with refused(house, GuardRefused, "four_eyes"):
        house.take(stay, "approve")
    assert house.take(stay, "approve", by="arne").case_id == stay


def test_nor_may_the_substitute_of_who_proposed(house: House) -> None:
    stay = house.stay_in("proposed")
    house.away("ann", substitute="arne", starts_on=date(2027, 7, 1), ends_on=date(2027, 7, 31))
    with refused(house, GuardRefused, "four_eyes"):
        house.take(stay, "approve", by="arne")
    assert house.take(stay, "approve", by="hedda").case_id == stay


def test_everybody_who_ever_proposed_is_remembered(house: House) -> None:
    stay = house.stay_in("proposed")
    house.take(stay, "send_back", by="hedda", reason="again")
    house.take(stay, "propose", by="arne", note="y")
    assert house.case(stay).acts == {"propose": ("ann", "arne")}
    for person in ("ann", "arne"):
        with refused(house, GuardRefused, "four_eyes"):
            house.take(stay, "approve", by=person)


# On whose behalf.


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, {"field:on_behalf_of", "field:evidence"}),
        ({"on_behalf_of": Role.STUDENT}, {"field:evidence"}),
        ({"on_behalf_of": Role.STUDENT, "evidence": " "}, {"field:evidence"}),
        ({"on_behalf_of": Role.PARTNER, "evidence": "mail"}, {"field:on_behalf_of"}),
    ],
)
def test_what_the_student_did_is_entered_with_name_and_evidence(
    house: House, given: dict[str, Any], missing: set[str]
) -> None:
    stay = house.stay_in("offered", house.contract())
    before = house.dump()
    with pytest.raises(BadFields) as raised:
        house.take(stay, "accept", **given)
    assert {reason.code for reason in raised.value.reasons} == missing
    assert house.dump() == before


def test_the_event_says_on_whose_behalf_and_keeps_the_evidence(house: House) -> None:
    stay = house.stay_in("away", house.contract())
    event = house.events(stay)[-1]
    assert (event["party"], event["role"], event["on_behalf_of"]) == ("ann", "coordinator", "student")
    assert house.detail(stay, event["sequence"]) == {"evidence": "mail of today"}


def test_a_head_may_not_enter_what_the_student_did(house: House) -> None:
    stay = house.stay_in("offered", house.contract())
    with refused(house, NotYourTurn):
        house.student(stay, "accept", by="hedda")


def test_nobody_enters_an_ordinary_step_for_another(house: House) -> None:
    stay = house.open()
    with refused(house, BadFields, "field:on_behalf_of"):
        house.take(stay, "propose", note="x", on_behalf_of=Role.STUDENT, evidence="mail")


# Opening.


def test_opening_gives_number_title_first_event_and_who_is_told(house: House) -> None:
    stay = house.open(note="n")
    case = house.case(stay)
    assert (case.number, case.state, case.version) == ("STA-2026-0001", "asked", 1)
    assert house.kinds(stay) == ["opened"]
    assert house.told(stay) == [("welcome", "person:ann"), ("welcome", "person:arne")]
    assert house.detail(stay, 1)["changes"] == case.facts


def test_the_number_bears_the_local_year(house: House) -> None:
    house.clock.at = local("2027-01-01 00:30")
    assert house.case(house.open()).number == "STA-2027-0001"


def test_a_subject_named_twice_is_one_person(house: House) -> None:
    one, two = house.open(), house.open(subject=NewPerson("Another Name", STINA.email, "en"))
    assert house.case(one).subject == house.case(two).subject
    assert [row["name"] for row in house.rows("person")] == [STINA.name]


def test_a_known_person_may_be_named_by_id(house: House) -> None:
    person = house.case(house.open()).subject
    assert house.case(house.open(subject=person)).subject == person


OPENINGS: dict[str, tuple[type[Refused], str, Callable[[House], Request]]] = {
    "an unknown workflow": (BadFields, "field:workflow", lambda h: opening("nonsense")),
    "an unknown unit": (BadFields, "field:unit", lambda h: opening(unit="c")),
    "no subject": (BadFields, "field:subject", lambda h: opening(subject=None)),
    "an unknown subject": (BadFields, "field:subject", lambda h: opening(subject=NOBODYS)),
    "a wrong fact": (BadFields, "semesters", lambda h: opening(semesters=9)),
    "a protected fact": (BadFields, "field:facts.reports", lambda h: opening(reports=3)),
    "an undeclared link": (BadFields, "field:links.friend", lambda h: opening(links=(("friend", h.contract()),))),
    "a link to nothing": (BadFields, "field:links.contract", lambda h: opening(links=(("contract", NOBODYS),))),
    "a link elsewhere": (BadFields, "field:links.contract", lambda h: opening(links=(("contract", h.open()),))),
    "a link that is owed": (BadFields, "field:links.stay", lambda h: opening("report")),
    "a later state": (BadFields, "field:state", lambda h: opening(state="away")),
    "another unit's": (NotYourTurn, "not_your_role", lambda h: opening(by="bea")),
}


def opening(
    workflow: str = "stay", *, by: str = "ann", unit: str = "a", subject: Any = STINA, **more: Any
) -> Request:
    links, state = more.pop("links", ()), more.pop("state", None)
    return Request(INSTITUTION, Open(workflow, unit, subject, more, links, state), by)


@pytest.mark.parametrize(("error", "code", "request_for"), OPENINGS.values(), ids=OPENINGS.keys())
def test_what_cannot_be_opened_is_refused(
    house: House, error: type[Refused], code: str, request_for: Callable[[House], Request]
) -> None:
    request = request_for(house)
    before = house.dump()
    with pytest.raises(error) as raised:
        house.send(request)
    assert [code in reason.code for reason in raised.value.reasons] == [True]
    assert house.dump() == before
