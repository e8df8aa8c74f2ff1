"""Whom a case waits for, through HTTP."""

from __future__ import annotations

import pytest

from tests.service.office import MONDAY, Office


def test_a_case_says_whom_it_waits_for_for_what_and_until_when(office: Office) -> None:
    case = office.review()

    answer = office.get("coordinator", f"/cases/{case['id']}/waiting")

    assert answer.status_code == 200, answer.text
    (item,) = answer.json()["items"]
    reviewers = sorted([office.ids["reviewer"], office.ids["second"]])
    assert item == {
        "what": "milestone",
        "name": "answer",
        "label": {"sv": "Svar till antagningen", "en": "Answer to admissions"},
        "state": {"sv": "Inkommen för granskning", "en": "Received for review"},
        "whom": {
            "role": "reviewer",
            "people": reviewers,
            "unit": None,
            "partner": None,
            "recipients": [f"person:{person}" for person in reviewers],
        },
        "case": case["id"],
        "number": case["number"],
        "title": case["title"],
        "deadline": {"sv": "Svar till antagningen", "en": "Answer to admissions"},
        "since": MONDAY.isoformat().replace("+00:00", "Z"),
        "due_on": "2027-01-14",
        "overdue": False,
        "chased_at": None,
    }


def test_the_checklist_comes_in_the_order_of_the_process(office: Office) -> None:
    case = office.review()
    marks = office.get("coordinator", f"/cases/{case['id']}/waiting").json()["milestones"]
    assert [(mark["name"], mark["standing"]) for mark in marks] == [("answer", "waiting"), ("decision", "later")]
    assert marks[1]["label"] == {"sv": "Beslut i NyA", "en": "Decision in NyA"}


def test_what_was_asked_of_them_shows(office: Office) -> None:
    case = office.review()
    path = f"/cases/{case['id']}"
    (item,) = office.get("coordinator", f"{path}/waiting").json()["items"]
    office.post("coordinator", f"{path}/comments", {"text": "När?", "to": item["whom"]["recipients"]})
    (item,) = office.get("coordinator", f"{path}/waiting").json()["items"]
    assert item["chased_at"] == MONDAY.isoformat().replace("+00:00", "Z")


def test_a_finished_case_waits_for_nobody(office: Office) -> None:
    case = office.step("officer", office.review(), "withdraw")
    assert office.get("officer", f"/cases/{case['id']}/waiting").json()["items"] == []


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("stranger", 404), ("nobody", 404), ("auditor", 200)])
def test_only_who_may_read_the_case_is_answered(desk: Office, who: str | None, status: int) -> None:
    case = desk.review()
    assert desk.get(who, f"/cases/{case['id']}/waiting").status_code == status


def test_what_is_no_case_is_not_found(desk: Office) -> None:
    assert desk.get("officer", "/cases/nothing/waiting").status_code == 404
