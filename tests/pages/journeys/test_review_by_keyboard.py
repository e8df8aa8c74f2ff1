"""An eligibility decision by the keyboard alone: from My tasks to the answer, without a mouse or an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page, expect

from tests.pages.browsing import Opening, counted, tab_to
from tests.pages.journeys.walking import Walk, case_of, happened
from tests.pages.serving import Served


@dataclass(frozen=True)
class Hands:
    """Somebody at a keyboard: Tab to what is wanted, then a key."""

    page: Page

    def enter(self, role: Literal["link", "button"], words: str) -> None:
        """Tab to a link or button, and press Enter."""
        tab_to(self.page, self.page.locator("main").get_by_role(role, name=words))
        self.page.keyboard.press("Enter")

    def choose(self, words: str) -> None:
        """Tab to a group of choices, of which one is then chosen by the arrows."""
        wanted = self.page.get_by_label(words, exact=True)
        group = self.page.locator("fieldset", has=wanted).last
        tab_to(self.page, group.get_by_role("radio"))
        for _ in range(4):
            self.page.keyboard.press("ArrowDown")
            if wanted.is_checked():
                return
        raise AssertionError(f"the arrows never came to {words}")


def test_a_review_is_taken_assessed_and_answered_without_a_mouse(served: Served, page_as: Opening) -> None:
    page = page_as("reviewer")
    walk, hands = Walk(page), Hands(page)
    with counted(page.context) as done:
        walk.to("/tasks").stands_at("Mina uppgifter")

        hands.enter("link", served.number("received"))
        walk.at_case(served, "received", "Inkommen för granskning")
        hands.enter("link", "Ta ärendet")
        walk.stands_at("Ta ärendet")
        hands.enter("button", "Ta ärendet")
        walk.at_case(served, "received", "Under granskning")

        hands.enter("link", "Bedöm förkunskapskraven")
        walk.stands_at("Bedöm förkunskapskraven")
        hands.choose("Motsvarande kunskaper")
        tab_to(page, page.get_by_label("Motsvaras av"))
        page.keyboard.type("Abitur, Mathematik")
        hands.enter("button", "Bedöm förkunskapskraven")
        walk.at_case(served, "received", "Under granskning")

        hands.enter("link", "Bedöm behörig")
        walk.stands_at("Bedöm behörig")
        tab_to(page, page.get_by_label("Motivering"))
        page.keyboard.type("Kravet är uppfyllt.")
        hands.enter("button", "Granska")
        walk.stands_at("Granska innan du bekräftar")
        hands.enter("button", "Jag är inte jävig och bekräftar")
        walk.at_case(served, "received", "Behörig").reads("Klart: du")
        expect(page.get_by_role("status")).to_be_visible()

    assert done.clicks == []
    assert happened(served, "received", since=1) == ["take", "record_assessment", "find_eligible"]
    assert case_of(served, "received")["facts"]["outcome"] == "eligible"
