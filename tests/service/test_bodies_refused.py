"""What is refused for its body changes nothing, and takes no place in the line of those who do."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest

from service.sent import LARGEST
from tests.service.office import Office

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def full(desk: Office) -> Office:
    """An office in which nobody else may wait for a thread that changes cases."""
    desk.app.state.committer._longest = 0
    return desk


def sent(office: Office, path: str, kind: str, size: int, headers: Mapping[str, str]) -> httpx.Response:
    return office.send("POST", path, b"x" * size, {"content-type": kind, **headers})


def bearer(office: Office, who: str) -> dict[str, str]:
    return {"authorization": f"Bearer {office.tokens[who]}"}


@pytest.mark.parametrize("path", ["/api/v1/cases", "/api/v1/bulk/cases"])
def test_a_body_that_is_refused_waits_in_no_line_and_a_bad_token_comes_first(full: Office, path: str) -> None:
    for headers in ({}, {"authorization": "Bearer fp_none"}):
        assert sent(full, path, JSON, LARGEST + 1, headers).status_code == 401
        assert sent(full, path, "text/plain", 1, headers).status_code == 401
    mine = bearer(full, "admissions")
    assert sent(full, path, JSON, LARGEST + 1, mine).status_code == 413
    assert sent(full, path, "text/plain", 1, mine).status_code == 415
    assert full.app.state.committer.turned_away == 0
    assert sent(full, path, JSON, LARGEST, mine).json()["code"] == "busy"


def test_a_form_that_is_refused_waits_in_no_line_and_leads_to_the_door_who_is_not_signed_in(full: Office) -> None:
    away = sent(full, "/bulk", FORM, LARGEST + 1, {"referer": "http://office.test/cases"})
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in?next=%2Fcases")
    assert sent(full, "/bulk", JSON, 1, {}).status_code == 303
    assert sent(full, "/sign-in", FORM, LARGEST + 1, {}).status_code == 413
    assert full.app.state.committer.turned_away == 0
    assert sent(full, "/sign-in", FORM, 1, {}).status_code == 503
