"""Comments that tell somebody: whom they may name, and what the history says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from engine import rights
from engine.canonical import micros
from engine.errors import BadFields, NotYourTurn
from engine.model import Comment
from engine.notes import MOST_TOLD
from engine.replay import Replay
from engine.store.rows import read_organisation
from engine.telling import addressees
from tests.engine.house import CATALOGUE, INSTITUTION, House, local, open_house, refused

PARTNER = "00000000-0000-4000-8000-000000000777"


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as made:
        yield made


def comments(house: House, case: str) -> list[dict[str, Any]]:
    return [row for row in house.rows("outbox", case_id=case) if row["template"] == "comment"]


def listed(house: House, case: str) -> tuple[str, ...]:
    with house.store.transaction() as ledger:
        lens = house.cases.lens(ledger, INSTITUTION, case, None)
    return addressees(lens, lens.cases[case])


def subject(house: House, case: str) -> str:
    return f"person:{house.case(case).subject}"


def test_everybody_named_is_owed_a_mail_at_once_even_at_night(house: House) -> None:
    stay = house.open()
    house.clock.at = local("2026-12-25 03:00")
    house.ask(Comment("see here", ("person:hedda", "unit:a")), "ann", stay)
    night = (False, micros(local("2026-12-25 03:00")))
    owed = {row["recipient"]: (row["grouped"], row["not_before"]) for row in comments(house, stay)}
    assert owed == {"person:hedda": night, "unit:a": night}


def test_the_event_names_ids_and_the_text_stands_in_its_detail_alone(house: House) -> None:
    stay = house.open()
    done = house.ask(Comment("a secret", ("person:hedda",)), "ann", stay)
    body = house.bodies(stay)[-1]
    assert body["told"] == [["comment", "person:hedda", micros(house.clock.at)]]
    assert "secret" not in json.dumps(body)
    assert house.detail(stay, done.sequence) == {"text": "a secret"}


def test_a_comment_that_tells_nobody_owes_nothing(house: House) -> None:
    stay = house.open()
    house.ask(Comment("noted"), "ann", stay)
    assert comments(house, stay) == []
    assert "told" not in house.bodies(stay)[-1]


def test_who_is_named_twice_gets_one_mail(house: House) -> None:
    stay = house.open()
    house.ask(Comment("see", ("person:hedda", "person:hedda")), "ann", stay)
    assert [row["recipient"] for row in comments(house, stay)] == ["person:hedda"]


def test_the_student_and_the_cases_own_partner_may_be_told(house: House) -> None:
    stay = house.open(partner_id=PARTNER)
    told = (subject(house, stay), f"partner:{PARTNER}")
    house.ask(Comment("where is it?", told), "ann", stay)
    assert sorted(row["recipient"] for row in comments(house, stay)) == sorted(told)


STRANGERS = {
    "staff of another unit": "person:bea",
    "an administrator, who reads no cases": "person:adam",
    "nobody at all": "person:nobody",
    "another unit": "unit:b",
    "no unit": "unit:",
    "somebody else's partner": f"partner:{PARTNER}",
    "another kind": "group:all",
    "an address": "ann@x.se",
    "nothing": "",
}


@pytest.mark.parametrize("recipient", STRANGERS.values(), ids=STRANGERS)
def test_who_the_case_is_no_business_of_is_refused(house: House, recipient: str) -> None:
    stay = house.open()
    with refused(house, BadFields, "field:to.1"):
        house.ask(Comment("see", ("person:hedda", recipient)), "ann", stay)


def test_a_refusal_names_each_of_them_in_both_languages(house: House) -> None:
    stay = house.open()
    with pytest.raises(BadFields) as caught:
        house.ask(Comment("see", ("person:bea", "person:ann", "unit:b")), "ann", stay)
    assert [reason.code for reason in caught.value.reasons] == ["field:to.0", "field:to.2"]
    assert "person:bea" in caught.value.message.sv
    assert "person:bea" in caught.value.message.en


def test_a_linked_cases_unit_may_be_told_and_so_may_its_staff(house: House) -> None:
    stay = house.open(links={"contract": house.contract(unit="b")})
    house.ask(Comment("see", ("person:bea",)), "ann", stay)
    assert [row["recipient"] for row in comments(house, stay)] == ["person:bea"]


def test_a_unit_without_a_mailbox_is_reached_through_the_one_above(house: House) -> None:
    stay = house.open(links={"contract": house.contract(unit="b")})
    assert "unit:b" in listed(house, stay)


def test_more_recipients_than_a_comment_takes_are_refused(house: House) -> None:
    stay = house.open()
    with refused(house, BadFields, "field:to"):
        house.ask(Comment("see", ("person:hedda",) * (MOST_TOLD + 1)), "ann", stay)


def test_who_may_not_comment_may_tell_nobody(house: House) -> None:
    stay = house.open()
    with refused(house, NotYourTurn):
        house.ask(Comment("see", ("person:hedda",)), "ada", stay)


def test_who_has_left_is_not_told(house: House) -> None:
    stay = house.open()
    house.member("lars", "head", "a", ends_on=date(2026, 12, 20))
    with refused(house, BadFields, "field:to.0"):
        house.ask(Comment("see", ("person:lars",)), "ann", stay)


@pytest.mark.parametrize("unit", ["a", "b"])
def test_the_list_of_whom_to_tell_is_just_those_who_may_read(house: House, unit: str) -> None:
    stay = house.open(links={"contract": house.contract(unit=unit)})
    people = ("ann", "arne", "bea", "hedda", "olle", "ada", "adam")
    with house.store.transaction() as ledger:
        lens = house.cases.lens(ledger, INSTITUTION, stay, None)
    may = {f"person:{who}" for who in people if rights.may_read(lens, who, lens.cases[stay])}
    assert {who for who in listed(house, stay) if who.startswith("person:")} == may | {subject(house, stay)}


def test_a_comment_that_tells_replays(database_url: str) -> None:
    with open_house(database_url) as house:
        stay = house.open(partner_id=PARTNER)
        told = ("unit:a", f"partner:{PARTNER}", "person:hedda", subject(house, stay))
        house.ask(Comment("in this order", told), "ann", stay)
        house.ask(Comment("to nobody"), "ann", stay)
        with house.store.step() as ledger:
            organisation = read_organisation(INSTITUTION, ledger.organisation_rows(INSTITUTION))
        replay = Replay(house.store, CATALOGUE, lambda *_: organisation)
        verdict = replay.case(INSTITUTION, stay)
        assert (verdict.ok, verdict.events, verdict.without_detail) == (True, 3, 0)
