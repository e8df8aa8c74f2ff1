"""Signing in for a test: by the demo's list of people, which is the door the pages have for it."""

from __future__ import annotations

from playwright.sync_api import BrowserContext

from tests.pages.serving import Served


def enter(context: BrowserContext, served: Served, who: str) -> None:
    """Sign somebody in, a role or a person of the office; the context keeps the cookie."""
    answer = context.request.post(f"{served.url}/enter", form={"person": served.person(who)}, max_redirects=0)
    assert answer.status == 303, f"{who} may not enter: {answer.status} {answer.text()[:400]}"
