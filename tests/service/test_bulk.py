"""Many cases at once: each its own step, each alone in its failure."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service.office import Office, new_review


def _outcomes(office: Office, path: str, body: dict[str, Any], who: str = "reviewer", **headers: Any) -> list[Any]:
    answer = office.post(who, f"/bulk/{path}", body, **headers)
    assert answer.status_code == 200, answer.text
    outcomes: list[Any] = answer.json()["outcomes"]
    return outcomes


def _statuses(outcomes: list[Any]) -> list[tuple[int, str | None]]:
    return [(each["status"], (each["problem"] or {}).get("code")) for each in outcomes]


def test_each_case_gets_its_own_event_or_its_own_problem(office: Office) -> None:
    fresh, foreign = office.review(), office.review(unit="HIST")
    taken = office.step("reviewer", office.review(), "take")
    cases = [{"id": each["id"], "version": each["version"]} for each in (fresh, taken, foreign)]
    cases += [{"id": fresh["id"], "version": 1}, {"id": "none", "version": 1}, {"id": fresh["id"]}]

    outcomes = _outcomes(office, "transitions", {"cases": cases, "trigger": "take"})

    assert _statuses(outcomes) == [
        (200, None), (409, "transition_not_allowed"), (404, "case_not_found"), (412, "stale_case"),
        (404, "case_not_found"), (428, "version_needed"),
    ]  # fmt: skip
    assert outcomes[0]["event"]["trigger"] == "take"
    assert outcomes[0]["case"] == fresh["id"]
    assert outcomes[1]["problem"]["current_state"] == "under_review"


def test_a_filter_chooses_among_the_cases_one_may_read(office: Office) -> None:
    mine, _ = office.review(), office.review(unit="HIST")
    outcomes = _outcomes(office, "transitions", {"filter": {"state": "requested"}, "trigger": "take"})
    assert [each["case"] for each in outcomes] == [mine["id"]]
    assert office.get("reviewer", f"/cases/{mine['id']}").json()["state"] == "under_review"


def test_a_dry_run_judges_as_the_step_would_and_changes_nothing(office: Office) -> None:
    fresh, taken = office.review(), office.step("reviewer", office.review(), "take")
    body = {"cases": [{"id": each["id"], "version": each["version"]} for each in (fresh, taken)], "trigger": "take"}
    before = office.tables()

    tried = _outcomes(office, "transitions", {**body, "dry_run": True}, idempotency_key="k")
    assert office.tables() == before
    done = _outcomes(office, "transitions", body, idempotency_key="k")

    assert _statuses(tried) == _statuses(done) == [(200, None), (409, "transition_not_allowed")]
    assert tried[0]["event"] is None


def test_a_repeated_bulk_call_repeats_no_step(office: Office) -> None:
    case = office.review()
    body = {"cases": [{"id": case["id"], "version": 1}], "trigger": "take"}
    first = _outcomes(office, "transitions", body, idempotency_key="k")
    again = _outcomes(office, "transitions", body, idempotency_key="k")
    assert again == first
    assert office.get("reviewer", f"/cases/{case['id']}").json()["version"] == 2


def test_many_cases_are_opened_each_on_its_own(office: Office) -> None:
    body = {"cases": [new_review(), new_review(unit="NOWHERE"), new_review(subject={"name": " ", "email": "a@b.se"})]}
    tried = _outcomes(office, "cases", {**body, "dry_run": True}, who="admissions")
    assert office.get("officer", "/cases").json()["items"] == []
    done = _outcomes(office, "cases", body, who="admissions", idempotency_key="k")
    again = _outcomes(office, "cases", body, who="admissions", idempotency_key="k")

    assert _statuses(tried) == _statuses(done) == [(201, None), (422, "bad_fields"), (422, "bad_fields")]
    assert again == [each | {"problem": again[n]["problem"]} for n, each in enumerate(done)]
    assert len(office.get("officer", "/cases").json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"trigger": "take"}, 422),
        ({"trigger": "take", "cases": [], "filter": {}}, 422),
        ({"trigger": "take", "cases": [{"id": "x"}] * 501}, 422),
        ({"trigger": "take", "filter": {"colour": "red"}}, 422),
        ({"cases": []}, 422),
        ({"trigger": "take", "cases": []}, 200),
        ({"trigger": "take", "filter": {"q": "nothing of the kind", "due_before": "2027-01-01"}}, 200),
    ],
)
def test_a_bulk_body_is_read_strictly(desk: Office, body: dict[str, Any], status: int) -> None:
    assert desk.post("reviewer", "/bulk/transitions", body).status_code == status


def test_a_filter_that_finds_too_many_is_refused(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.bulk.MOST", 1)
    desk.review()
    desk.review()
    answer = desk.post("reviewer", "/bulk/transitions", {"filter": {}, "trigger": "take"})
    assert (answer.status_code, answer.json()["reasons"][0]["code"]) == (422, "field:filter")


def test_a_bad_token_comes_before_a_bad_body(desk: Office) -> None:
    assert desk.post(None, "/bulk/transitions", raw="{").status_code == 401
