"""A key that is sent again by somebody whose right has ended since, and versions written in more than one way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from engine.batching import Result
from engine.model import Request
from service import bulk
from tests.service.office import INSTITUTION, Office, new_review


def leave(office: Office, who: str, role: str, unit: str) -> None:
    """Let somebody's role end."""
    with office.house.directory.change(INSTITUTION, by="installation", what="roles") as made:
        assert made.leave(office.ids[who], role, unit)


def test_cases_opened_in_bulk_are_told_again_only_to_who_may_still_read_them(office: Office) -> None:
    body, key = {"cases": [new_review(), new_review()]}, {"idempotency_key": "k"}

    def send() -> list[Any]:
        answer = office.post("admissions", "/bulk/cases", body, **key)
        assert answer.status_code == 200, answer.text
        outcomes: list[Any] = answer.json()["outcomes"]
        return outcomes

    first, again = send(), send()
    assert first == again
    leave(office, "admissions", "admissions", INSTITUTION)
    late = send()
    assert [(each["status"], each["event"], each["problem"]["code"]) for each in late] == [
        (404, None, "case_not_found")
    ] * 2
    assert "facts" not in str(late)


@pytest.mark.parametrize("written", ['"01"', '"00000000000000001"', "1", 'W/"1"', '" 1"', '"1", "2"'])
def test_a_version_is_named_as_it_was_given_or_matches_nothing(desk: Office, written: str) -> None:
    """Tags are the same sign by sign (RFC 9110 section 8.8.3.2)."""
    case = desk.review()["id"]
    answer = desk.send(
        "PUT",
        f"/api/v1/cases/{case}/assignee",
        b'{"person": null}',
        {
            "Authorization": f"Bearer {desk.tokens['reviewer']}",
            "Content-Type": "application/json",
            "If-Match": written,
        },
    )
    assert answer.status_code in {412, 428}
    assert desk.get("reviewer", f"/cases/{case}").json()["version"] == 1


def test_a_token_that_is_revoked_takes_no_more_steps_of_a_call_it_began(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    committer = desk.app.state.committer
    plainly = committer.steps

    async def and_then_it_is_revoked(requests: Sequence[Request], *, bounded: bool) -> Sequence[Result]:
        found: Sequence[Result] = await plainly(requests, bounded=bounded)
        desk.house.directory.revoke(INSTITUTION, desk.ids["admissions"])
        return found

    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(committer, "steps", and_then_it_is_revoked)
    outcomes = desk.post("admissions", "/bulk/cases", {"cases": [new_review()] * 3}).json()["outcomes"]
    assert [each["status"] for each in outcomes] == [201, 401, 401]
    assert len(desk.get("officer", "/cases").json()["items"]) == 1
