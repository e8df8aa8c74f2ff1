"""Two people have one case open: the second to send sees both sides, loses nothing, and can send again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from service.pages import live
from tests.pages.browsing import Opening
from tests.pages.journeys.walking import Walk, case_of, happened, with_and_without_javascript
from tests.pages.serving import Served

MISSING = "Betygsutdrag på svenska eller engelska\nsamt kursplan <b>"


@with_and_without_javascript
def test_the_second_gets_the_difference_keeps_what_was_typed_and_sends_again(
    served: Served, page_as: Opening, javascript: bool
) -> None:
    slow = Walk(page_as("reviewer", javascript=javascript)).to(
        served.case_url("under review", "/steps/ask_for_information")
    )
    slow.write("Vad som saknas", MISSING)

    quick = Walk(page_as("stat.second", javascript=javascript)).to(served.case_url("under review"))
    quick.follow("Bedöm förkunskapskraven")
    quick.tick("Uppfyllt").press("Bedöm förkunskapskraven").at_case(served, "under review", "Under granskning")

    slow.press("Begär komplettering").reads("Ärendet har ändrats medan du skrev", "Stat.Second", "Uppfyllt")
    expect(slow.page.get_by_label("Vad som saknas")).to_have_value(MISSING)
    slow.press("Begär komplettering").at_case(served, "under review", "Väntar på komplettering")

    assert happened(served, "under review", since=2) == ["record_assessment", "ask_for_information"]
    assert case_of(served, "under review")["facts"]["missing_information"] == MISSING


@with_and_without_javascript
def test_a_step_that_is_no_longer_there_keeps_what_was_typed_in_sight(
    served: Served, page_as: Opening, javascript: bool
) -> None:
    slow = Walk(page_as("reviewer", javascript=javascript)).to(
        served.case_url("under review", "/steps/find_ineligible")
    )
    slow.write("Krav som inte är uppfyllt", "Matematik 3c").write("Motivering", "Skäl att minnas.")

    quick = Walk(page_as("stat.second", javascript=javascript)).to(served.case_url("under review"))
    quick.follow("Begär komplettering").write("Vad som saknas", "Betyg").press("Begär komplettering")
    quick.at_case(served, "under review", "Väntar på komplettering")

    slow.press("Granska").reads("Skäl att minnas.", "Matematik 3c", "Väntar på komplettering", "Stat.Second")
    assert happened(served, "under review", since=2) == ["ask_for_information"]


def test_each_sees_that_the_other_has_the_case_open_and_that_it_has_moved_on(
    served: Served, page_as: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "ASKED_EVERY", 0.1)
    first = Walk(page_as("reviewer")).to(served.case_url("received"))
    second = Walk(page_as("stat.second", language="en")).to(served.case_url("received"))
    expect(first.page.locator("#live-case")).to_contain_text("Stat.Second har också ärendet öppet.")
    expect(second.page.locator("#live-case")).to_contain_text("Stat.Reviewer has the case open too.")

    second.follow("Take").press("Take").at_case(served, "received", "Under review")
    expect(first.page.locator("#live-case")).to_contain_text("Ärendet har ändrats sedan du öppnade det.")
    first.follow("Visa det som det nu är").at_case(served, "received", "Under granskning")
    second.to("/tasks")
    expect(first.page.locator("#live-case [data-part=presence]")).to_be_hidden()
