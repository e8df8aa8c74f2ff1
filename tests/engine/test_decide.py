"""What a request leads to: refusals and their order, and everything a step brings about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from engine.canonical import GENESIS, chain, commitment, micros
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
from engine.model import (
    Assign,
    Climb,
    Comment,
    Correct,
    Key,
    NewPerson,
    Open,
    Recount,
    Request,
    Take,
    Tie,
)
from engine.vocabulary import Role
from tests.engine.house import INSTITUTION, MONDAY, STINA, House, local, open_house

NOBODYS = "00000000-0000-7000-8000-999999999999"


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as made:
        yield made


@contextmanager
def refused(house: House, error: type[Refused], code: str | None = None) -> Iterator[None]:
    """Expect a refusal with a reason of this code, and not a byte changed in any table."""
    before = house.dump()
    with pytest.raises(error) as raised:
        yield
    assert type(raised.value) is error
    if code is not None:
        assert code in [reason.code for reason in raised.value.reasons]
    assert house.dump() == before


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


# What a step writes.


def test_the_body_says_all_that_a_replay_needs(house: House) -> None:
    stay = house.open(note="hello")
    house.take(stay, "propose", note="ready", comment="see mail")
    body = house.bodies(stay)[1]
    assert body.pop("detail") is not None
    assert body == {
        "institution": INSTITUTION,
        "case": stay,
        "sequence": 2,
        "kind": "moved",
        "trigger": "propose",
        "from": "asked",
        "to": "proposed",
        "party": "ann",
        "role": "coordinator",
        "on_behalf_of": None,
        "at": micros(MONDAY),
        "definition": house.case(stay).definition,
        "cause": None,
        "seen": {"organisation": 8, "cases": {stay: 1}},
    }


def test_the_columns_beside_the_body_are_copies_of_it(house: House) -> None:
    stay = house.stay_in("away", house.contract())
    names = {"case_id": "case", "from_state": "from", "to_state": "to"}
    same = ("sequence", "kind", "trigger", "party", "role", "on_behalf_of", "at", "definition")
    for row, body in zip(house.events(stay), house.bodies(stay), strict=True):
        assert {name: row[name] for name in same} == {name: body[name] for name in same}
        assert {row[column] == body[name] for column, name in names.items()} == {True}


def test_events_are_chained_and_the_case_holds_the_head(house: House) -> None:
    stay = house.stay_in("away", house.contract())
    head = GENESIS
    for row in house.events(stay):
        assert row["previous"] == head
        head = hashlib.sha256(b"\0" + row["body"] + bytes.fromhex(head)).hexdigest()
        assert row["hash"] == head == chain(row["body"], row["previous"])
    assert (house.case(stay).head, house.case(stay).version) == (head, 5)


def test_the_body_is_bound_to_the_detail(house: House) -> None:
    stay = house.open()
    house.take(stay, "propose", note="ready", comment="see mail")
    row = house.rows("event_detail", case_id=stay, sequence=2)[0]
    assert json.loads(row["detail"]) == {
        "fields": {"note": "ready"},
        "changes": {"note": "ready"},
        "comment": "see mail",
    }
    assert house.bodies(stay)[1]["detail"] == commitment(row["nonce"], row["detail"])


def test_a_step_that_says_nothing_more_has_no_detail(house: House) -> None:
    stay = house.open()
    house.take(stay, "ask")
    assert house.bodies(stay)[1]["detail"] is None
    assert house.rows("event_detail", case_id=stay, sequence=2) == []


def test_free_text_never_stands_in_the_event(house: House) -> None:
    stay = house.open(note="opened secretly")
    house.take(stay, "propose", note="noted secretly", comment="said secretly")
    house.take(stay, "send_back", by="hedda", reason="reasoned secretly")
    house.ask(Comment("written secretly"), "ann", stay)
    house.ask(Correct({"note": "corrected secretly"}, "wrong secretly"), "olle", stay)
    assert [row for row in house.events(stay) if "secretly" in repr(row)] == []


def test_a_field_that_is_no_fact_is_kept_in_the_detail_only(house: House) -> None:
    stay = house.open()
    house.take(stay, "propose", note="x", remark="y")
    assert house.detail(stay, 2)["fields"] == {"note": "x", "remark": "y"}
    assert "remark" not in house.case(stay).facts


def test_a_recorded_step_neither_enters_nor_leaves(house: House) -> None:
    stay = house.open()
    before = house.case(stay).deadlines
    done = house.take(stay, "take")
    assert done.event is not None
    assert (done.event.kind, done.event.from_state, done.event.to_state) == ("recorded", "asked", "asked")
    assert house.case(stay).deadlines == before


def test_title_and_words_to_find_it_by_follow_the_facts(house: House) -> None:
    stay = house.open(registration_number="FS 1.2-Å")
    house.take(stay, "propose", note="Å-kurs")
    case = house.case(stay)
    assert (case.title, case.search) == ("Stay 2027/2028 Å-kurs", "stay 2027/2028 å-kurs fs 1.2-å")


def test_reconsidering_reopens_a_finished_case(house: House) -> None:
    stay = house.stay_in("away", house.contract(places=2))
    house.take(stay, "finish")
    assert house.case(stay).closed_at == micros(MONDAY)
    with refused(house, BadFields, "reason_required"):
        house.take(stay, "reconsider", by="hedda")
    done = house.take(stay, "reconsider", by="hedda", reason="new facts")
    assert done.event is not None
    assert done.event.kind == "reopened"
    assert (house.case(stay).state, house.case(stay).closed_at) == ("away", None)


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


# Follow-ups, openings, relinks.


def test_a_step_opens_a_case_that_names_its_cause(house: House) -> None:
    stay = house.stay_in("away", house.contract())
    done = house.take(stay, "finish")
    (report,) = house.bodies(stay)[-1]["opened"]
    body = house.bodies(report)[0]
    assert (body["cause"], body["party"], body["role"]) == ([stay, done.sequence], "ann", "coordinator")
    assert (house.case(report).links, house.case(report).number) == ((("stay", stay),), "REP-2026-0001")


def test_a_follow_up_moves_the_linked_case_and_names_its_cause(house: House) -> None:
    contract = house.contract()
    stays = [house.open(links={"contract": contract}), house.stay_in("proposed", contract)]
    done = house.take(contract, "end", by="olle")
    for stay in stays:
        body = house.bodies(stay)[-1]
        assert (body["to"], body["trigger"], body["cause"]) == ("withdrawn", "withdraw", [contract, done.sequence])
        assert (body["party"], body["role"], "seen" in body) == ("olle", None, False)


def test_if_open_leaves_a_finished_case_alone(house: House) -> None:
    contract = house.contract()
    done, going = house.open(links={"contract": contract}), house.open(links={"contract": contract})
    house.take(done, "withdraw")
    house.take(contract, "end", by="olle")
    assert (house.case(done).version, house.case(going).state) == (2, "withdrawn")


def test_if_open_does_not_excuse_a_guard_that_says_no(house: House) -> None:
    contract = house.contract()
    first, locked = house.open(links={"contract": contract}), house.open(links={"contract": contract})
    house.take(locked, "lock", by="hedda", locked=True)
    with refused(house, GuardRefused, "locked"):
        house.take(contract, "end", by="olle")
    assert house.case(first).state == "asked"


def test_if_open_leaves_a_case_alone_that_does_not_offer_the_trigger(house: House) -> None:
    stay = house.stay_in("away", house.contract())
    house.take(stay, "finish")
    (report,) = house.bodies(stay)[-1]["opened"]
    house.take(report, "file")
    assert (house.case(report).state, house.case(stay).facts["reports"]) == ("filed", 0)


def test_without_if_open_the_whole_step_is_refused(house: House) -> None:
    stay = house.stay_in("away", house.contract())
    house.take(stay, "finish")
    (report,) = house.bodies(stay)[-1]["opened"]
    with refused(house, TransitionNotAllowed):
        house.take(report, "file_strictly")


def test_a_follow_up_records_a_fact_that_the_rule_works_out(house: House) -> None:
    stay = house.stay_in("away", house.contract(places=2))
    house.take(stay, "finish")
    (report,) = house.bodies(stay)[-1]["opened"]
    house.take(stay, "reconsider", by="hedda", reason="not over yet")
    house.take(report, "file")
    assert (house.kinds(stay)[-1], house.case(stay).facts["reports"]) == ("recorded", 1)


def test_a_guard_may_ask_of_cases_found_the_other_way(house: House) -> None:
    contract = house.contract()
    stay = house.open(links={"contract": contract})
    with refused(house, GuardRefused, "still_asking"):
        house.take(contract, "end_quietly", by="olle")
    house.take(stay, "withdraw")
    house.take(contract, "end_quietly", by="olle")
    assert house.case(contract).state == "ended"


def test_relinking_moves_links_and_places_together(house: House) -> None:
    old = house.contract(places=2)
    stays = [house.stay_in("away", old), house.open(links={"contract": old})]
    new = house.open("contract", by="olle", places=1)
    house.ask(Tie("successor", new), "olle", old)
    house.take(old, "carry_over", by="olle")
    assert [house.case(stay).link("contract") for stay in stays] == [new, new]
    assert [held_by(house, each) for each in (old, new)] == [[], [stays[0]]]
    assert [house.kinds(each)[-1] for each in (old, new, *stays)] == [
        "recorded", "place_taken", "linked", "linked",
    ]  # fmt: skip


def test_every_touched_case_gets_exactly_one_event(house: House) -> None:
    old = house.contract(places=2)
    stay = house.stay_in("away", old)
    new = house.open("contract", by="olle")
    house.ask(Tie("successor", new), "olle", old)
    versions = {case: house.case(case).version for case in (old, new, stay)}
    count = len(house.rows("event"))
    house.take(old, "carry_over", by="olle")
    assert {case: house.case(case).version - 1 for case in versions} == versions
    assert len(house.rows("event")) == count + 3


# Places.


def held_by(house: House, contract: str) -> list[str]:
    return [held["case"] for held in house.case(contract).facts["held"]]


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


# Assignees.


def test_a_step_may_make_who_takes_it_the_assignee_and_give_back(house: House) -> None:
    stay = house.open()
    house.take(stay, "take", by="arne")
    assert (house.case(stay).assignee, house.bodies(stay)[-1]["assignee"]) == ("arne", "arne")
    house.take(stay, "release")
    assert (house.case(stay).assignee, house.bodies(stay)[-1]["assignee"]) == (None, None)


def test_somebody_is_made_the_assignee_and_nobody_again(house: House) -> None:
    stay = house.open()
    house.ask(Assign("arne"), "ann", stay)
    assert (house.case(stay).assignee, house.kinds(stay)[-1]) == ("arne", "assigned")
    house.ask(Assign(None), "ann", stay)
    assert (house.case(stay).assignee, house.bodies(stay)[-1]["assignee"]) == (None, None)


@pytest.mark.parametrize("person", ["bea", "ada", "nobody"])
def test_only_those_with_casework_in_the_unit_are_made_assignee(house: House, person: str) -> None:
    stay = house.open()
    with refused(house, BadFields, "field:person"):
        house.ask(Assign(person), "ann", stay)


def test_a_finished_case_is_nobodys_task(house: House) -> None:
    stay = house.open()
    house.take(stay, "withdraw")
    with refused(house, GuardRefused, "final"):
        house.ask(Assign("ann"), "ann", stay)


def test_who_does_not_work_before_the_due_day_is_replaced_by_the_substitute(house: House) -> None:
    house.away("arne", substitute="ann", starts_on=date(2026, 12, 18), ends_on=date(2027, 1, 10))
    stay = house.open()
    house.ask(Assign("arne"), "ann", stay)
    assert (house.case(stay).assignee, house.bodies(stay)[-1]["assignee"]) == ("ann", "ann")


def test_who_works_one_day_before_it_is_due_keeps_the_task(house: House) -> None:
    house.away("arne", substitute="ann", weekdays="0,2,3,4")
    stay = house.open()
    house.take(stay, "take", by="arne")
    assert house.case(stay).assignee == "arne"


def test_a_weekly_pattern_without_a_day_left_gives_the_task_to_the_substitute(house: House) -> None:
    house.away("arne", substitute="ann", weekdays="0,1,2,3")
    stay = house.open()
    house.take(stay, "take", by="arne")
    assert house.case(stay).assignee == "ann"


# Corrections, comments, links.


def test_a_correction_changes_facts_and_keeps_its_reason(house: House) -> None:
    stay = house.open(note="wrong")
    done = house.ask(Correct({"note": "right", "rank": 0}, "misread"), "olle", stay)
    assert (house.case(stay).facts["note"], house.kinds(stay)[-1]) == ("right", "corrected")
    assert house.detail(stay, done.sequence) == {
        "fields": {"note": "right", "rank": 0},
        "changes": {"note": "right"},
        "reason": "misread",
    }


def test_a_decimal_may_be_corrected_by_a_number_with_a_point(house: House) -> None:
    stay = house.open()
    house.ask(Correct({"credits": 7.5}, "half a course"), "olle", stay)
    assert house.case(stay).facts["credits"] == "7.5"


def test_a_correction_of_a_finished_case_is_possible_and_keeps_it_finished(house: House) -> None:
    stay = house.open()
    house.take(stay, "withdraw")
    house.ask(Correct({"note": "late"}, "found later"), "olle", stay)
    assert (house.case(stay).state, house.case(stay).deadlines) == ("withdrawn", ())


@pytest.mark.parametrize(
    ("facts", "reason", "by", "error", "code"),
    [
        ({"note": "x"}, "why", "ann", NotYourTurn, "not_your_role"),
        ({"note": "x"}, " ", "olle", BadFields, "reason_required"),
        ({}, "why", "olle", BadFields, "field:facts"),
        ({"reports": 1}, "why", "olle", BadFields, "field:facts.reports"),
        ({"nonsense": 1}, "why", "olle", BadFields, "field:nonsense"),
        ({"semesters": "many"}, "why", "olle", BadFields, "field:semesters"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    house: House, facts: dict[str, Any], reason: str, by: str, error: type[Refused], code: str
) -> None:
    stay = house.open()
    with refused(house, error, code):
        house.ask(Correct(facts, reason), by, stay)


def test_a_corrected_date_moves_the_deadline_that_hangs_on_it(house: House) -> None:
    stay = house.stay_in("away", house.contract(), starts_on="2027-08-30")
    house.ask(Correct({"starts_on": "2027-09-06"}, "later"), "olle", stay)
    (row,) = house.case(stay).deadlines
    assert (row.due_on, row.next_rung, row.acts_at) == (
        date(2027, 9, 6),
        "remind",
        micros(local("2027-08-30 00:00")),
    )
    assert [d["due_on"] for d in house.bodies(stay)[-1]["deadlines"]] == ["2027-09-06"]


def test_a_date_taken_away_stops_the_deadline_and_one_given_starts_it(house: House) -> None:
    stay = house.stay_in("away", house.contract(), starts_on="2027-08-30")
    house.ask(Correct({"starts_on": None}, "open"), "olle", stay)
    assert house.case(stay).deadlines == ()
    assert house.bodies(stay)[-1]["deadlines"][0]["status"] == "stopped"
    house.ask(Correct({"starts_on": "2027-09-06"}, "fixed"), "olle", stay)
    assert [row.name for row in house.case(stay).deadlines] == ["start"]


def test_a_comment_needs_no_version_and_changes_no_state(house: House) -> None:
    stay = house.open()
    done = house.ask(Comment("hello"), "hedda", stay)
    assert (house.kinds(stay)[-1], house.detail(stay, done.sequence)) == ("commented", {"text": "hello"})
    with refused(house, NotYourTurn):
        house.ask(Comment("hello"), "ada", stay)


def test_a_link_is_made_and_then_replaced(house: House) -> None:
    stay, one, two = house.open(), house.contract(), house.contract()
    house.ask(Tie("contract", one), "olle", stay)
    house.ask(Tie("contract", two), "olle", stay)
    assert house.case(stay).links == (("contract", two),)
    body = house.bodies(stay)[-1]
    assert (body["linked"], body["unlinked"]) == ([["contract", two]], [["contract", one]])


def test_a_new_link_gives_a_new_title(house: House) -> None:
    stay, old, new = house.open(), house.contract(name="Old"), house.contract(name="New")
    house.ask(Tie("contract", old), "olle", stay)
    assert house.case(stay).title == "Stay 2027/2028 Old"
    house.ask(Tie("successor", new), "olle", old)
    house.take(old, "carry_over", by="olle")
    assert house.case(stay).title == "Stay 2027/2028 New"


def test_a_link_is_not_changed_while_a_place_is_held_under_it(house: House) -> None:
    stay, other = house.stay_in("away", house.contract()), house.contract()
    with refused(house, GuardRefused, "holds_place"):
        house.ask(Tie("contract", other), "olle", stay)


def test_a_link_to_what_one_may_not_see_or_to_itself_is_refused(house: House) -> None:
    stay, hidden = house.open(), house.contract(unit="b")
    for target in (hidden, NOBODYS, stay):
        with refused(house, BadFields, "field:case"):
            house.ask(Tie("contract", target), "ann", stay)


def test_a_link_that_is_not_declared_is_refused(house: House) -> None:
    stay, contract = house.open(), house.contract()
    with refused(house, BadFields, "field:links.friend"):
        house.ask(Tie("friend", contract), "ann", stay)


# Deadlines of a case.


def test_a_deadline_starts_with_the_state_and_stands_in_the_body(house: House) -> None:
    stay = house.open()
    (written,) = house.bodies(stay)[0]["deadlines"]
    assert (written["name"], written["since"], written["due_on"]) == ("answer", 1, "2026-12-28")
    assert written["acts_at"] == micros(local("2026-12-24 00:00"))


def test_moving_among_the_states_it_runs_in_is_not_entering_anew(house: House) -> None:
    stay = house.open()
    before = house.case(stay).deadlines
    house.clock.at = local("2026-12-22 10:00")
    house.take(stay, "propose", note="x")
    assert house.case(stay).deadlines == before


def test_it_rests_and_runs_again_with_what_was_left(house: House) -> None:
    stay = house.open()
    house.clock.at = local("2026-12-22 14:00")
    house.take(stay, "ask")
    (resting,) = house.case(stay).deadlines
    assert (resting.status, resting.due_on, resting.due_at, resting.next_rung) == ("paused", None, None, None)
    house.clock.at = local("2026-12-28 09:00")
    house.take(stay, "receive")
    (running,) = house.case(stay).deadlines
    assert (running.status, running.due_on, running.since) == ("running", date(2026, 12, 30), 1)


def test_an_answer_meets_it_and_leaving_otherwise_stops_it(house: House) -> None:
    answered, left = house.stay_in("waiting"), house.open()
    house.take(left, "withdraw")
    found = {row["case_id"]: row["status"] for row in house.rows("deadline")}
    assert found == {answered: "met", left: "stopped"}


def test_entering_anew_is_a_new_deadline_with_a_full_budget(house: House) -> None:
    stay = house.stay_in("waiting")
    house.clock.at = local("2027-01-04 10:00")
    house.take(stay, "send_back", by="olle")
    (row,) = house.case(stay).deadlines
    assert (row.since, row.due_on) == (4, date(2027, 1, 8))


def test_a_rung_that_is_not_due_is_not_fired(house: House) -> None:
    stay = house.open()
    with refused(house, StaleCase):
        house.climb(stay, at=local("2026-12-23 23:59"))


def test_a_rung_fires_once(house: House) -> None:
    stay = house.open()
    row = house.case(stay).deadlines[0]
    request = Request(INSTITUTION, Climb("stay", "answer", row.since, "remind"), "clock", case=stay)
    house.send(request, local("2026-12-24 00:00"))
    with refused(house, StaleCase):
        house.send(request)


def test_a_rung_says_which_when_it_was_due_and_whom_it_told(house: House) -> None:
    stay = house.open()
    house.climb(stay, at=local("2026-12-24 03:00"))
    body = house.bodies(stay)[-1]
    due_at, window = micros(local("2026-12-24 00:00")), micros(local("2026-12-28 07:30"))
    assert (body["kind"], body["party"]) == ("rung_fired", "clock")
    assert body["rung"] == {"deadline": "answer", "since": 1, "rung": "remind", "due_at": due_at}
    assert body["told"] == [["reminder", f"person:{who}", window] for who in ("ann", "arne")]


def test_rungs_missed_by_a_sleeping_clock_fire_late_in_order(house: House) -> None:
    stay = house.open()
    house.clock.at = local("2027-03-01 10:00")
    fired = [house.climb(stay).event for _ in range(3)]
    rungs = [json.loads(event.body)["rung"]["rung"] for event in fired if event]
    assert rungs == ["remind", "escalate_to_head", "hand_over"]
    assert house.case(stay).deadlines[0].next_rung is None


def test_a_missed_deadline_stays_missed_when_answered_late(house: House) -> None:
    stay = house.stay_in("proposed")
    for _ in range(2):
        house.climb(stay, at=local("2026-12-29 10:00"))
    house.take(stay, "approve", by="hedda")
    (row,) = house.rows("deadline")
    assert (row["status"], row["next_rung"], row["acts_at"]) == ("missed", None, None)
    assert row["ended_at"] is not None


def test_work_is_handed_to_the_named_substitute(house: House) -> None:
    stay = house.open()
    house.take(stay, "take", by="arne")
    house.away("arne", substitute="hedda", starts_on=date(2027, 1, 1), ends_on=date(2027, 1, 31))
    for _ in range(3):
        done = house.climb(stay, at=local("2027-01-07 10:00"))
    assert (house.case(stay).assignee, done.event and done.event.kind) == ("hedda", "rung_fired")


def test_work_is_handed_to_who_has_least_to_do_and_then_to_the_lowest_id(house: House) -> None:
    first, second = house.open(), house.open()
    house.clock.at = local("2027-01-07 10:00")
    for stay in (first, second):
        for _ in range(3):
            house.climb(stay)
    assert [house.case(stay).assignee for stay in (first, second)] == ["ann", "arne"]


def test_work_is_not_handed_to_who_is_away_that_day(house: House) -> None:
    house.away("ann", weekdays="3")
    stay = house.open()
    for _ in range(3):
        house.climb(stay, at=local("2027-01-07 10:00"))
    assert house.case(stay).assignee == "arne"


def test_a_recount_moves_deadlines_after_the_calendar_has_changed(house: House) -> None:
    stay = house.open()
    recount = Request(INSTITUTION, Recount(), "clock", case=stay)
    with refused(house, StaleCase):
        house.send(recount)
    house._organisation("closing_day", unit="a", day=date(2026, 12, 23), name="")
    house.send(recount)
    assert (house.case(stay).deadlines[0].due_on, house.kinds(stay)[-1]) == (date(2026, 12, 29), "deadline_changed")


def test_a_units_own_figure_is_counted_with(house: House) -> None:
    house.settings("x.se", stay__answer_days=10)
    house.settings("a", stay__answer_days=1)
    assert house.case(house.open()).deadlines[0].due_on == date(2026, 12, 22)


def test_only_what_is_the_clocks_is_done_by_the_clock(house: House) -> None:
    stay = house.open()
    with refused(house, NotYourTurn):
        house.send(Request(INSTITUTION, Take("propose", {"note": "x"}), "clock", case=stay))


# Actions.


def test_actions_are_every_transition_of_the_state_with_all_reasons(house: House) -> None:
    stay = house.stay_in("proposed")
    house.take(stay, "lock", by="hedda", locked=True)
    with house.store.transaction() as ledger:
        lens = house.cases.lens(ledger, INSTITUTION, stay, None)
        listed = house.cases.actions(lens, lens.cases[stay], "ann")
    found = {each.transition.trigger: [reason.code for reason in each.reasons] for each in listed}
    assert found == {
        "approve": ["four_eyes", "locked"],
        "send_back": ["not_your_role"],
        "lock": ["not_your_role"],
        "withdraw": ["locked"],
    }


def test_an_action_is_possible_exactly_when_the_step_is(house: House) -> None:
    contract = house.contract()
    full, stay = house.stay_in("offered", contract), house.stay_in("waiting", contract)
    for expected in (False, True):
        with house.store.transaction() as ledger:
            lens = house.cases.lens(ledger, INSTITUTION, stay, None)
            listed = house.cases.actions(lens, lens.cases[stay], "olle")
        assert [each.possible for each in listed if each.transition.trigger == "offer"] == [expected]
        if not expected:
            house.take(full, "withdraw")
    assert house.take(stay, "offer", by="olle").case_id == stay
