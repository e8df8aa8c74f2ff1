"""An auditor: finds a case, goes through its history event by event, has it verified, and can change nothing."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.pages.browsing import Opening
from tests.pages.journeys.walking import Walk, events, with_and_without_javascript
from tests.pages.serving import Served

HARMLESS = re.compile(r"/(sign-out|account|views|feeds)\b")
"""What anybody may send: it touches nothing but their own."""


def changing(page: Page) -> list[str]:
    """Where forms of the page that change something are sent to."""
    actions = page.locator("form[method=post]").evaluate_all("them => them.map(form => new URL(form.action).pathname)")
    return [action for action in actions if not HARMLESS.match(action)]


@with_and_without_javascript
def test_a_case_is_found_replayed_and_verified(served: Served, page_as: Opening, javascript: bool) -> None:
    number, last = served.number("decided"), len(events(served, "decided"))
    walk = Walk(page_as("auditor", javascript=javascript)).to("/audit").stands_at("Händelser i alla ärenden")

    walk.write("Ärendenummer", number).press("Visa").follow(f"{number} · 1").reads(f"efter händelse 1 av {last}")
    expect(walk.page.get_by_role("link", name="Föregående")).to_have_count(0)
    for n in range(2, last + 1):
        walk.follow("Nästa ▶").reads(f"efter händelse {n} av {last}")
    walk.reads("Beslutad").follow("◀ Föregående").reads(f"efter händelse {last - 1} av {last}", "Obehörig")
    walk.press("Pröva historiken").reads(f"Ja. {last} händelser stämmer")


def test_the_slider_shows_the_event_it_is_moved_to(served: Served, page_as: Opening) -> None:
    last = len(events(served, "decided"))
    walk = Walk(page_as("auditor")).to(served.case_url("decided", "/history?at=1"))
    slider = walk.page.get_by_role("slider", name="Händelse")
    slider.focus()
    walk.page.keyboard.press("End")
    walk.reads(f"efter händelse {last} av {last}")
    expect(walk.page).to_have_url(re.compile(rf"at={last}$"))


def test_who_read_what_is_told_and_reading_as_an_auditor_is_told_too(served: Served, page_as: Opening) -> None:
    Walk(page_as("reviewer")).to(served.case_url("under review")).reads("Vad kan jag göra nu?")
    walk = Walk(page_as("auditor")).to(served.case_url("decided")).to("/audit").follow("Vem har läst vad")
    walk.reads(served.number("under review"), "Stat.Reviewer", served.number("decided"), "Auditor")


def test_an_auditor_finds_no_way_to_change_anything(served: Served, page_as: Opening) -> None:
    walk = Walk(page_as("auditor"))
    for case in ("under review", "ranked", "draft", "decided"):
        walk.to(served.case_url(case)).reads("Inget i dina roller" if case != "decided" else "Ärendet är avslutat.")
        assert walk.page.locator("#now a.button").count() == 0
        assert changing(walk.page) == [], case
    for path in ("/audit", "/audit/readings", "/audit/organisation", "/processes", "/my-role", "/cases"):
        assert changing(walk.to(path).page) == [], path


def test_what_an_auditor_sends_all_the_same_is_refused(served: Served, page_as: Opening) -> None:
    before = len(events(served, "under review"))
    page = page_as("auditor")
    page.goto("/account")
    csrf = page.locator("[name=csrf]").first.input_value()
    sent: dict[str, str | float | bool] = {
        "csrf": csrf,
        "key": "k",
        "version": "2",
        "do": "confirm",
        "text": "Hej",
        "person": "",
        "reason": "r",
    }
    for rest in ("/steps/release", "/comments", "/assign", "/correct", "/link", "/waiting"):
        answer = page.request.post(served.case_url("under review", rest), form=sent, max_redirects=0)
        assert 400 <= answer.status < 500, (rest, answer.status)
    assert len(events(served, "under review")) == before
