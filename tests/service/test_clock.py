"""The test clock through HTTP."""

from __future__ import annotations

import pytest

from tests.service.office import Office


def test_without_a_test_clock_there_is_none(desk: Office) -> None:
    assert desk.get("admin", "/clock").status_code == 404
    assert desk.ask("admin", "PUT", "/clock", {"now": "2027-01-11T09:00:00Z"}).status_code == 404


def test_the_clock_is_set_freely_and_then_only_forward(timed: Office) -> None:
    def put(now: str) -> tuple[int, int | None]:
        answer = timed.ask("admin", "PUT", "/clock", {"now": now})
        return answer.status_code, answer.json().get("fired")

    assert put("2030-05-05T00:00:00+02:00") == (200, 0)
    assert put("2027-01-11T10:00:00+01:00") == (200, 0)
    timed.review()
    assert put("2027-01-11T08:59:59Z") == (422, None)
    assert put("2028-12-11T09:00:00Z") == (422, None)
    assert timed.get("reviewer", "/clock").json() == {"now": "2027-01-11T09:00:00Z"}


def test_what_is_due_on_the_way_happens_at_its_instant(timed: Office) -> None:
    timed.ask("admin", "PUT", "/clock", {"now": "2027-01-11T09:00:00Z"})
    case = timed.review()

    moved = timed.ask("admin", "PUT", "/clock", {"now": "2027-01-29T09:00:00Z"}).json()

    events = timed.get("officer", f"/cases/{case['id']}/events").json()["items"]
    assert moved["now"] == "2027-01-29T09:00:00Z"
    assert moved["fired"] == len(events) - 1 > 2
    assert all(event["at"] == event["due_at"] for event in events[1:])


@pytest.mark.parametrize(
    ("who", "body", "status"),
    [
        (None, {"now": "2027-01-11T09:00:00Z"}, 401),
        ("officer", {"now": "2027-01-11T09:00:00Z"}, 403),
        ("officer", {}, 403),
        ("admin", {}, 422),
        ("admin", {"now": "2027-01-11T09:00:00"}, 422),
        ("admin", {"now": "tomorrow"}, 422),
        ("admin", {"now": 7}, 422),
        ("admin", {"now": "0001-01-01T00:00:00+14:00"}, 422),
    ],
)
def test_a_move_that_is_refused_moves_nothing(timed: Office, who: str | None, body: object, status: int) -> None:
    timed.ask("admin", "PUT", "/clock", {"now": "2027-01-11T09:00:00Z"})
    answer = timed.ask(who, "PUT", "/clock", body)
    assert answer.status_code == status, answer.text
    assert timed.get("admin", "/clock").json() == {"now": "2027-01-11T09:00:00Z"}
