"""An administrator of a department, at the pages that keep an office running: their own, and nobody else's."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from engine.administration import administers_person, may_administer_person
from engine.store import stuck_rows
from engine.tokens import Caller
from service import rehearsing
from tests.engine.rehearsed import REVIEWS, changed
from tests.service.office import ANNA, INSTITUTION, Office
from tests.service.test_stuck import held_up

OTHER = "other.se"
REHEARSAL = f"/processes/{REVIEWS}/rehearsal"


def historian(office: Office, *roles: str) -> None:
    """Add somebody with these roles in History, and nothing else: `hist`."""
    with office.house.directory.change(INSTITUTION, by="installation", what="roles") as change:
        office.ids["hist"] = change.person(email="hist@example.org", name="Hilda Historiker", language="en").id
        for role in roles:
            change.member(office.ids["hist"], role, "HIST")
    office.tokens["hist"] = office.house.directory.issue_token(INSTITUTION, office.ids["hist"])


def asked(
    office: Office, who: str, path: str, fields: dict[str, str] | None = None, institution: str = INSTITUTION
) -> httpx.Response:
    """Open a page as somebody signed in, or send a form of these fields there."""
    sessions = office.house.sessions
    secret = sessions.begin(Caller(institution, office.ids[who]))
    visitor = sessions.visitor(secret)
    assert visitor is not None
    headers = {"Cookie": f"{office.house.settings.session_cookie}={secret}; fardplan_language=en"}
    headers |= {"Accept": "text/html", "Content-Type": "application/x-www-form-urlencoded"}
    body = None if fields is None else urlencode({"csrf": visitor.csrf, **fields}).encode()
    return office.send("GET" if body is None else "POST", path, body, headers)


# What is stuck.


@pytest.mark.parametrize("role", ["officer", "admin"])
def test_a_stuck_case_of_another_department_is_neither_listed_nor_tried_again(office: Office, role: str) -> None:
    historian(office, role)
    number = held_up(office)["number"]
    before = office.house.ticker.stuck(INSTITUTION)
    assert asked(office, "hist", f"/cases/{number}").status_code == 404
    assert number not in asked(office, "hist", "/admin/stuck").text
    assert asked(office, "hist", "/admin/stuck/again", {"number": number}).status_code == 404
    assert office.house.ticker.stuck(INSTITUTION) == before
    for whole in ("officer", "admin"):
        assert number in asked(office, whole, "/admin/stuck").text


def test_a_rung_is_woken_for_those_alone_who_see_to_its_case(office: Office) -> None:
    historian(office, "officer")
    case, house = held_up(office)["id"], office.house
    for who, woken in (("hist", False), ("reviewer", True)):
        scope = house.queries.scope(INSTITUTION, office.ids[who])
        assert stuck_rows.wake(house.store, INSTITUTION, case, now=1, scope=scope) is woken


# Messages.


def test_the_front_page_counts_the_messages_that_their_list_shows(office: Office) -> None:
    historian(office, "admin")
    office.review()

    def counted(who: str) -> int:
        front = asked(office, who, "/admin").text
        shown = re.search(r'<strong>(\d+)</strong> <a href="/admin/outbox\?state=waiting"', front)
        assert shown
        return int(shown[1])

    for who in ("hist", "admin"):
        assert counted(who) == len(office.get(who, "/outbox?state=waiting").json()["items"])
    assert (counted("hist"), counted("admin") > 0) == (0, True)


# People.


def test_keys_sessions_and_absences_of_somebody_who_works_elsewhere_too_are_not_shown(office: Office) -> None:
    historian(office, "admin")
    officer, house = office.ids["officer"], office.house
    house.directory.issue_token(INSTITUTION, officer, "nightly export")
    with house.directory.change(INSTITUTION, by="installation", what="absences") as change:
        change.absence(officer, starts_on=date(2027, 2, 1), substitute=office.ids["nobody"])
    private = ("nightly export", "Sign out everywhere", "Nils Ingen", "Add an absence", "Create the key")
    asked(office, "officer", "/account")
    seen, whole = (asked(office, who, f"/admin/people/{officer}") for who in ("hist", "admin"))
    assert (seen.status_code, "Olga Officer" in seen.text, "Give the role" in seen.text) == (200, True, True)
    assert [words for words in private if words in seen.text] == []
    assert [words for words in private if words not in whole.text] == []


def test_a_student_of_another_department_is_not_there_for_them(office: Office) -> None:
    historian(office, "admin")
    anna, version = office.review()["subject"], office.house.directory.organisation(INSTITUTION).version
    role = {"role": "reviewer", "unit": "HIST", "starts_on": "", "ends_on": ""}
    for answer in (
        asked(office, "hist", f"/admin/people/{anna}"),
        asked(office, "hist", "/admin/people", {"email": ANNA["email"], "name": "Who", "language": "en"}),
        asked(office, "hist", f"/admin/people/{anna}/roles", role),
    ):
        assert (answer.status_code, ANNA["name"] in answer.text) == (404, False)
        assert anna not in answer.headers.get("location", "")
    assert office.house.directory.organisation(INSTITUTION).version == version
    assert ANNA["name"] in asked(office, "admin", f"/admin/people/{anna}").text


def test_somebody_new_is_given_a_role_by_whoever_added_them(office: Office) -> None:
    historian(office, "admin")
    added = asked(office, "hist", "/admin/people", {"email": "ny@example.org", "name": "Siv Ny", "language": "en"})
    page = added.headers["location"]
    new = asked(office, "hist", page)
    assert (new.status_code, "Give the role" in new.text, "Create the key" in new.text) == (200, True, False)
    role = {"role": "reviewer", "unit": "HIST", "starts_on": "", "ends_on": ""}
    assert asked(office, "hist", f"{page}/roles", role).status_code == 303
    assert "Create the key" in asked(office, "hist", page).text


def test_who_worked_there_alone_can_be_given_a_role_again_and_who_worked_elsewhere_not(desk: Office) -> None:
    historian(desk, "admin")
    yesterday = date(2027, 1, 11) - timedelta(days=1)
    with desk.house.directory.change(INSTITUTION, by="installation", what="roles") as change:
        for who, unit in (("stranger", "HIST"), ("second", "STAT")):
            change.leave(desk.ids[who], "reviewer", unit, ends_on=yesterday)
    assert asked(desk, "hist", f"/admin/people/{desk.ids['stranger']}").status_code == 200
    assert asked(desk, "hist", f"/admin/people/{desk.ids['second']}").status_code == 404


def test_pages_show_as_administered_whom_a_change_lets_one_administer(desk: Office) -> None:
    historian(desk, "admin", "coordinator")
    directory, today = desk.house.directory, date(2027, 1, 11)
    with directory.change(INSTITUTION, by="installation", what="roles") as change:
        change.member(desk.ids["stranger"], "reviewer", "STAT", starts_on=today + timedelta(days=30))
        change.leave(desk.ids["second"], "reviewer", "STAT", ends_on=today - timedelta(days=1))
    organisation = directory.organisation(INSTITUTION)
    with directory.change(INSTITUTION, by="installation", what="roles", dry_run=True) as change:
        for admin in desk.ids.values():
            for person in desk.ids.values():
                shown = may_administer_person(organisation, admin, person, today)
                assert shown == administers_person(change, admin, person)


# Rehearsals.


@pytest.fixture
def tried(desk: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """A case, and a report of a rehearsal over it, kept beside its file."""
    (tmp_path / "next").mkdir()
    monkeypatch.setattr(rehearsing, "FOLDER", tmp_path)
    case = desk.review()
    path = changed(tmp_path / "next", REVIEWS, ('"answer_days", 3', '"answer_days", 4'))
    rehearsing.keep(rehearsing.rehearsal(desk.house).run(path), path)
    return case


def test_a_rehearsal_is_for_an_administrator_of_the_whole_institution(desk: Office, tried: dict[str, Any]) -> None:
    historian(desk, "admin")
    for who, status in (("hist", 404), ("admin", 200)):
        for path in (REHEARSAL, f"{REHEARSAL}.json"):
            answer = asked(desk, who, path)
            assert (answer.status_code, tried["number"] in answer.text) == (status, status == 200)
        assert (REHEARSAL in asked(desk, who, f"/processes/{REVIEWS}").text) is (status == 200)
    assert asked(desk, "hist", REHEARSAL, {"file": f"{REVIEWS}.py"}).status_code == 404


def test_nobody_of_another_university_rehearses_on_this_ones_cases(desk: Office, tried: dict[str, Any]) -> None:
    with desk.house.directory.change(OTHER, by="installation", what="units") as change:
        change.root()
        desk.ids["boss"] = change.person(email="boss@other.example", name="Fia Främmande").id
        change.member(desk.ids["boss"], "admin", OTHER)
    for path in (REHEARSAL, f"{REHEARSAL}.json"):
        answer = asked(desk, "boss", path, institution=OTHER)
        assert (answer.status_code, tried["number"] in answer.text) == (404, False)
    assert asked(desk, "boss", REHEARSAL, {"file": f"{REVIEWS}.py"}, OTHER).status_code == 404
    assert REHEARSAL not in asked(desk, "boss", f"/processes/{REVIEWS}", institution=OTHER).text
