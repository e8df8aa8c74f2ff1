"""Erasing on the page: tried first, then done by somebody who is sure; and every page bears what is left."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from engine.model import IMPORT_PARTY, ErasureReason
from service.pages import erasure
from tests.pages.browsing import Opening, axe, no_sideways_scroll
from tests.pages.serving import Served
from tests.pages.test_signing_in import browser, csrf, enter

CLOSED = ("withdrawn", "closed", "decided", "given up")
LATER = "2027-01-12"
READING_PAGES = (
    "", "/cases", "/overview", "/dashboards", "/agreements", "/agreements/balance", "/eligibility", "/waiting",
    "/audit", "/cases.csv", "/cases.xlsx",
)  # fmt: skip


@pytest.fixture
def admin(served: Served) -> Iterator[httpx.Client]:
    with browser(served) as client:
        enter(client, served, "admin")
        yield client


def send(client: httpx.Client, path: str, fields: list[tuple[str, str]]) -> httpx.Response:
    token = csrf(client.get("/account").text)
    sent: dict[str, list[str]] = {"csrf": [token]}
    for name, value in fields:
        sent.setdefault(name, []).append(value)
    return client.post(path, data=sent)


def next_day(served: Served) -> None:
    """All that was closed on the first day lies behind."""
    mover = served.house.mover
    assert mover is not None
    mover.move(served.house.clock.now().replace(day=13))


def erase_all_closed(served: Served) -> None:
    erasures = served.house.erasures
    lines = erasures.named("umu.se", [served.office.cases[name] for name in CLOSED])
    results = erasures.erase("umu.se", lines, ErasureReason.RETENTION, by=IMPORT_PARTY)
    assert all(each.after for each in results)


def test_what_is_chosen_is_tried_and_then_erased(served: Served, admin: httpx.Client) -> None:
    next_day(served)
    listed = admin.get(f"/admin/erasure?closed_before={LATER}").text
    found = re.findall(r'name="case" value="([^"]+)"', listed)
    assert {served.office.cases[name] for name in CLOSED} <= set(found)
    case = served.office.cases["withdrawn"]
    tried = send(admin, "/admin/erasure/check", [("case", case), ("why", "retention_over")])
    assert (tried.status_code, served.number("withdrawn") in tried.text) == (200, True)
    unsure = send(admin, "/admin/erasure", [("case", case), ("why", "retention_over")])
    assert (unsure.status_code, "tick that you are sure" in unsure.text) == (422, True)
    done = send(admin, "/admin/erasure", [("case", case), ("why", "retention_over"), ("sure", "yes")])
    assert (done.status_code, done.headers["location"]) == (303, "/admin/erasure?erased=1&left=0")
    events = served.house.history.events("umu.se", case)
    assert (events[-1].body["kind"], events[-1].body["party"]) == ("erased", served.person("admin"))
    assert served.house.replay().case("umu.se", case).ok


def test_the_list_names_no_person(served: Served, admin: httpx.Client) -> None:
    next_day(served)
    page = admin.get(f"/admin/erasure?closed_before={LATER}").text
    assert served.number("withdrawn") in page
    assert "Eva" not in page
    assert "Fia" not in page


def test_an_open_case_is_shown_with_why_not(served: Served, admin: httpx.Client) -> None:
    case = served.office.cases["applied"]
    page = send(admin, "/admin/erasure/check", [("case", case), ("why", "data_subject_request")])
    assert (page.status_code, "The case is not closed" in page.text) == (200, True)
    send(admin, "/admin/erasure", [("case", case), ("why", "data_subject_request"), ("sure", "yes")])
    assert served.house.history.events("umu.se", case)[-1].body["kind"] != "erased"


def test_all_about_a_person_is_found_by_mail_address(served: Served, admin: httpx.Client) -> None:
    event = served.house.history.events("umu.se", served.office.cases["withdrawn"])[0]
    card = served.house.directory.person("umu.se", event.body["subject"])
    assert card is not None
    page = send(admin, "/admin/erasure/check", [("email", str(card.email).upper()), ("why", "data_subject_request")])
    assert served.number("withdrawn") in page.text


@pytest.mark.parametrize(
    "fields",
    [
        [("email", "nobody@example.org"), ("why", "data_subject_request")],
        [("case", "x"), ("why", "because")],
        [("case", str(n)) for n in range(101)],
    ],
)
def test_what_cannot_be_is_said(admin: httpx.Client, fields: list[tuple[str, str]]) -> None:
    answer = send(admin, "/admin/erasure/check", fields)
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


@pytest.mark.parametrize("day", ["2099-01-01", "yesterday", "2027-13-01"])
def test_a_day_that_is_none_or_to_come_is_said(admin: httpx.Client, day: str) -> None:
    answer = admin.get("/admin/erasure", params={"closed_before": day})
    assert (answer.status_code, 'role="alert"' in answer.text) == (422, True)


@pytest.mark.parametrize("who", ["officer", "auditor", "coordinator", "reviewer"])
def test_nobody_but_an_admin_comes_there(served: Served, who: str) -> None:
    with browser(served) as client:
        enter(client, served, who)
        assert client.get("/admin/erasure").status_code == 403
        case = served.office.cases["withdrawn"]
        sent = send(client, "/admin/erasure", [("case", case), ("why", "retention_over"), ("sure", "yes")])
        assert sent.status_code == 403
    assert served.house.history.events("umu.se", case)[-1].body["kind"] != "erased"


@pytest.mark.parametrize("who", ["officer", "auditor"])
def test_every_page_bears_an_erased_case(served: Served, who: str) -> None:
    erase_all_closed(served)
    with browser(served) as client:
        enter(client, served, who)
        for path in READING_PAGES:
            answer = client.get(path or "/", follow_redirects=True)
            assert answer.status_code in {200, 403, 404}, path
        for name in CLOSED:
            number = served.number(name)
            for rest in ("", "/history", "/history?at=2", "/history?at=1"):
                answer = client.get(f"/cases/{number}{rest}", follow_redirects=True)
                assert answer.status_code == 200, (number, rest)
            page = client.get(f"/cases/{number}").text
            assert "have been erased" in page
            assert "No facts yet" not in page


def test_no_step_is_offered_in_an_erased_case(served: Served) -> None:
    erase_all_closed(served)
    with browser(served) as client:
        enter(client, served, "admissions")
        page = client.get(f"/cases/{served.number('decided')}").text
        assert "The details of the case have been erased" in page
        sent = client.get(f"/cases/{served.number('decided')}/steps/reconsider", follow_redirects=True)
        assert sent.status_code in {200, 409}
        assert "The details of the case have been erased" in sent.text


def test_the_pages_can_be_used_by_everybody(page_as: Opening, served: Served) -> None:
    next_day(served)
    page = page_as("admin", language="sv", width=320)
    page.goto(f"/admin/erasure?closed_before={LATER}")
    assert axe(page) == []
    no_sideways_scroll(page)
    with page.expect_navigation():
        page.locator("form[action='/admin/erasure/check'] button").first.click()
    assert "sure" in page.content()
    assert axe(page) == []
    no_sideways_scroll(page)


def test_more_about_a_person_than_are_erased_at_a_time_is_told(
    served: Served, admin: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = served.house.history.events("umu.se", served.office.cases["decided"])[0]
    card = served.house.directory.person("umu.se", event.body["subject"])
    assert card is not None
    about = [("email", str(card.email)), ("why", "data_subject_request")]
    assert "erased at a time" not in send(admin, "/admin/erasure/check", about).text
    monkeypatch.setattr(erasure, "AT_ONCE", 1)
    assert "At most 1 cases are erased at a time" in send(admin, "/admin/erasure/check", about).text


def test_an_unknown_process_is_refused_with_a_word(admin: httpx.Client) -> None:
    answer = admin.get(f"/admin/erasure?closed_before={LATER}&workflow=none")
    assert answer.status_code == 422


def test_the_menu_of_administration_marks_where_one_is(admin: httpx.Client) -> None:
    assert '<a href="/admin/erasure" aria-current="page">' in admin.get("/admin/erasure").text
    assert '<a href="/admin">Overview</a>' in admin.get("/admin/erasure").text
