"""Read only: everything can be read, no change is taken, clock and mail rest, and each answer says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory import MemoryChannel
from engine.catalogue import Catalogue
from engine.store import restore_rows
from engine.tokens import Caller
from service.app import create_app
from service.compose import build
from service.scheduler import Ticks
from tests.service.office import INSTITUTION, MONDAY, Office, new_review


@pytest.fixture
def reading(office: Office, processes: Catalogue) -> Iterator[Office]:
    """A second service over the office's database, which only reads."""
    settings = office.house.settings.model_copy(update={"read_only": True})
    with closing(build(settings, catalogue=processes, clock=office.clock, channel=MemoryChannel())) as house:
        app = create_app(house)
        yield Office(house, app, office.clock, office.tokens, office.ids)
        app.state.committer.close()


def changes(case: dict[str, Any]) -> list[tuple[str, str, str, Any, dict[str, Any]]]:
    """Something of every kind that changes: who, how, where, with what."""
    path, at = f"/cases/{case['id']}", {"if_match": f'"{case["version"]}"'}
    return [
        ("admissions", "POST", "/cases", new_review(), {}),
        ("reviewer", "POST", f"{path}/transitions", {"trigger": "take"}, at),
        ("reviewer", "POST", f"{path}/comments", {"text": "seen"}, {}),
        ("reviewer", "PUT", f"{path}/assignee", {"person": None}, at),
        ("admissions", "POST", f"{path}/corrections", {"facts": {"course": "B"}, "reason": "x"}, at),
    ]


def test_every_change_is_answered_503_in_words_and_nothing_changes(office: Office, reading: Office) -> None:
    case = office.review()
    before = office.tables()
    for who, method, path, body, headers in changes(case):
        answer = reading.ask(who, method, path, body, accept_language="sv", **headers)
        problem = answer.json()
        assert (answer.status_code, problem["code"], answer.headers["retry-after"]) == (503, "read_only", "60")
        assert problem["detail"].startswith("Allt går att läsa")
    assert office.tables() == before


def test_everything_can_be_read_and_who_reads_is_noted(office: Office, reading: Office) -> None:
    case = office.review()
    assert reading.get("reviewer", f"/cases/{case['id']}").json()["number"] == case["number"]
    assert len(reading.get("reviewer", "/cases").json()["items"]) == 1
    with office.house.store.reads() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM case_reading").scalar() == 1


def test_a_page_that_would_change_something_says_so_in_words(office: Office, reading: Office) -> None:
    case = office.review()
    secret = reading.house.sessions.begin(Caller(INSTITUTION, office.ids["reviewer"]))
    held = f"{reading.house.settings.session_cookie}={secret}"
    cookie = {"cookie": held, "accept": "text/html", "accept-language": "en"}
    page = reading.send("GET", f"/cases/{case['number']}", headers=cookie)
    assert (page.status_code, "Statistik A" in page.text) == (200, True)
    csrf = page.text.partition('name="csrf" value="')[2].partition('"')[0]
    sent = {**cookie, "content-type": "application/x-www-form-urlencoded"}
    answer = reading.send("POST", f"/cases/{case['number']}/comments", f"csrf={csrf}&text=seen".encode(), sent)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "Everything can be read and nothing changed for a while" in answer.text


def test_readiness_says_that_it_only_reads(office: Office, reading: Office) -> None:
    for service, only_reads in ((office, False), (reading, True)):
        answer = service.send("GET", "/readyz")
        assert (answer.status_code, answer.json()["ready"], answer.json()["read_only"]) == (200, True, only_reads)


def test_clock_and_mail_rest_and_all_is_made_good_afterwards(office: Office, reading: Office) -> None:
    office.step("reviewer", office.review(), "take")
    office.clock.at = MONDAY + timedelta(days=60)
    ticks = Ticks(reading.house)
    before = office.tables()
    assert [ticks.deadlines(), ticks.outbox(), ticks.seals(), ticks.tidy()] == [0, 0, 0, 0]
    assert office.tables() == before
    afterwards = Ticks(office.house)
    assert afterwards.deadlines() > 0
    assert afterwards.outbox() > 0


def test_while_a_restore_is_under_way_every_service_only_reads(office: Office, processes: Catalogue) -> None:
    office.review()
    for name, at in ((restore_rows.FROM, 1), (restore_rows.BEGUN, 2)):
        restore_rows.note(office.house.store, name, at)
    # A service that starts meanwhile, as they all do: a restore is put into a database nobody works with.
    with closing(build(office.house.settings, catalogue=processes, clock=office.clock)) as house:
        app = create_app(house)
        started = Office(house, app, office.clock, office.tokens, office.ids)
        answer = started.post("admissions", "/cases", new_review())
        assert (answer.status_code, answer.json()["code"]) == (503, "read_only")
        assert started.send("GET", "/readyz").json()["read_only"]
        assert Ticks(house).deadlines() == 0
        with closing(build(office.house.settings, catalogue=processes, restoring=True)) as finishing:
            restore_rows.note(finishing.store, restore_rows.DONE, 3)
        assert started.post("admissions", "/cases", new_review()).status_code == 201
        app.state.committer.close()


def test_a_service_that_meets_a_case_of_a_newer_process_answers_503_and_leaves_it_alone(desk: Office) -> None:
    case, other = desk.review(), desk.review()
    with desk.house.store.writes() as connection:
        connection.exec_driver_sql(f"UPDATE case_record SET definition = 'of a newer file' WHERE id = '{case['id']}'")
    desk.clock.at = MONDAY + timedelta(days=60)
    before = desk.tables()
    asked = [("reviewer", "GET", f"/cases/{case['id']}", None, {}), *changes(case)[1:]]
    for who, method, path, body, headers in asked:
        answer = desk.ask(who, method, path, body, accept_language="sv", **headers)
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "not_ready", "60")
        assert "inte är känd här" in answer.json()["detail"]
    assert desk.tables() == before
    # The clock goes on with the others, and tries this one again later: by then it may be a newer worker.
    assert Ticks(desk.house).deadlines() > 0
    assert [line.number for line in desk.house.ticker.stuck(INSTITUTION)] == [case["number"]]
    assert desk.get("reviewer", f"/cases/{other['id']}").json()["version"] > other["version"]


def test_a_service_that_meets_another_schema_answers_503_and_writes_nothing(desk: Office) -> None:
    case = desk.review()
    with desk.house.store.writes() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    before = desk.tables()
    for who, method, path, body, headers in changes(case):
        answer = desk.ask(who, method, path, body, accept_language="sv", **headers)
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "not_ready", "60")
    assert desk.send("GET", "/readyz").json()["migrations"] is False
    assert desk.tables() == before
