"""A review that nobody answers climbs its ladder: over HTTP, under the test clock, by real mail.

Requested Monday 21 December 2026 at ten in Stockholm; 24 and 25 December, the weekends,
31 December and 1 January do not count, the low season is off.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr

from adapters.memory import MemoryChannel
from engine.catalogue import Catalogue
from engine.testclock import TestClock
from service.app import create_app
from service.compose import build
from service.settings import Environment, Settings
from tests.mailserver import MailServer
from tests.service import office as offices
from tests.service.office import ANNA, INSTITUTION, Office

STOCKHOLM = ZoneInfo("Europe/Stockholm")
CAST = {
    "reviewer": ("Rut Granskare", "reviewer", "sv"),
    "head": ("Hanna Head", "head", "en"),
    "officer": ("Olle Handläggare", "officer", "sv"),
    "admissions": ("Adam Antagning", "admissions", "sv"),
    "admin": ("Ada Admin", "admin", "en"),
}
LADDER = [
    ("remind", "2026-12-24 00:00"),
    ("escalate_to_head", "2026-12-29 00:00"),
    ("escalate_to_officer", "2026-12-31 00:00"),
    ("hand_over", "2027-01-06 00:00"),
]


def local(text: str) -> datetime:
    """An instant, written in Stockholm's wall time."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server that keeps what it is given."""
    made = MailServer()
    yield made
    made.stop()


@contextmanager
def open_office(url: str, processes: Catalogue, server: MailServer | None) -> Iterator[Office]:
    """An office at Monday ten o'clock, whose mail goes to the server."""
    settings = Settings(
        database_url=url,
        institution=INSTITUTION,
        environment=Environment.TEST,
        test_clock=True,
        smtp_url=SecretStr(f"smtp://127.0.0.1:{server.port}") if server else None,
    )
    house = build(settings, catalogue=processes, channel=None if server else MemoryChannel())
    app = create_app(house)
    office = Office(house, app, offices.Still())
    with house.directory.change(INSTITUTION, by="installation", what="cast") as change:
        change.unit(INSTITUTION, name_sv="Umeå", name_en="Umeå", mailbox="io@example.org")
        change.unit("STAT", name_sv="Statistik", name_en="Statistics", parent=INSTITUTION)
        for key, (name, role, language) in CAST.items():
            person = change.person(email=f"{key}@example.org", name=name, language=language)
            change.member(person.id, role, "STAT" if role in {"reviewer", "head"} else INSTITUTION)
            office.ids[key] = person.id
    for key, person_id in office.ids.items():
        office.tokens[key] = house.directory.issue_token(INSTITUTION, person_id)
    move(office, "2026-12-21 10:00")
    yield office
    app.state.committer.close()
    house.close()


@pytest.fixture
def office(database_url: str, processes: Catalogue, server: MailServer) -> Iterator[Office]:
    """The office on SQLite, then on PostgreSQL."""
    with open_office(database_url, processes, server) as made:
        yield made


def move(office: Office, to: str) -> dict[str, Any]:
    """Put the clock there, over HTTP."""
    answer = office.ask("admin", "PUT", "/clock", {"now": local(to).isoformat()})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def request_review(office: Office) -> str:
    """Open the review, as admissions does; its id."""
    body = {
        "workflow": "eligibility_review",
        "unit": "STAT",
        "subject": ANNA,
        "facts": {"course": "Statistik A"},
        "links": {},
    }
    answer = office.post("admissions", "/cases", body)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"].rsplit("/", 1)[-1]


def rungs(office: Office, case: str) -> list[tuple[str, datetime]]:
    """The rungs that have fired, with the instant each was due at."""
    events = office.get("officer", f"/cases/{case}/events").json()["items"]
    return [(e["rung"], datetime.fromisoformat(e["due_at"])) for e in events if e["rung"] is not None]


def mails(server: MailServer) -> list[tuple[str, str]]:
    """Who has been written to, and the subject."""
    read = [message_from_bytes(mail, policy=policy.default) for mail in server.mailbox.mails]
    assert all(isinstance(mail, EmailMessage) for mail in read)
    return [(str(mail["To"].addresses[0].addr_spec), str(mail["Subject"])) for mail in read]


def test_each_rung_fires_once_and_in_order_at_its_instant(office: Office) -> None:
    case = request_review(office)

    for hours in range(0, 16 * 24 + 12, 12):
        move(office, (datetime(2026, 12, 21, 10) + timedelta(hours=hours)).isoformat(" "))

    assert rungs(office, case) == [(name, local(at)) for name, at in LADDER]


def test_a_jump_over_all_of_them_fires_each_once_and_in_order(office: Office) -> None:
    case = request_review(office)

    said = move(office, "2027-01-20 12:00")

    assert said["fired"] == len(LADDER)
    assert rungs(office, case) == [(name, local(at)) for name, at in LADDER]
    events = office.get("officer", f"/cases/{case}/events").json()["items"]
    at = [datetime.fromisoformat(e["at"]) for e in events if e["rung"] is not None]
    assert at == [local(when) for _, when in LADDER]


def test_the_deadline_is_missed_when_its_last_day_has_ended(office: Office) -> None:
    case = request_review(office)
    asked = office.get("officer", f"/cases/{case}").json()["deadlines"][0]

    move(office, "2026-12-28 23:59")
    before = office.get("officer", f"/cases/{case}").json()["deadlines"][0]
    move(office, "2026-12-29 00:00")
    after = office.get("officer", f"/cases/{case}").json()["deadlines"][0]

    assert (asked["due_on"], asked["status"]) == ("2026-12-28", "running")
    assert (before["status"], after["status"]) == ("running", "missed")
    assert datetime.fromisoformat(asked["due_at"]) == local("2026-12-29 00:00")


def test_mails_of_rungs_arrive_in_the_next_working_window(office: Office, server: MailServer) -> None:
    request_review(office)
    move(office, "2026-12-21 10:00")
    server.mailbox.mails.clear()

    seen = {}
    for at in ("2026-12-28 07:29", "2026-12-28 07:30", "2026-12-29 07:29", "2026-12-29 07:30"):
        move(office, at)
        seen[at[5:]] = [to for to, _ in mails(server)]

    assert seen == {
        "12-28 07:29": [],
        "12-28 07:30": ["reviewer@example.org"],
        "12-29 07:29": ["reviewer@example.org"],
        "12-29 07:30": ["reviewer@example.org", "head@example.org"],
    }


def test_each_reads_in_their_own_language(office: Office, server: MailServer) -> None:
    request_review(office)

    move(office, "2027-01-20 12:00")

    languages = {}
    for raw in server.mailbox.mails:
        mail = message_from_bytes(raw, policy=policy.default)
        languages[str(mail["To"].addresses[0].addr_spec)] = str(mail["Content-Language"])
    expected = {key: language for key, (_, _, language) in CAST.items() if key != "admin"}
    assert languages == {f"{key}@example.org": language for key, language in expected.items()}


def test_waiting_for_information_moves_the_due_day_by_the_days_it_took(office: Office) -> None:
    case = request_review(office)
    take = {"trigger": "take"}
    office.post("reviewer", f"/cases/{case}/transitions", take, if_match='"1"')
    move(office, "2026-12-22 14:00")
    ask = {"trigger": "ask_for_information", "fields": {"missing_information": "Betygsutdrag"}}
    office.post("reviewer", f"/cases/{case}/transitions", ask, if_match='"2"')
    resting = deadline(office, case, "answer")
    move(office, "2026-12-28 09:00")
    got = {"trigger": "receive_information"}
    office.post("reviewer", f"/cases/{case}/transitions", got, if_match='"3"')

    assert (resting["status"], resting["due_on"], resting["due_at"]) == ("paused", None, None)
    assert deadline(office, case, "answer")["due_on"] == "2026-12-30"


def deadline(office: Office, case: str, name: str) -> dict[str, Any]:
    """One of the case's deadlines."""
    shown = office.get("officer", f"/cases/{case}").json()["deadlines"]
    found: dict[str, Any] = next(d for d in shown if d["name"] == name)
    return found


def test_three_workers_on_one_postgresql_fire_each_rung_once(postgresql_url: str, processes: Catalogue) -> None:
    with open_office(postgresql_url, processes, None) as office:
        cases = [request_review(office) for _ in range(12)]
        TestClock(office.house.store).stand_at(local("2027-01-20 12:00"))

        workers = [threading.Thread(target=office.house.ticker.tick) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        expected = [(name, local(at)) for name, at in LADDER]
        assert [rungs(office, case) for case in cases] == [expected] * len(cases)
