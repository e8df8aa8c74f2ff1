"""The ledger's contract, kept alike on both databases: every field there and back, and what is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from engine.model import DeadlineRow, Kind, NewPerson, Owed, Status
from engine.store.ledger import Plan, Reverse
from tests.engine.house import INSTITUTION, House, open_house
from tests.engine.made_by_hand import ODD, a_case, a_decision, a_row, an_event, read, written


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


# Every field, there and back.


def test_a_case_comes_back_as_it_was_written(house: House) -> None:
    case = a_case()
    assert written(house, a_decision(case)) == {"c1": "STA-2026-0001"}
    event = an_event(case)
    assert house.case("c1") == replace(case, number="STA-2026-0001", head=event.hash)
    assert list(house.case("c1").facts) == list(case.facts)


def test_a_changed_case_comes_back_as_it_was_changed(house: House) -> None:
    written(house, a_decision(a_case()))
    changed = a_case(
        version=2, state="away", assignee=None, subject=None, title="t", search="s", facts={}, acts={},
        definition="e" * 64, unit="b", updated_at=9, closed_at=9, number="STA-2026-0001",
    )  # fmt: skip
    decision = a_decision(changed, opened=False)
    assert written(house, decision) == {}
    assert house.case("c1") == decision.cases[0]


def test_an_event_and_its_detail_are_stored_to_the_byte(house: House) -> None:
    event = an_event(
        a_case(), kind=Kind.MOVED, trigger="t", from_state="f", on_behalf_of="student",
        cause_case="c0", cause_sequence=3,
    )  # fmt: skip
    written(house, a_decision(a_case(), events=(event,)))
    (row,) = house.rows("event")
    names = {"case_id": "case"}
    assert row == {name: getattr(event, names.get(name, name)) for name in row}
    (kept,) = house.rows("event_detail")
    assert (bytes(kept["detail"]), bytes(kept["nonce"])) == (event.detail, event.nonce)


@pytest.mark.parametrize(
    "row",
    [
        a_row(),
        a_row(status=Status.PAUSED, ledger=((1, None),), due_on=None, due_at=None, next_rung=None, acts_at=None),
        a_row(status=Status.MISSED, ledger=(), fired=()),
    ],
    ids=["running", "paused", "missed"],
)
def test_a_deadline_comes_back_as_it_was_written(house: House, row: DeadlineRow) -> None:
    written(house, a_decision(a_case(), deadlines=(("c1", row),)))
    assert house.case("c1").deadlines == (row,)


def test_a_deadline_is_written_over_and_one_that_has_ended_is_read_no_more(house: House) -> None:
    written(house, a_decision(a_case(), deadlines=(("c1", a_row()), ("c1", a_row("start")))))
    ended = a_row(status=Status.MET, next_rung=None, acts_at=None, ended_at=4)
    later = a_row("start", due_on=date(2028, 1, 1))
    changed = a_case(version=2)
    written(house, a_decision(changed, opened=False, deadlines=(("c1", ended), ("c1", later))))
    assert house.case("c1").deadlines == (later,)
    assert [row["status"] for row in house.rows("deadline")] == ["met", "running"]


def test_what_is_owed_is_stored_waiting(house: House) -> None:
    owed = Owed("o1", "c1", 1, "mail", "person:ann", "reminder", 2**53 + 9, grouped=True, deadline="answer")
    written(house, a_decision(a_case(), owed=(owed,)))
    (row,) = house.rows("outbox")
    assert row == {
        "institution": INSTITUTION, "id": "o1", "case_id": "c1", "sequence": 1, "channel": "mail",
        "recipient": "person:ann", "template": "reminder", "deadline": "answer", "grouped": True,
        "not_before": 2**53 + 9, "attempts": 0, "next_try": 2**53 + 9, "lease_until": None,
        "state": "waiting", "last_error": None, "created_at": 77, "sent_at": None, "sent_with": None,
    }  # fmt: skip


def test_a_new_person_is_stored_and_found_by_address_and_by_id(house: House) -> None:
    written(house, a_decision(a_case(), person=("p1", NewPerson(ODD, "å@x.se", "sv"))))
    assert house.rows("person") == [
        {"institution": INSTITUTION, "id": "p1", "name": ODD, "email": "å@x.se", "language": "sv", "created_at": 77}
    ]
    assert read(house, email="å@x.se").known == "p1"
    assert [read(house, subject=who).subject_exists for who in ("p1", "p2")] == [True, False]


def test_links_come_back_in_the_order_they_were_made(house: House) -> None:
    ties = (("c1", "b", "c3"), ("c1", "a", "c2"))
    cases = [a_case(f"c{n}") for n in (1, 2, 3)]
    written(house, a_decision(*cases, linked=ties))
    changed = a_case(version=2)
    written(house, a_decision(changed, opened=False, linked=(("c1", "b", "c2"),), unlinked=(("c1", "a", "c2"),)))
    assert house.case("c1").links == (("b", "c3"), ("b", "c2"))
    assert house.case("c1").link("b") == "c2"


# What is read.


def chain_of_links(house: House, count: int) -> None:
    cases = [a_case(f"c{n}") for n in range(count)]
    ties = tuple((f"c{n}", "next", f"c{n + 1}") for n in range(count - 1))
    written(house, a_decision(*cases, linked=ties))


def test_linked_cases_are_read_two_steps_far(house: House) -> None:
    chain_of_links(house, 5)
    assert sorted(read(house, "c0").cases) == ["c0", "c1", "c2"]


def test_links_that_lead_in_a_ring_are_read_once(house: House) -> None:
    ties = (("c0", "next", "c1"), ("c1", "next", "c0"))
    written(house, a_decision(a_case("c0"), a_case("c1"), linked=ties))
    assert sorted(read(house, "c0").cases) == ["c0", "c1"]


@pytest.mark.parametrize(
    ("reverse", "found"),
    [
        (Reverse("stay", "stay", "parent", ()), ["c0", "c1"]),
        (Reverse("stay", "stay", "parent", ("finished",)), ["c0", "c2"]),
        (Reverse("stay", "stay", "other", ()), ["c0"]),
        (Reverse("report", "stay", "parent", ()), ["c0"]),
        (Reverse("stay", "report", "parent", ()), ["c0"]),
        (Reverse("stay", "stay", None, ()), ["c0", "c3"]),
    ],
)
def test_cases_are_found_the_other_way_as_the_plan_says(
    house: House, reverse: Reverse, found: list[str]
) -> None:
    cases = (
        a_case("c0", subject="s0"),
        a_case("c1"),
        a_case("c2", state="finished", closed_at=5),
        a_case("c3", subject="s0"),
    )
    ties = (("c1", "parent", "c0"), ("c2", "parent", "c0"))
    written(house, a_decision(*cases, linked=ties))
    assert sorted(read(house, "c0", reverse=(reverse,)).cases) == found


def test_cases_without_a_subject_are_not_one_anothers(house: House) -> None:
    written(house, a_decision(a_case("c0", subject=None), a_case("c1", subject=None)))
    assert list(read(house, "c0", reverse=(Reverse("stay", "stay", None, ()),)).cases) == ["c0"]


def test_the_workload_counts_open_cases_of_the_workflow_by_assignee(house: House) -> None:
    cases = (
        a_case("c0"), a_case("c1"), a_case("c2", assignee="arne"), a_case("c3", assignee=None),
        a_case("c4", closed_at=1), a_case("c5", workflow="report"),
    )  # fmt: skip
    written(house, a_decision(*cases))
    assert read(house, workload="stay").workload == {"ann": 2, "arne": 1}


def test_nothing_of_another_institution_is_read(house: House) -> None:
    written(house, a_decision(a_case()))
    with house.store.step() as ledger:
        found = ledger.read(Plan("y.se", ("c1",), email="å@x.se", key="k", party="ann", workload="stay"))
    assert (found.organisation_version, found.cases, found.done, found.known, found.workload) == (0, {}, None, None, {})
