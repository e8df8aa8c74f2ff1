"""A case that would hold too much is a refusal in words, over HTTP: alone, among many, and at its page."""

from __future__ import annotations

from typing import Any

import pytest

from engine import room
from engine.canonical import size_of
from tests.service.office import Office, new_review

LONG = {"registration_number": "å" * 200}


def spare(monkeypatch: pytest.MonkeyPatch, case: dict[str, Any], more: int) -> None:
    """Leave so many bytes of room beyond what a case has."""
    monkeypatch.setattr(room, "ROOM", size_of(case["facts"]) + more)


def test_a_step_that_would_leave_too_much_is_409_with_a_code_and_changes_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = office.review()
    spare(monkeypatch, case, 100)
    before = office.tables()
    body = {"facts": LONG, "reason": "Diarieförd."}

    answer = office.post("officer", f"/cases/{case['id']}/corrections", body, if_match='"1"', accept_language="sv")

    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["current_state"]) == (409, "facts_too_large", "requested")
    assert problem["title"] == "Ärendet rymmer inte mer"
    assert f"Ärendet {case['number']} skulle få för mycket uppgifter" in problem["detail"]
    assert [reason["code"] for reason in problem["reasons"]] == ["facts_too_large"]
    assert office.tables() == before


def test_a_case_of_a_megabyte_is_not_opened(desk: Office) -> None:
    requirements = [{"name": f"Kurs {number}"} for number in range(12_000)]
    answer = desk.post("admissions", "/cases", new_review(facts={"requirements": requirements}))
    assert (answer.status_code, answer.json()["code"]) == (409, "facts_too_large")
    assert "“Requirements” (requirements)" in answer.json()["detail"]


def test_of_many_cases_only_the_one_with_too_much_is_refused(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    light, heavy = desk.review(), desk.review(facts=LONG)
    spare(monkeypatch, light, 60)
    cases = [{"id": each["id"], "version": 1} for each in (heavy, light)]
    body = {"cases": cases, "trigger": "set_answer_by", "fields": {"answer_by": "2027-03-01"}}

    tried = desk.post("admissions", "/bulk/transitions", {**body, "dry_run": True}).json()["outcomes"]
    done = desk.post("admissions", "/bulk/transitions", body).json()["outcomes"]

    told = [[(each["status"], (each["problem"] or {}).get("code")) for each in one] for one in (tried, done)]
    assert told == [[(409, "facts_too_large"), (200, None)]] * 2


def test_what_is_larger_already_can_be_read_and_reduced(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case = desk.review(facts=LONG)
    spare(monkeypatch, case, -300)
    read = desk.get("officer", f"/cases/{case['id']}")
    body = {"facts": {"registration_number": "å" * 90}, "reason": "Kortare."}
    less = desk.post("officer", f"/cases/{case['id']}/corrections", body, if_match='"1"')
    assert (read.status_code, less.status_code) == (200, 200)
    assert desk.get("officer", f"/cases/{case['id']}/verification").json()["ok"]
