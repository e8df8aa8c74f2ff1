"""An administrator: gives somebody a role, sends again what could not be sent, and moves the trial office's clock."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.pages.browsing import Opening
from tests.pages.journeys.walking import Walk, events, with_and_without_javascript
from tests.pages.serving import Served


@with_and_without_javascript
def test_a_role_given_opens_what_was_closed(served: Served, page_as: Opening, javascript: bool) -> None:
    other = Walk(page_as("stat.deputy", javascript=javascript)).to(served.case_url("received"))
    expect(other.page.get_by_role("link", name="Ta ärendet")).to_have_count(0)

    walk = Walk(page_as("admin", javascript=javascript)).to("/").follow("Administration").follow("Personer")
    walk.follow("Stat.Deputy").stands_at("Stat.Deputy").unfold("Ge en roll")
    walk.pick("Roll", "granskare").page.locator("#role-unit").select_option("STAT")
    walk.press("Ge rollen").stands_at("Stat.Deputy").reads("granskare, Statistik")

    other.to(served.case_url("received")).follow("Ta ärendet").press("Ta ärendet")
    other.at_case(served, "received", "Under granskning")


@with_and_without_javascript
def test_what_could_not_be_sent_is_seen_and_sent_again(served: Served, page_as: Opening, javascript: bool) -> None:
    served.mails.fail_next(permanent=True, text="no such mailbox")
    writer = Walk(page_as("coordinator", javascript=javascript)).to(served.case_url("ranked"))
    writer.write("Kommentar", "Hör du mig?").unfold("Säg till någon").tick("Stat.Head").press("Spara kommentaren")
    writer.reads("Hör du mig?")
    assert served.house.outbox.deliver_all() == 0

    walk = Walk(page_as("admin", javascript=javascript)).to("/admin").follow("Utskick")
    walk.follow("Gick inte att skicka").reads(served.number("ranked"), "Stat.Head")
    walk.page.get_by_role("button", name=re.compile("Skicka igen")).click()
    walk.reads("Här finns inga meddelanden.")

    assert served.house.outbox.deliver_all() == 1
    assert [mail.to_address for mail in served.mails.messages] == ["stat.head@example.org"]


@with_and_without_javascript
def test_the_clock_is_moved_and_what_was_due_happens(served: Served, page_as: Opening, javascript: bool) -> None:
    walk = Walk(page_as("admin", javascript=javascript)).to("/").follow("Flytta klockan")
    walk.write("Till dagen", "2027-01-15").press("Flytta klockan")
    walk.reads("Klockan har flyttats.")
    expect(walk.page.locator("header .clock")).to_contain_text("15 januari 2027 kl. 09.00")

    assert "escalate_to_head" in [event["rung"] for event in events(served, "received")]
    assert "stat.head@example.org" in [mail.to_address for mail in served.mails.messages]
