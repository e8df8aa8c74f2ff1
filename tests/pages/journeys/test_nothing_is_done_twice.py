"""Double clicks, the back button, a reload: whatever is sent again, it has happened once."""

from __future__ import annotations

from contextlib import suppress

import pytest
from playwright.sync_api import Error, Page, expect

from tests.pages.browsing import Opening
from tests.pages.journeys.walking import Walk, happened, with_and_without_javascript
from tests.pages.serving import Served


def sent_twice_at_once(page: Page, button: str) -> None:
    """Send the form with the button from two places at once, as a click does that no script holds back."""
    page.get_by_role("button", name=button, exact=True).dblclick(no_wait_after=True)


@with_and_without_javascript
def test_a_double_click_takes_a_step_once(served: Served, page_as: Opening, javascript: bool) -> None:
    walk = Walk(page_as("reviewer", javascript=javascript)).to(served.case_url("received", "/steps/take"))
    sent_twice_at_once(walk.page, "Ta ärendet")
    walk.at_case(served, "received", "Under granskning")
    assert happened(served, "received", since=1) == ["take"]


@with_and_without_javascript
def test_a_double_click_writes_a_comment_once(served: Served, page_as: Opening, javascript: bool) -> None:
    walk = Walk(page_as("reviewer", javascript=javascript)).to(served.case_url("received"))
    walk.write("Kommentar", "En gång")
    sent_twice_at_once(walk.page, "Spara kommentaren")
    walk.reads("En gång")
    assert happened(served, "received", since=1) == ["commented"]


@with_and_without_javascript
def test_going_back_and_sending_again_takes_no_second_step(served: Served, page_as: Opening, javascript: bool) -> None:
    walk = Walk(page_as("reviewer", javascript=javascript)).to(
        served.case_url("under review", "/steps/ask_for_information")
    )
    walk.write("Vad som saknas", "Betyg").press("Begär komplettering")
    walk.at_case(served, "under review", "Väntar på komplettering")

    walk.page.go_back()
    expect(walk.page.locator("h1")).to_contain_text("Begär komplettering")
    if walk.page.get_by_label("Vad som saknas").count():
        walk.write("Vad som saknas", "Betyg").press("Begär komplettering")
    assert happened(served, "under review", since=2) == ["ask_for_information"]


@with_and_without_javascript
def test_a_decision_confirmed_twice_is_made_once(served: Served, page_as: Opening, javascript: bool) -> None:
    walk = Walk(page_as("head", javascript=javascript)).to(served.case_url("proposed", "/steps/confirm_ineligible"))
    walk.press("Granska").reads("Detta händer")
    sent_twice_at_once(walk.page, "Jag är inte jävig och bekräftar")
    walk.at_case(served, "proposed", "Obehörig")
    # A page that was the answer to a form is not kept: the browser may ask whether to send the form again.
    with suppress(Error):
        walk.page.go_back()
    assert happened(served, "proposed", since=3) == ["confirm_ineligible"]


@with_and_without_javascript
@pytest.mark.parametrize("rest", ["", "/history"])
def test_reloading_the_answer_does_nothing(served: Served, page_as: Opening, javascript: bool, rest: str) -> None:
    walk = Walk(page_as("reviewer", javascript=javascript)).to(served.case_url("received"))
    walk.write("Kommentar", "En gång").press("Spara kommentaren").reads("En gång")
    walk.page.reload()
    walk.reads("En gång").to(served.case_url("received", rest)).page.reload()
    assert happened(served, "received", since=1) == ["commented"]


@with_and_without_javascript
def test_a_reminder_sent_twice_reaches_nobody_twice(served: Served, page_as: Opening, javascript: bool) -> None:
    walk = Walk(page_as("coordinator", javascript=javascript)).to("/waiting")
    walk.follow("Påminn om alla", "Universität Musterstadt").stands_at("Påminn Universität Musterstadt")
    sent_twice_at_once(walk.page, "Skicka de kryssade")
    walk.stands_at("Påminnelser skickade")
    walk.page.reload()
    served.house.outbox.deliver_all()
    assert len(served.mails.messages) == 2
    assert happened(served, "nominated out").count("commented") == 1
