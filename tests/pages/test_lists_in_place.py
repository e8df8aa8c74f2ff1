"""What comes instead of a list that was asked for in its place is shown whole; what stays keeps its ways."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from service.limits import Limits
from service.pages import filters_view
from tests.pages.browsing import Opening
from tests.pages.serving import Served
from tests.pages.watching import Watch

NOTICE_ALERTS = """
window.alerts = 0;
new MutationObserver((changes) => { alerts += changes.filter((each) => !each.target.hidden).length; })
    .observe(document.querySelector('[data-away]'), { attributeFilter: ['hidden'] });
"""
REFUSED = "<!doctype html><html lang=sv><title>Fel</title><main><h1>Inte nu</h1></main></html>"


@pytest.fixture
def lists(page_as: Opening) -> Page:
    page = page_as("officer")
    page.goto("/cases")
    return page


def search(page: Page, words: str) -> None:
    page.locator("#filter-q").fill(words)
    page.keyboard.press("Enter")


def noting(page: Page) -> list[str]:
    """What is asked of the list from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/cases?" in request.url else None)
    return asked


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
    lists.get_by_label("Utresande utbyte", exact=True).click()
    expect(lists.locator("h1")).to_have_text("Logga in")


def test_a_search_that_is_refused_says_why(lists: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Limits, "wait", lambda _limits, scope: 30 if b"q=cia" in scope["query_string"] else 0)
    search(lists, "cia")
    expect(lists.locator("h1")).to_have_text("För många gånger på kort tid")


@pytest.mark.parametrize("status", [500, 503])
def test_a_list_that_cannot_be_made_is_not_passed_off_as_the_one_before(lists: Page, status: int, watch: Watch) -> None:
    watch.provokes(f"{status} to GET", f"status of {status}")
    refusing(lists, "**/cases?*", status)
    lists.get_by_label("Utresande utbyte", exact=True).click()
    expect(lists.locator("h1")).to_have_text("Inte nu")


def test_what_was_to_be_counted_later_and_is_refused_keeps_its_link(page_as: Opening) -> None:
    page = page_as("officer")
    refusing(page, "**/dashboards?*", 429)
    page.goto("/dashboards")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("link", name="Räkna ut tiderna")).to_be_visible()
    expect(page).to_have_title(re.compile("Läget"))


def test_a_status_ticked_by_keyboard_keeps_the_focus(lists: Page) -> None:
    lists.get_by_label("Utresande utbyte", exact=True).check()
    statuses = lists.locator("#filter-states input")
    statuses.nth(9).focus()
    lists.keyboard.press("Space")
    expect(lists.locator("#results .chips li")).to_have_count(2)
    expect(statuses.nth(9)).to_be_focused()
    expect(statuses.nth(9)).to_be_checked()


def test_the_other_language_shows_the_list_that_is_shown(lists: Page) -> None:
    lists.get_by_label("Utresande utbyte", exact=True).check()
    expect(lists.locator("#results .chips li")).to_have_count(1)
    lists.get_by_role("link", name="English").click()
    expect(lists.locator("h1")).to_have_text("Cases")
    expect(lists.locator("#results .chips li")).to_have_count(1)


def test_the_people_of_a_unit_are_offered_when_it_is_ticked(lists: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters_view, "MOST_PEOPLE", 14)
    lists.reload()
    expect(lists.locator("#filter-people .hint")).to_be_visible()
    lists.locator(".filters [name=unit]").nth(1).check()
    expect(lists.locator("#filter-assignee option", has_text="Stat.Reviewer")).to_have_count(1)
    expect(lists.locator("#filter-people .hint")).to_have_count(0)


def test_the_tab_and_the_view_that_stand_out_are_those_of_the_list(page_as: Opening) -> None:
    page = page_as("reviewer")
    page.goto("/tasks?assignee=me")
    page.locator("#filter-assignee").select_option(index=0)
    expect(page.locator("#tabs [aria-current]")).to_have_text("Allt som väntar på mig")
    page.locator("#filter-assignee").focus()
    page.locator("#filter-assignee").select_option(value="me")
    expect(page.locator("#tabs [aria-current]")).to_have_text("Tilldelat mig")
    expect(page.locator("#filter-assignee")).to_be_focused()


def test_that_nothing_could_be_fetched_is_said_until_something_is(lists: Page, watch: Watch) -> None:
    watch.provokes("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    lists.route("**/cases?*", lambda route: route.abort("internetdisconnected"))
    lists.get_by_label("Utresande utbyte", exact=True).check()
    said = lists.get_by_role("alert").filter(has_text="Listan kunde inte hämtas")
    expect(said).to_be_visible()
    lists.unroute("**/cases?*")
    lists.get_by_role("button", name="Visa", exact=True).click()
    expect(lists.locator("#results .chips li")).to_have_count(1)
    expect(said).to_have_count(0)


def test_boxes_ticked_quickly_are_no_lost_network(lists: Page) -> None:
    lists.evaluate(NOTICE_ALERTS)
    for box in ("outgoing_exchange", "agreement", "eligibility_review"):
        lists.locator(f"#filter-workflow-{box}").check()
    expect(lists.locator("#results .chips li")).to_have_count(3)
    assert lists.evaluate("alerts") == 0


@pytest.mark.parametrize("path", ["/cases", "/tasks", "/waiting", "/agreements"])
def test_what_came_is_told_in_a_place_that_was_there_before(page_as: Opening, path: str) -> None:
    page = page_as("officer")
    page.goto(path)
    shown = page.locator("#results [data-told], #results .empty").first.text_content()
    assert shown
    page.evaluate("window.place = document.querySelector('#live')")
    page.locator("#filter-q").fill("zzzz")
    page.keyboard.press("Enter")
    expect(page.locator("#results .chips li")).to_have_count(1)
    expect(page.locator("#live")).to_have_text(page.locator("#results .empty").text_content() or "")
    assert page.evaluate("place.isConnected")


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
    asked = noting(lists)
    lists.keyboard.type("011520270")
    lists.locator("#filter-q").focus()
    expect(lists.locator("#results .chips li")).to_have_count(1)
    expect(lists.locator("h1")).to_have_text("Ärenden")
    assert len(asked) == 1  # and not one for each figure


def test_a_day_typed_and_sent_narrows_once(lists: Page) -> None:
    asked = noting(lists)
    lists.locator("#filter-due-before").focus()
    lists.keyboard.type("01152027")
    lists.keyboard.press("Enter")
    expect(lists.locator("#results .chips li")).to_have_count(1)
    lists.locator("#filter-q").focus()
    lists.wait_for_timeout(200)
    assert len(asked) == 1
