"""Deadlines and messages owed, through HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.service.office import MONDAY, Office

GONE = "01900000-0000-7000-8000-000000000000"


def test_deadlines_come_soonest_first_with_their_case(office: Office) -> None:
    first = office.review()
    office.clock.at = MONDAY + timedelta(days=1)
    second = office.step("reviewer", office.review(), "take")

    one, other = office.get("reviewer", "/deadlines").json()["items"]

    assert (one["case"], other["case"]) == (first["id"], second["id"])
    assert (one["name"], one["status"], one["due_on"]) == ("answer", "running", "2027-01-14")
    assert (one["number"], one["workflow"], one["unit"], one["assignee"]) == (
        first["number"], "eligibility_review", "STAT", None,
    )  # fmt: skip
    assert set(one["label"]) == {"sv", "en"}


def test_deadlines_are_narrowed_and_paged(office: Office) -> None:
    late = office.review()
    office.clock.at = MONDAY + timedelta(days=7)
    office.house.ticker.tick()
    soon = office.step("reviewer", office.review(unit="STAT"), "take")
    done = office.step("reviewer", soon, "find_eligible", fields={"no_conflict_of_interest": True})

    def found(query: str) -> list[str]:
        return [each["case"] for each in office.get("officer", f"/deadlines?{query}").json()["items"]]

    assert found("overdue=true") == found("status=missed") == found("due_before=2027-01-14") == [late["id"]]
    assert found("unit=HIST") == found("workflow=agreement") == []
    assert found("status=met") == [done["id"]]
    page = office.get("officer", "/deadlines?limit=1").json()
    rest = office.get("officer", f"/deadlines?cursor={page['next_cursor']}").json()
    assert [each["case"] for each in page["items"] + rest["items"]] == found("")


@pytest.mark.parametrize(("who", "shown"), [("reviewer", 1), ("stranger", 0), ("admin", 0), ("auditor", 1)])
def test_deadlines_are_those_of_cases_one_may_read(desk: Office, who: str, shown: int) -> None:
    desk.review()
    assert len(desk.get(who, "/deadlines").json()["items"]) == shown


def test_messages_are_listed_without_their_words(office: Office) -> None:
    case = office.review()

    items = office.get("officer", "/outbox").json()["items"]

    assert {item["case"] for item in items} == {case["id"]}
    assert {item["recipient"] for item in items} == {
        f"person:{office.ids['reviewer']}", f"person:{office.ids['second']}",
    }  # fmt: skip
    assert {item["state"] for item in items} == {"waiting"}
    assert "text" not in items[0]
    assert office.get("officer", "/outbox?state=sent").json()["items"] == []
    assert len(office.get("officer", "/outbox?limit=1").json()["items"]) == 1
    assert office.get("admin", "/outbox").json()["items"] == items


def test_a_dead_letter_is_sent_again_and_asking_twice_does_no_harm(office: Office) -> None:
    office.review()
    channel = office.house.outbox.channel
    channel.fail_next(2, permanent=True)  # type: ignore[attr-defined]  # the memory channel of the tests
    office.house.outbox.deliver()
    (letter, _) = office.get("officer", "/outbox?state=dead").json()["items"]

    for _ in range(2):
        again = office.post("officer", f"/outbox/{letter['id']}/retry")
        assert (again.status_code, again.json()["state"]) == (200, "waiting")
    office.house.outbox.deliver()

    assert [item["id"] for item in office.get("officer", "/outbox?state=sent").json()["items"]] == [letter["id"]]


@pytest.mark.parametrize(
    ("who", "owed", "status"),
    [(None, GONE, 401), ("reviewer", GONE, 403), ("auditor", GONE, 403), ("officer", GONE, 404), ("admin", "%00", 404)],
)
def test_the_outbox_is_for_officers_and_admins(desk: Office, who: str | None, owed: str, status: int) -> None:
    assert desk.post(who, f"/outbox/{owed}/retry").status_code == status
    assert desk.get(who, "/outbox").status_code == (200 if status == 404 else status)
