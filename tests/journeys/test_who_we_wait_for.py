"""Who are we waiting for? Asked of one exchange all the way, of a nomination under review, and of an agreement.

Every day is Stockholm's.
"""

from __future__ import annotations

from typing import Any

from engine.queries import Queries
from engine.store.narrowing import CaseFilter
from tests.journeys import agreements, exchanges
from tests.journeys.office import HIST, INSTITUTION, STAT, Office, student


def waits(office: Office, case: str, who: str = "officer") -> dict[str, Any]:
    answer = office.get(who, f"/cases/{case}/waiting")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def awaited(office: Office, case: str, who: str = "officer") -> list[tuple[str, str, str | None]]:
    """What it waits for, from which role, until when."""
    return [(item["name"], item["whom"]["role"], item["due_on"]) for item in waits(office, case, who)["items"]]


def done(office: Office, case: str) -> list[str]:
    return [mark["name"] for mark in waits(office, case)["milestones"] if mark["standing"] == "done"]


def test_an_exchange_says_all_the_way_who_has_the_next_word(office: Office) -> None:
    agreement = agreements.in_force(office)
    case = exchanges.applies(office, agreement)
    assert awaited(office, case) == [("eligibility", "coordinator", "2027-02-15")]
    office.move("2027-02-01 13:00")
    exchanges.ranked(office, case)
    office.do("stat.coordinator", case, "offer")
    assert awaited(office, case) == [("answer", "student", "2027-02-08")]
    office.do("stat.coordinator", case, "accept_place", on_behalf_of="student")
    assert awaited(office, case) == [("nomination", "coordinator", "2027-04-15")]
    office.do("stat.coordinator", case, "nominate")
    assert awaited(office, case) == [("host_answer", "partner", "2027-02-22")]
    assert done(office, case) == ["agreement", "eligibility", "answer", "nomination"]
    before_departure(office, case)
    after_departure(office, case)
    office.verify(case)


def before_departure(office: Office, case: str) -> None:
    """Learning agreement, Ladok and insurance, each until it is there."""
    exchanges.accepted_by_host(office, case)
    assert awaited(office, case) == [
        ("learning_agreement", "coordinator", "2027-08-23"),
        ("ladok", "coordinator", "2027-08-16"),
    ]
    exchanges.ready(office, case)
    # All papers are there; the host's word that the student has come is the state's own.
    assert awaited(office, case) == [("ready", "coordinator", "2027-08-23")]
    office.move("2027-08-24 10:00")
    office.do("stat.coordinator", case, "depart", {"began_on": "2027-08-23"})
    assert awaited(office, case) == [("abroad", "coordinator", "2028-01-23")]


def after_departure(office: Office, case: str) -> None:
    """The partner's transcript, the recogniser's decision, the student's report."""
    office.move("2028-01-20 10:00")
    office.do("stat.coordinator", case, "confirm_return", {"ended_on": "2028-01-15"})
    # Until the transcript is there the partner is waited for, and the coordinator to enter it.
    assert ("transcript", "partner", "2028-02-18") in awaited(office, case)
    exchanges.recognised(office, case)
    assert awaited(office, case) == [("report", "student", "2028-02-19")]
    exchanges.reported(office, case)
    assert awaited(office, case) == []
    assert len(done(office, case)) == len(waits(office, case)["milestones"])


def test_a_borrowed_place_waits_for_the_owners_coordinator(office: Office) -> None:
    agreement = agreements.in_force(office)
    case = exchanges.applies(office, agreement, home=HIST)
    exchanges.ranked(office, case, home=HIST)
    office.do("stat.coordinator", case, "offer")
    office.do("hist.coordinator", case, "accept_place", on_behalf_of="student")

    (item,) = waits(office, case, "hist.coordinator")["items"]

    assert item["whom"]["people"] == [office.ids["stat.coordinator"]]


def test_the_partner_is_chased_in_its_language_by_a_recorded_step(office: Office) -> None:
    agreement = agreements.in_force(office)
    case = exchanges.applies(office, agreement)
    exchanges.ranked(office, case)
    exchanges.nominated(office, case)
    office.let_things_happen()
    office.mails()
    (item,) = waits(office, case)["items"]
    chaser = office.house.queries.chaser(
        INSTITUTION, office.ids["stat.coordinator"], case, item["whom"]["recipients"][0]
    )
    assert chaser is not None
    assert (chaser.recipient, chaser.language) == (f"partner:{office.partner}", "en")

    body = {"text": chaser.text, "to": [chaser.recipient]}
    answer = office.post("stat.coordinator", f"/cases/{case}/comments", body)
    office.let_things_happen()

    assert (answer.status_code, office.last(case)["kind"]) == (200, "commented")
    assert office.mails() == ["partner: OUT-2027-0001: Stat.Coordinator has written to you"]
    assert waits(office, case)["items"][0]["chased_at"] is not None
    office.verify(case)


def test_a_nomination_waits_for_each_review_that_is_not_answered(office: Office) -> None:
    agreement = agreements.in_force(office)
    stay = {"stay_from": "2027-08-30", "stay_to": "2028-01-16", "level": "bachelor", "semesters": 1}
    case = office.open(
        "stat.coordinator", "incoming_nomination", STAT, stay, subject=student("Ines"), agreement=agreement
    )
    office.do("stat.coordinator", case, "accept_nomination")
    courses = [{"course": "Statistik A", "ects": 15, "unit": STAT}, {"course": "Historia A", "ects": 15, "unit": HIST}]
    office.do("stat.coordinator", case, "submit_application", {"courses": courses}, on_behalf_of="student")
    office.do("stat.coordinator", case, "start_review")

    items = waits(office, case, "stat.coordinator")["items"]

    asked = {item["title"]: item["whom"]["role"] for item in items if item["name"] == "eligibility"}
    assert asked == {"Statistik A, HT 2027": "reviewer", "Historia A, HT 2027": "reviewer"}
    assert [item["name"] for item in items if item["whom"]["role"] == "admissions"] == ["admission"]
    review = next(item["case"] for item in items if item["title"] == "Historia A, HT 2027")
    assert [(item["name"], item["number"]) for item in waits(office, review, "hist.reviewer")["items"]] == [
        ("answer", office.read(review)["number"]),
        ("parent", None),
    ]


def test_all_of_mine_stand_in_one_list(office: Office) -> None:
    agreement = agreements.in_force(office)
    cases = [exchanges.applies(office, agreement, name=name) for name in ("Anna", "Bo")]
    queries: Queries = office.house.queries
    narrowed = CaseFilter(workflow=("outgoing_exchange",), unit=(STAT,))

    page = queries.list_waits(INSTITUTION, office.ids["stat.coordinator"], narrowed=narrowed)

    assert sorted(each.case.id for each in page.items) == sorted(cases)
    assert {item.name for each in page.items for item in each.items} == {"eligibility"}
