"""Walking through the pages as people do: by the words on links, buttons and fields, looking where one has come.

What came of it is asked of the API and of the mail, never of the page that has just said so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Self

import pytest
from playwright.sync_api import Page, expect

from tests.pages.serving import Served

with_and_without_javascript = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
"""Walks a path twice: nothing on it may rest on a script."""


@dataclass(frozen=True)
class Walk:
    """Somebody at a page. Each step waits until what it needs is there, so none is taken too early."""

    page: Page

    def to(self, path: str) -> Self:
        """Type an address."""
        self.page.goto(path)
        return self

    def follow(self, words: str, *more: str) -> Self:
        """Click the link of these words; with more given, the first that has all of them in it, in this order."""
        name = re.compile(".*".join(map(re.escape, (words, *more)))) if more else words
        self.page.get_by_role("link", name=name, exact=not more).first.click()
        return self

    def open(self, served: Served, case: str) -> Self:
        """Click a case of a list, by its number."""
        self.page.get_by_role("link", name=served.number(case)).first.click()
        return self

    def press(self, words: str) -> Self:
        """Click the button of these words."""
        self.page.get_by_role("button", name=words, exact=True).click()
        return self

    def unfold(self, words: str) -> Self:
        """Open what is folded under these words."""
        self.page.locator("summary", has_text=words).first.click()
        return self

    def write(self, label: str, text: str) -> Self:
        """Fill in the field of this label."""
        self.page.get_by_label(label, exact=True).fill(text)
        return self

    def pick(self, label: str, choice: str) -> Self:
        """Choose from a list."""
        self.page.get_by_label(label, exact=True).select_option(label=choice)
        return self

    def tick(self, words: str) -> Self:
        """Tick a box, or one of several choices."""
        self.page.get_by_label(words, exact=True).check()
        return self

    def untick(self, words: str) -> Self:
        """Take a tick away."""
        self.page.get_by_label(words, exact=True).uncheck()
        return self

    def stands_at(self, heading: str) -> Self:
        """Have come to the page with this heading."""
        expect(self.page.locator("h1")).to_contain_text(heading)
        return self

    def reads(self, *words: str) -> Self:
        """Find these words on the page, in whatever place."""
        for each in words:
            expect(self.page.locator("main")).to_contain_text(each)
        return self

    def at_case(self, served: Served, case: str, state: str) -> Self:
        """Have come to the page of a case, which stands at a state."""
        expect(self.page).to_have_title(re.compile(f"^{served.number(case)} .*: {re.escape(state)} –"))
        return self


def case_of(served: Served, case: str) -> dict[str, Any]:
    """The case as the office sees it now."""
    found: dict[str, Any] = served.ask("officer", "GET", f"/cases/{served.office.cases[case]}").json()
    return found


def events(served: Served, case: str) -> list[dict[str, Any]]:
    """What has happened in a case, oldest first."""
    path = f"/cases/{served.office.cases[case]}/events?limit=200"
    items: list[dict[str, Any]] = served.ask("officer", "GET", path).json()["items"]
    return items


def happened(served: Served, case: str, *, since: int = 0) -> list[str]:
    """What has happened in a case after an event: the steps by their names, all else by its kind."""
    return [event["trigger"] or event["kind"] for event in events(served, case) if event["sequence"] > since]


def mailed(served: Served) -> list[str]:
    """Deliver what is owed now; all that has gone out from the beginning, as "NAME: SUBJECT"."""
    served.house.outbox.deliver_all()
    return [f"{mail.to_address.partition('@')[0]}: {mail.subject}" for mail in served.mails.messages]
