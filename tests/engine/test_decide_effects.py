"""What a step writes: one event a case, its detail, and the cases that hang on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest

from engine.canonical import GENESIS, chain, commitment, micros
from engine.errors import BadFields, GuardRefused, TransitionNotAllowed
from engine.model import Comment, Correct, Tie
from tests.engine.house import INSTITUTION, MONDAY, House, held_by, open_house, refused


@pytest.fixture
def house(sqlite_url: str) -> Iterator[House]:
    with open_house(sqlite_url) as made:
        yield made


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
