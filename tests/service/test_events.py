"""Histories through HTTP: what they show, page by page, and whether they hold."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.service.office import MONDAY, Office


def test_a_history_is_told_oldest_first_in_the_words_of_the_contract(office: Office) -> None:
    case = office.step("reviewer", office.review(), "take")

    opened, taken = office.get("auditor", f"/cases/{case['id']}/events").json()["items"]

    assert list(taken) == [
        "sequence", "kind", "trigger", "from", "to", "party", "on_behalf_of", "role", "at", "deadline", "rung",
        "due_at", "cause", "detail", "hash",
    ]  # fmt: skip
    assert (opened["sequence"], opened["kind"], opened["from"], opened["to"]) == (1, "opened", None, "requested")
    assert opened["detail"]["changes"]["course"] == "Statistik A"
    assert (taken["sequence"], taken["kind"], taken["trigger"]) == (2, "moved", "take")
    assert (taken["party"], taken["role"]) == (office.ids["reviewer"], "reviewer")
    assert taken["at"] == "2027-01-11T09:00:00Z"
    assert len(taken["hash"]) == 64


def test_the_clock_is_named_with_the_rung_and_the_instant_it_was_due(office: Office) -> None:
    case = office.review()
    office.clock.at = MONDAY + timedelta(days=7)
    office.house.ticker.tick()

    rungs = office.get("officer", f"/cases/{case['id']}/events").json()["items"][1:]

    assert {event["party"] for event in rungs} == {"clock"}
    assert {event["deadline"] for event in rungs} == {"answer"}
    assert [event["due_at"] for event in rungs] == sorted(event["due_at"] for event in rungs)
    assert all(event["rung"] and event["due_at"] < event["at"] for event in rungs)


def test_pages_of_a_history_follow_each_other(office: Office) -> None:
    case = office.review()
    for count in range(4):
        office.post("reviewer", f"/cases/{case['id']}/comments", {"text": str(count)})

    seen, path = [], f"/cases/{case['id']}/events?limit=2"
    while path:
        page = office.get("reviewer", path).json()
        seen += [event["sequence"] for event in page["items"]]
        path = f"/cases/{case['id']}/events?limit=2&cursor={page['next_cursor']}" if page["next_cursor"] else ""

    assert seen == [1, 2, 3, 4, 5]


def test_a_true_history_is_verified_and_a_touched_one_found_out(office: Office) -> None:
    case = office.step("reviewer", office.review(), "take")
    path = f"/cases/{case['id']}/verification"
    assert office.get("auditor", path).json() == {"ok": True, "events": 2, "without_detail": 0, "first_wrong": None}

    with office.house.store.writes() as connection:
        connection.execute(sa.text("UPDATE event SET party = 'somebody' WHERE sequence = 2"))

    found = office.get("auditor", path).json()
    assert (found["ok"], found["first_wrong"]["sequence"]) == (False, 2)
    assert "party" in found["first_wrong"]["what"]


@pytest.mark.parametrize("path", ["events", "verification", "events?cursor=x", "events?limit=x"])
@pytest.mark.parametrize(("who", "status"), [(None, 401), ("stranger", 404), ("admin", 404)])
def test_a_history_is_for_those_who_read_the_case(desk: Office, who: str | None, status: int, path: str) -> None:
    case = desk.review()
    assert desk.get(who, f"/cases/{case['id']}/{path}").status_code == status


@pytest.mark.parametrize("query", ["cursor=x", "cursor=WyJhIl0", "cursor=WzFlOTld", "limit=0", "limit=x"])
def test_a_query_that_does_not_fit_is_refused(desk: Office, query: str) -> None:
    case = desk.review()
    assert desk.get("reviewer", f"/cases/{case['id']}/events?{query}").status_code == 422
