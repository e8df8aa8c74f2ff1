"""How the service says how it fares, what it counts, and what it writes into its log."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.store import heartbeat
from service.logging import configure
from tests.service.office import MONDAY, Office


def test_a_live_process_says_so(desk: Office) -> None:
    assert desk.send("GET", "/livez").json() == {"status": "ok"}


def test_a_ready_service_tells_how_far_it_is_behind(office: Office) -> None:
    assert office.send("GET", "/readyz").json() == {
        "ready": True, "database": True, "migrations": True, "read_only": False,
        "last_tick_age": None, "oldest_owed_age": None,
    }  # fmt: skip
    heartbeat.beat(office.house.store, heartbeat.TICK, datetime.now(UTC) - timedelta(minutes=1))
    office.review()
    office.clock.at = MONDAY + timedelta(hours=2)

    ready = office.send("GET", "/readyz").json()

    assert 60 <= ready["last_tick_age"] < 120
    assert ready["oldest_owed_age"] == 7200


def test_a_service_without_its_tables_is_not_ready(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.health.at_head", lambda _: False)
    answer = desk.send("GET", "/readyz")
    assert (answer.status_code, answer.json()["database"], answer.json()["migrations"]) == (503, True, False)


def test_metrics_count_by_route_and_never_by_what_was_sent(desk: Office) -> None:
    case = desk.step("reviewer", desk.review(), "take")
    desk.post("reviewer", f"/cases/{case['id']}/transitions", {"trigger": "secret"}, if_match='"2"')
    desk.get("reviewer", "/nowhere/secret")

    text = desk.send("GET", "/metrics").text

    route = "/api/v1/cases/{case}/transitions"
    assert f'fardplan_requests_total{{method="POST",route="{route}",status="200"}} 1.0' in text
    assert 'fardplan_steps_total{outcome="done",trigger="take",workflow="eligibility_review"} 1.0' in text
    assert 'fardplan_steps_total{outcome="unknown_trigger",trigger="unknown",workflow=""} 1.0' in text
    assert 'fardplan_refusals_total{code="unknown_trigger"} 1.0' in text
    assert 'fardplan_outbox{state="waiting"} 2.0' in text
    assert "secret" not in text
    assert case["id"] not in text


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """The log, written as in production."""
    root = logging.getLogger()
    before, stream = (root.handlers[:], root.level), io.StringIO()
    configure("info", stream)
    yield stream
    root.handlers[:] = before[0]
    root.setLevel(before[1])


def _lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_a_request_leaves_one_line_without_personal_data(written: io.StringIO, desk: Office) -> None:
    case = desk.review(facts={"course": "Hemlig kurs"})
    desk.get("reviewer", f"/cases/{case['id']}?at=1", x_request_id="abc-1")
    desk.get("reviewer", "/cases?q=Öberg")

    told = [line for line in _lines(written) if line["event"] == "request"]

    assert len(told) == 3
    read = told[1]
    assert (read["route"], read["status"], read["case"]) == ("/api/v1/cases/{case}", 200, case["id"])
    assert read["request_id"] == "abc-1"
    assert not any(word in written.getvalue() for word in ("Öberg", "Hemlig", "example.org"))


def test_a_fault_of_ours_is_logged_once_and_answered_without_its_words(
    written: io.StringIO, desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("Åsa Öberg")

    case = desk.review()
    monkeypatch.setattr("service.changing.event_read", fail)
    answer = desk.post("reviewer", f"/cases/{case['id']}/comments", {"text": "x"})

    faults = [line for line in _lines(written) if line["level"] == "error"]
    assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(fault["error"], fault["case"]) for fault in faults] == [("RuntimeError", case["id"])]
    assert "Öberg" not in json.dumps(faults, ensure_ascii=False) + answer.text


def test_what_libraries_log_keeps_the_place_of_an_error_and_not_its_words(written: io.StringIO) -> None:
    try:
        int("Åsa Öberg")
    except ValueError:
        logging.getLogger("library").exception("failed", extra={"outbox": "7"})
    (line,) = _lines(written)
    assert (line["event"], line["outbox"], line["error"]) == ("failed", "7", "ValueError")
    assert "Öberg" not in json.dumps(line, ensure_ascii=False)


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "<script>"])
def test_a_request_id_that_is_none_is_replaced(desk: Office, given: str) -> None:
    answer = desk.send("GET", "/livez", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] not in {"", given}
