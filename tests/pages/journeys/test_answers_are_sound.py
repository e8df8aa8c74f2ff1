"""The pages that answer a form, which no address leads to: sound for axe, narrow, and in one language too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.pages.browsing import Opening, axe, no_sideways_scroll, nothing_cut
from tests.pages.serving import Served


def button(page: Page, do: str) -> None:
    """Press the first button in sight that sends this."""
    page.locator(f"main button[value='{do}']:not([aria-hidden])").first.click()


def wrong_fields(page: Page, served: Served) -> None:
    page.goto(served.case_url("under review", "/steps/find_ineligible"))
    button(page, "go")
    page.locator("#errors").wait_for()


def answers_to_check(page: Page, served: Served) -> None:
    page.goto(served.case_url("under review", "/steps/find_ineligible"))
    page.locator("[name='f.failed_requirement']").fill("Matematik 3c")
    page.locator("[name=reason]").fill("Kravet saknas.")
    button(page, "go")
    page.locator("button[value=confirm]").wait_for()


def both_sides(page: Page, served: Served) -> None:
    page.goto(served.case_url("under review", "/steps/ask_for_information"))
    page.locator("[name='f.missing_information']").fill("Betyg")
    served.ask("reviewer", "POST", f"/cases/{served.office.cases['under review']}/comments", {"text": "Hej"})
    button(page, "go")
    page.locator("#since").wait_for()


def a_draft_kept(page: Page, served: Served) -> None:
    page.goto(served.case_url("under review", "/steps/ask_for_information"))
    page.locator("[name='f.missing_information']").fill("Betyg")
    button(page, "save")
    page.locator("button[value=discard]").wait_for()


def many_to_check(page: Page, served: Served) -> None:
    page.goto("/bulk?workflow=eligibility_review&state=requested&trigger=take")
    page.locator("[name=case]").first.check()
    button(page, "go")
    page.locator("button[value=confirm]").wait_for()


def many_done(page: Page, served: Served) -> None:
    many_to_check(page, served)
    button(page, "confirm")
    page.locator("main [role=status]").wait_for()


def reminders_sent(page: Page, served: Served) -> None:
    page.goto("/waiting")
    page.locator("main a[href*='/waiting/chase']").last.click()
    page.locator("main form[action^='/waiting/chase'] button").click()
    page.locator("main [role=status]").wait_for()


def just_done(page: Page, served: Served) -> None:
    page.goto(served.case_url("received", "/steps/take"))
    button(page, "go")
    page.locator("[data-done]").wait_for()


ANSWERS: dict[str, list[Callable[[Page, Served], None]]] = {
    "reviewer": [wrong_fields, answers_to_check, both_sides, a_draft_kept, many_to_check, many_done],
    "stat.second": [just_done],
    "officer": [reminders_sent],
}


@pytest.mark.parametrize(("language", "dark"), [("sv", True), ("en", False)])
def test_the_answers_to_forms_are_sound(served: Served, page_as: Opening, language: str, dark: bool) -> None:
    for who, answers in ANSWERS.items():
        page = page_as(who, language=language, dark=dark)
        for answer in answers:
            page.set_viewport_size({"width": 1280, "height": 900})
            answer(page, served)
            assert page.locator("html").get_attribute("lang") == language
            assert page.locator("h1").count() == 1, answer.__name__
            assert axe(page) == [], answer.__name__
            page.set_viewport_size({"width": 320, "height": 256})
            no_sideways_scroll(page)
            nothing_cut(page)
