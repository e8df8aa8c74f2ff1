"""A reviewer: takes a review from My tasks, asks for what is missing, and answers when it has come."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.pages.browsing import Opening
from tests.pages.journeys.walking import Walk, case_of, happened, mailed, with_and_without_javascript
from tests.pages.serving import Served


@with_and_without_javascript
def test_a_review_rests_until_information_comes_and_is_then_answered(
    served: Served, page_as: Opening, javascript: bool
) -> None:
    walk = Walk(page_as("reviewer", javascript=javascript)).to("/tasks").open(served, "received")
    walk.follow("Ta ärendet").press("Ta ärendet").at_case(served, "received", "Under granskning")

    walk.follow("Begär komplettering").press("Begär komplettering").reads("Rätta detta och skicka igen")
    walk.write("Vad som saknas", "Betygsutdrag").press("Begär komplettering")
    walk.at_case(served, "received", "Väntar på komplettering").reads("Ingen sista dag så länge den vilar.")
    walk.follow("Komplettering inkommen").press("Komplettering inkommen")
    walk.at_case(served, "received", "Under granskning")

    walk.follow("Bedöm förkunskapskraven").tick("Uppfyllt").press("Bedöm förkunskapskraven")
    walk.at_case(served, "received", "Under granskning").follow("Bedöm behörig").press("Granska")
    walk.reads("Jäv").press("Jag är inte jävig och bekräftar")
    walk.at_case(served, "received", "Behörig")

    assert happened(served, "received", since=1) == [
        "take", "ask_for_information", "receive_information", "record_assessment", "find_eligible",
    ]  # fmt: skip
    assert case_of(served, "received")["facts"]["outcome"] == "eligible"
    assert {mail.partition(":")[0] for mail in mailed(served)} == {"admissions"}


@with_and_without_javascript
def test_answers_are_checked_and_changed_before_a_decision_is_made(
    served: Served, page_as: Opening, javascript: bool
) -> None:
    walk = Walk(page_as("reviewer", javascript=javascript)).to(served.case_url("under review")).follow("Bedöm obehörig")
    walk.write("Krav som inte är uppfyllt", "Matematik 3b").write("Motivering", "Saknas.").press("Granska")
    walk.reads("Matematik 3b", "Saknas.").press("Ändra")
    walk.write("Krav som inte är uppfyllt", "Matematik 3c").press("Granska").reads("Matematik 3c")
    walk.press("Jag är inte jävig och bekräftar").at_case(served, "under review", "Obehörig")

    assert case_of(served, "under review")["facts"]["failed_requirement"] == "Matematik 3c"
    assert happened(served, "under review", since=2) == ["find_ineligible"]


@with_and_without_javascript
def test_whoever_proposed_a_refusal_is_told_why_somebody_else_must_confirm_it(
    served: Served, page_as: Opening, javascript: bool
) -> None:
    walk = Walk(page_as("reviewer", javascript=javascript)).to(served.case_url("proposed"))
    expect(walk.page.get_by_role("button", name="Bekräfta bedömningen")).to_be_disabled()
    expect(walk.page.locator("#why-confirm_ineligible")).to_contain_text("Någon annan")

    head = Walk(page_as("head", javascript=javascript)).to(served.case_url("proposed"))
    head.follow("Bekräfta bedömningen").press("Granska").press("Jag är inte jävig och bekräftar")
    head.at_case(served, "proposed", "Obehörig")
