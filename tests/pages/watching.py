"""Watches a browser while a test drives it: what a page must never do, whatever the test is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# Chromium words a blocked script in the console; a listener names the rule and the place as well.
TELL_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', e => console.error(
    `CSP: ${e.effectiveDirective} forbids ${e.blockedURI} at ${e.sourceFile}:${e.lineNumber} ${e.sample}`))
"""

# An answer that refuses is a page like any other; `_answered` judges it by its status.
REFUSED = "Failed to load resource: the server responded with a status of 4"

FOR_READERS = {"document", "fetch", "xhr", "eventsource"}
"""What may be answered with a refusal; a style, script, picture or font that is missing is a fault."""

LOCAL = {"data", "blob", "about"}


@dataclass
class Watch:
    """What a browser did that it should not have: errors, violations, errands to other servers."""

    origin: str
    faults: list[str] = field(default_factory=list)
    visited: list[str] = field(default_factory=list)
    provoked: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context from now on."""
        context.add_init_script(TELL_VIOLATIONS)
        context.on("console", self._said)
        context.on("weberror", self._thrown)
        context.on("request", self._asked)
        context.on("response", self._answered)

    def provokes(self, *words: str) -> None:
        """What has one of these words in it is the test's own doing, whenever the browser comes to tell of it."""
        self.provoked += words

    def nothing_wrong(self) -> None:
        """Fail with everything that was seen and not provoked."""
        wrong = [fault for fault in self.faults if not any(words in fault for words in self.provoked)]
        assert not wrong, "the browser complained:\n" + "\n".join(wrong)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(REFUSED):
            self.faults.append(f"console {message.type}: {message.text}")

    def _thrown(self, error: WebError) -> None:
        self.faults.append(f"uncaught: {error.error}")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith(f"{self.origin}/") and urlsplit(request.url).scheme not in LOCAL:
            self.faults.append(f"asked another server: {request.method} {request.url}")
        if request.is_navigation_request():
            self.visited.append(request.url)

    def _answered(self, response: Response) -> None:
        kind = response.request.resource_type
        if response.status >= 500 or (response.status >= 400 and kind not in FOR_READERS):
            self.faults.append(f"{response.status} to {response.request.method} {response.url} ({kind})")
