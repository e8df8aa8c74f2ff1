"""What comes instead of a list that was asked for in its place is shown whole; what stays keeps its ways."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from service.limits import Limits
from tests.pages.browsing import Opening
from tests.pages.serving import Served
from tests.pages.watching import Watch

REFUSED = "<!doctype html><html lang=sv><title>Fel</title><main><h1>Inte nu</h1></main></html>"


@pytest.fixture
def lists(page_as: Opening) -> Page:
    page = page_as("officer")
    page.goto("/cases")
    return page


def search(page: Page, words: str) -> None:
    page.locator("#filter-q").fill(words)
    page.keyboard.press("Enter")


def refusing(page: Page, path: str, status: int) -> None:
    """Answer what is asked for at a path with a refusal."""

    def refuse(route: Route) -> None:
        route.fulfill(status=status, content_type="text/html; charset=utf-8", body=REFUSED)

    page.route(path, refuse)


def test_a_number_typed_among_the_filters_leads_to_its_case(served: Served, lists: Page) -> None:
    search(lists, served.number("received"))
    expect(lists.locator("h1")).to_contain_text(served.number("received"))


def test_a_list_narrowed_after_the_session_ended_leads_to_the_door(lists: Page) -> None:
    lists.context.clear_cookies(name="fardplan")
    lists.get_by_label("Utresande utbyte", exact=True).check()
    expect(lists.locator("h1")).to_have_text("Logga in")


def test_a_search_that_is_refused_says_why(lists: Page, monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    monkeypatch.setattr(Limits, "wait", lambda _limits, scope: 30 if b"q=cia" in scope["query_string"] else 0)
    search(lists, "cia")
    expect(lists.locator("h1")).to_have_text("För många gånger på kort tid")
    watch.faults.clear()


@pytest.mark.parametrize("status", [500, 503])
def test_a_list_that_cannot_be_made_is_not_passed_off_as_the_one_before(lists: Page, status: int, watch: Watch) -> None:
    refusing(lists, "**/cases?*", status)
    lists.get_by_label("Utresande utbyte", exact=True).check()
    expect(lists.locator("h1")).to_have_text("Inte nu")
    watch.faults.clear()


def test_what_was_to_be_counted_later_and_is_refused_keeps_its_link(page_as: Opening, watch: Watch) -> None:
    page = page_as("officer")
    refusing(page, "**/dashboards?*", 429)
    page.goto("/dashboards")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("link", name="Räkna ut tiderna")).to_be_visible()
    expect(page).to_have_title(re.compile("Läget"))
    watch.faults.clear()


def test_a_status_ticked_by_keyboard_keeps_the_focus(lists: Page) -> None:
    lists.get_by_label("Utresande utbyte", exact=True).check()
    statuses = lists.locator("#filter-states input")
    statuses.nth(9).focus()
    lists.keyboard.press("Space")
    expect(lists.locator("#results .chips li")).to_have_count(2)
    expect(statuses.nth(9)).to_be_focused()
    expect(statuses.nth(9)).to_be_checked()


def test_back_shows_the_filters_of_the_list(served: Served, lists: Page) -> None:
    lists.get_by_label("Utresande utbyte", exact=True).check()
    expect(lists.locator("#results .chips li")).to_have_count(1)
    # What is asked for in place from now on is never answered.
    lists.route("**/cases?*", lambda route: route.continue_() if route.request.is_navigation_request() else None)
    lists.locator("#filter-workflow-agreement").check()
    lists.get_by_role("link", name=served.number("ranked")).first.click()
    expect(lists.locator("h1")).to_contain_text(served.number("ranked"))
    lists.go_back()
    expect(lists.locator(".filters input:checked")).to_have_count(1)
    expect(lists.locator("#filter-workflow-outgoing_exchange")).to_be_checked()


def test_a_file_asked_for_after_the_session_ended_is_not_the_door(lists: Page) -> None:
    lists.context.clear_cookies(name="fardplan")
    lists.get_by_role("link", name="CSV").click(no_wait_after=True)
    expect(lists.locator("h1")).to_have_text("Logga in")


def test_the_year_of_a_day_has_four_figures(lists: Page) -> None:
    lists.locator("#filter-due-before").focus()
    lists.keyboard.type("011520270")
    expect(lists.locator("#results .chips li")).to_have_count(1)
    expect(lists.locator("h1")).to_have_text("Ärenden")
