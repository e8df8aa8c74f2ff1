"""Every page for somebody who may see it: sound for axe, at 320 px and at 400 %, in both languages and both themes.

A window of 1280 × 1024 at 400 % is one of 320 × 256 CSS pixels (WCAG 1.4.10).
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, ViewportSize

from tests.pages.browsing import Opening, axe, no_sideways_scroll, nothing_cut
from tests.pages.journeys.every_page import ELSEWHERE, EVERY, NO_PAGES, Look, every_route
from tests.pages.serving import Served

WIDE = ViewportSize(width=1280, height=1024)
NARROW = ViewportSize(width=320, height=640)
AT_400_PER_CENT = ViewportSize(width=320, height=256)
COVERED = """
() => [...document.querySelectorAll('body *')]
    .filter(e => ['fixed', 'sticky'].includes(getComputedStyle(e).position) && e.checkVisibility())
    .reduce((most, e) => Math.max(most, e.getBoundingClientRect().height), 0)
"""
"""How many pixels of the window whatever stays in place takes from the rest."""


def test_no_page_is_forgotten() -> None:
    assert {look.route for look in EVERY} | NO_PAGES | ELSEWHERE == every_route()


def seen_by(who: str | None) -> list[Look]:
    return [look for look in EVERY if look.who == who]


def must_be_sound(page: Page, *, dark: bool) -> None:
    """As axe sees it, in the light and then in the dark, which changes nothing but colours."""
    assert page.locator("h1").count() == 1, page.url
    assert axe(page) == [], page.url
    if dark:
        page.emulate_media(color_scheme="dark")
        assert axe(page, rule="color-contrast") == [], f"{page.url} in the dark"
        page.emulate_media(color_scheme="light")


def must_fit(page: Page) -> None:
    """Into a narrow window and into one magnified to 400 %, whose height is small too."""
    page.set_viewport_size(AT_400_PER_CENT)
    no_sideways_scroll(page)
    nothing_cut(page)
    assert page.evaluate(COVERED) <= AT_400_PER_CENT["height"] / 3, page.url


@pytest.mark.parametrize(("language", "size"), [("sv", WIDE), ("en", NARROW)], ids=["sv", "en"])
@pytest.mark.parametrize("who", sorted({look.who for look in EVERY}, key=str), ids=str)
def test_the_pages_of_somebody_are_sound(
    served: Served, page_as: Opening, who: str | None, language: str, size: ViewportSize
) -> None:
    page = page_as(who, language=language)
    for look in seen_by(who):
        page.set_viewport_size(size)
        answer = page.goto(look.filled(served))
        assert answer is not None
        assert answer.status == 200, page.url
        must_be_sound(page, dark=language == "sv")
        must_fit(page)
