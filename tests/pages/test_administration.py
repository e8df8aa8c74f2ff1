"""Administration and audit: only those who may, every change noted with who made it, nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import httpx
import pytest

from engine.organisation import Organisation
from engine.vocabulary import Role
from tests.journeys.office import INSTITUTION
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.serving import PEOPLE, Served, on_both_databases
from tests.pages.test_signing_in import browser, csrf, enter

ADMIN_PAGES = (
    "/admin", "/admin/people", "/admin/units", "/admin/units/STAT", "/admin/outbox", "/admin/deadlines",
    "/admin/messages", "/admin/clock", "/audit", "/audit/readings", "/audit/organisation",
)  # fmt: skip
FOR_NOBODY_ELSE = [path for path in ADMIN_PAGES if path != "/audit/readings"]


@pytest.fixture
def admin(served: Served) -> Iterator[httpx.Client]:
    with browser(served) as client:
        enter(client, served, "admin")
        yield client


def send(client: httpx.Client, path: str, **fields: str) -> httpx.Response:
    page = client.get("/account").text
    return client.post(path, data={"csrf": csrf(page), **fields})


def organisation(served: Served) -> Organisation:
    return served.house.directory.organisation("umu.se")


def today(served: Served) -> date:
    return organisation(served).calendar("umu.se").local_date(served.house.clock.now())


@on_both_databases
def test_a_role_given_on_the_page_is_held_from_then_on(served: Served, admin: httpx.Client) -> None:
    person = served.person("reviewer")
    answer = send(admin, f"/admin/people/{person}/roles", role="head", unit="HIST", starts_on="", ends_on="")
    assert answer.status_code == 303
    assert organisation(served).holds(person, Role.HEAD, "HIST", today(served))
    change = served.house.directory.changes("umu.se", limit=1)[0]
    assert (change.by, change.what) == (served.person("admin"), "roles")


def test_a_role_ended_today_is_gone_tomorrow(served: Served, admin: httpx.Client) -> None:
    person, day = served.person("reviewer"), today(served)
    send(admin, f"/admin/people/{person}/roles/end", role="reviewer", unit="STAT", ends_on=day.isoformat())
    assert organisation(served).holds(person, Role.REVIEWER, "STAT", day)
    assert not organisation(served).holds(person, Role.REVIEWER, "STAT", date(day.year + 1, 1, 1))


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("roles", {"role": "emperor", "unit": "STAT"}),
        ("roles", {"role": "head", "unit": "NOWHERE"}),
        ("roles", {"role": "head", "unit": "STAT", "starts_on": "4/5-2027"}),
        ("roles", {"role": "head", "unit": "STAT", "starts_on": "2027-05-04", "ends_on": "2027-05-03"}),
        ("mandates", {"kind": "x" * 500, "unit": "STAT"}),
        ("absences", {"starts_on": "", "substitute": ""}),
        ("absences", {"starts_on": "2027-05-04", "substitute": "nobody"}),
        ("card", {"name": "", "language": "sv"}),
        ("card", {"name": "Rut", "language": "tlh"}),
    ],
)
def test_what_cannot_be_is_said_in_words_and_changes_nothing(
    served: Served, admin: httpx.Client, path: str, fields: dict[str, str]
) -> None:
    before = organisation(served).version
    answer = send(admin, f"/admin/people/{served.person('reviewer')}/{path}", **fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert organisation(served).version == before


def test_what_was_typed_is_there_again(served: Served, admin: httpx.Client) -> None:
    answer = send(admin, "/admin/people", name="Siv <b>Ny</b>", email="no address")
    assert answer.status_code == 422
    assert 'value="Siv &lt;b&gt;Ny&lt;/b&gt;"' in answer.text
    assert 'value="no address"' in answer.text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("roles", {"role": "head", "unit": "HIST", "starts_on": "2027-05-04", "ends_on": "2027-05-03"}),
        ("mandates", {"kind": "sign_agreement", "unit": "HIST", "starts_on": "2027-05-04", "ends_on": "2027-05-03"}),
        ("absences", {"starts_on": "2027-05-04", "ends_on": "2027-05-03", "substitute": ""}),
    ],
)
def test_a_form_that_was_refused_is_open_and_an_error_leads_into_it(
    served: Served, admin: httpx.Client, path: str, fields: dict[str, str]
) -> None:
    answer = send(admin, f"/admin/people/{served.person('reviewer')}/{path}", **fields)
    places = re.findall(r'<li><a href="#(f-[\w.]+)">', answer.text)
    (form,) = (part for part in answer.text.split("<details") if f'/{path}" method' in part)
    assert places
    assert form.startswith(" open>")
    assert all(f'id="{place}"' in form for place in places)
    assert answer.text.count('value="2027-05-04"') == 1


def test_an_absence_that_was_refused_keeps_its_weekdays(served: Served, admin: httpx.Client) -> None:
    sent = {"csrf": csrf(admin.get("/account").text), "starts_on": "2027-05-04", "ends_on": "2027-05-03"}
    path = f"/admin/people/{served.person('reviewer')}/absences"
    answer = admin.post(path, data={**sent, "weekdays": ["1", "3"]})
    assert answer.status_code == 422
    assert re.findall(r'name="weekdays" value="(\d)" checked', answer.text) == ["1", "3"]


def test_a_key_may_be_good_to_the_last_day_there_is(served: Served, admin: httpx.Client) -> None:
    path = f"/admin/people/{served.person('reviewer')}"
    made = send(admin, f"{path}/tokens", label="For ever", may="read", expires_on="9999-12-31")
    assert made.status_code == 200
    assert "until 31 December 9999" in admin.get(path).text


def test_a_role_is_told_with_the_name_of_its_unit(served: Served, admin: httpx.Client) -> None:
    unit = organisation(served).units["STAT"]
    shown = admin.get(f"/admin/people/{served.person('stat.reviewer')}").text
    assert f"reviewer, {unit.name_en} <" in shown
    assert f"reviewer ({unit.name_en})" in admin.get("/admin/people").text


def test_a_unit_that_was_refused_keeps_what_was_chosen(served: Served, admin: httpx.Client) -> None:
    settings = {"setting.eligibility_review.four_eyes": "true", "setting.eligibility_review.answer_days": "three"}
    answer = send(admin, "/admin/units/STAT/settings", **settings)
    assert answer.status_code == 422
    assert len(re.findall(r'<option value="true" selected>', answer.text)) == 1
    answer = send(admin, "/admin/units/STAT", name_sv="", name_en="Statistics", parent="HIST")
    assert answer.status_code == 422
    assert '<option value="HIST" selected>' in answer.text


def test_a_person_is_added_and_led_to(served: Served, admin: httpx.Client) -> None:
    answer = send(admin, "/admin/people", name="Siv Ny", email="Siv@example.org", language="en")
    found = served.house.directory.person_by_email("umu.se", "siv@example.org")
    assert found is not None
    assert answer.headers["location"] == f"/admin/people/{found.id}"
    assert "Siv Ny" in admin.get(answer.headers["location"]).text


def test_an_absence_with_its_substitute_stands_on_the_page_and_is_taken_back(
    served: Served, admin: httpx.Client
) -> None:
    person, other = served.person("reviewer"), served.person("head")
    page = f"/admin/people/{person}"
    send(admin, f"{page}/absences", starts_on="2027-07-01", ends_on="2027-07-31", substitute=other)
    assert organisation(served).substitute(person, date(2027, 7, 5)) == other
    assert any(written in admin.get(page).text for written in ("1 juli 2027", "1 July 2027"))
    send(admin, f"{page}/absences/end", starts_on="2027-07-01")
    assert not organisation(served).on_leave(person, date(2027, 7, 5))


def test_an_access_key_is_shown_once_and_revoked_by_a_button(served: Served, admin: httpx.Client) -> None:
    page = f"/admin/people/{served.person('reviewer')}"
    shown = send(admin, f"{page}/tokens", label="nightly export", expires_on="2028-01-01").text
    token = re.search(r"fp_[\w-]{43}", shown)
    assert token
    assert served.house.directory.authenticate(token[0]) is not None
    again = admin.get(page).text
    assert token[0] not in again
    kept = re.findall(r'name="token" value="([0-9a-f]+)"', again)[-1]
    send(admin, f"{page}/tokens/revoke", token=kept)
    assert served.house.directory.authenticate(token[0]) is None


@pytest.mark.parametrize(("may", "reads_only"), [({}, True), ({"may": "read"}, True), ({"may": "write"}, False)])
def test_an_access_key_only_reads_unless_more_is_chosen(
    served: Served, admin: httpx.Client, may: dict[str, str], reads_only: bool
) -> None:
    page = f"/admin/people/{served.person('reviewer')}"
    shown = send(admin, f"{page}/tokens", label="nightly export", expires_on="2028-01-01", **may).text
    token = re.search(r"fp_[\w-]{43}", shown)
    assert token
    caller = served.house.directory.authenticate(token[0])
    assert caller is not None
    assert caller.reads_only is reads_only


def test_a_closing_day_moves_the_deadlines_that_rest_on_it(served: Served, admin: httpx.Client) -> None:
    case = served.office.cases["received"]
    before = served.ask("officer", "GET", f"/cases/{case}").json()["deadlines"][0]["due_on"]
    send(admin, "/admin/units/STAT/closing-days", day=before, name="Flytt")
    after = served.ask("officer", "GET", f"/cases/{case}").json()["deadlines"][0]["due_on"]
    assert after > before
    send(admin, "/admin/units/STAT/closing-days/end", day=before)
    assert served.ask("officer", "GET", f"/cases/{case}").json()["deadlines"][0]["due_on"] == before


@pytest.mark.parametrize(
    ("value", "status"), [("5", 303), ("", 303), ("five", 422), ("-1", 422), ("9" * 30, 422), ("<b>", 422)]
)
def test_a_units_own_figure_is_a_number_or_refused(
    served: Served, admin: httpx.Client, value: str, status: int
) -> None:
    answer = send(admin, "/admin/units/STAT/settings", **{"setting.eligibility_review.answer_days": value})
    assert answer.status_code == status
    settings = organisation(served).settings("STAT")
    assert settings.get("eligibility_review.answer_days") == (5 if value == "5" else None)


def test_a_unit_is_added_below_another_and_found_in_the_list(served: Served, admin: httpx.Client) -> None:
    fields = {"code": "MATH", "name_sv": "Matematik", "name_en": "Mathematics", "parent": "STAT", "mailbox": ""}
    assert send(admin, "/admin/units", **fields).headers["location"] == "/admin/units/MATH"
    assert organisation(served).upwards("MATH") == ("MATH", "STAT", "umu.se")
    assert send(admin, "/admin/units", **fields).status_code == 422


def test_the_clock_moves_forward_and_never_back(served: Served, admin: httpx.Client) -> None:
    assert send(admin, "/admin/clock", day="2027-01-12", time="09:00").status_code == 303
    assert today(served) == date(2027, 1, 12)
    for wrong in ({"day": "2027-01-01"}, {"day": "2030-01-01"}, {"day": "x"}, {"day": "2027-01-13", "time": "25:00"}):
        answer = send(admin, "/admin/clock", **wrong)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text
    assert today(served) == date(2027, 1, 12)


@pytest.mark.parametrize("who", [who for who in PEOPLE if who not in {"admin", "auditor", "officer"}])
def test_nobody_else_sees_the_administration(served: Served, who: str) -> None:
    with browser(served) as client:
        enter(client, served, who)
        assert {path: client.get(path).status_code for path in FOR_NOBODY_ELSE} == dict.fromkeys(FOR_NOBODY_ELSE, 403)


@pytest.mark.parametrize("who", ["officer", "auditor", "reviewer"])
def test_nobody_else_changes_people_or_units(served: Served, who: str) -> None:
    before = organisation(served).version
    me = served.person(who)
    with browser(served) as client:
        enter(client, served, who)
        for path, fields in (
            (f"/admin/people/{me}/roles", {"role": "admin", "unit": "umu.se"}),
            (f"/admin/people/{me}/tokens", {"label": "x", "expires_on": "2028-01-01"}),
            ("/admin/people", {"name": "X Y", "email": "x@example.org"}),
            ("/admin/units/STAT/settings", {}),
            ("/admin/clock", {"day": "2027-02-01"}),
        ):
            assert send(client, path, **fields).status_code == 403
    assert organisation(served).version == before


def test_an_auditor_sees_what_happened_and_goes_to_the_event(served: Served) -> None:
    with browser(served) as client:
        enter(client, served, "auditor")
        page = client.get("/audit", params={"number": served.number("under review")})
        assert page.status_code == 200
        assert f"/cases/{served.number('under review')}/history?at=" in page.text
        assert served.number("decided") not in page.text


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"until": "2027-13-01"},
        {"cursor": "nonsense"},
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_in_words(served: Served, query: dict[str, str]) -> None:
    with browser(served) as client:
        enter(client, served, "auditor")
        answer = client.get("/audit", params=query)
        assert answer.status_code == 422
        assert "<h1>" in answer.text


@pytest.mark.parametrize("query", [{"kind": "x"}, {"workflow": "<script>"}, {"party": "' OR 1"}, {"number": "%"}])
def test_a_filter_that_names_nothing_breaks_nothing(served: Served, query: dict[str, str]) -> None:
    with browser(served) as client:
        enter(client, served, "auditor")
        answer = client.get("/audit", params=query)
        assert answer.status_code == 200
        assert "<script>" not in answer.text


def test_reading_a_case_is_told_to_the_auditor_and_to_no_colleague(served: Served) -> None:
    with browser(served) as reader, browser(served) as auditor, browser(served) as colleague:
        enter(reader, served, "reviewer")
        reader.get(f"/cases/{served.number('under review')}")
        enter(auditor, served, "auditor")
        enter(colleague, served, "head")
        assert served.number("under review") in auditor.get("/audit/readings").text
        assert served.number("under review") not in colleague.get("/audit/readings").text


def test_a_case_read_under_a_role_that_has_ended_is_no_longer_told(served: Served) -> None:
    number, reader = served.number("under review"), served.person("reviewer")
    with browser(served) as client:
        enter(client, served, "reviewer")
        client.get(f"/cases/{number}")
        assert number in client.get("/audit/readings").text
        with served.house.directory.change(INSTITUTION, by="installation", what="roles") as change:
            assert change.leave(reader, "reviewer", "STAT") == 1
        page = client.get("/audit/readings")
        assert ("A case you may no longer read" in page.text, number in page.text) == (True, False)


@pytest.mark.parametrize(("language", "dark"), [("sv", False), ("en", True)])
def test_the_pages_of_the_administration_are_sound(page_as: Opening, served: Served, language: str, dark: bool) -> None:
    page = page_as("admin", language=language, dark=dark, width=320)
    for path in (*ADMIN_PAGES, f"/admin/people/{served.person('reviewer')}"):
        page.goto(path)
        assert page.locator("h1").count() == 1, path
        assert axe(page) == [], path
        no_sideways_scroll(page)


def test_everybody_notes_their_own_absence_with_a_colleague_who_stands_in(served: Served) -> None:
    me, colleague = served.person("reviewer"), served.person("head")
    with browser(served) as client:
        enter(client, served, "reviewer")
        span = {"starts_on": "2027-07-01", "ends_on": "2027-07-31"}
        assert send(client, "/account/absences", **span, substitute=colleague).status_code == 303
        assert organisation(served).substitute(me, date(2027, 7, 5)) == colleague
        assert send(client, "/account/absences/end", starts_on="2027-07-01").status_code == 303
    assert not organisation(served).on_leave(me, date(2027, 7, 5))


def test_nobody_makes_a_stranger_their_substitute(served: Served) -> None:
    with browser(served) as client:
        enter(client, served, "reviewer")
        span = {"starts_on": "2027-07-01", "ends_on": "2027-07-31"}
        answer = send(client, "/account/absences", **span, substitute=served.person("hist.reviewer"))
    assert answer.status_code == 422
    assert 'value="2027-07-01"' in answer.text
    assert not organisation(served).on_leave(served.person("reviewer"), date(2027, 7, 5))
