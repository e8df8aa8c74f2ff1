"""By what people know their own devices: browser and system, from what the browser says of itself (RFC 9110 10.1.5)."""

from __future__ import annotations

from typing import Final

from engine.vocabulary import Text

# In this order: each names the ones below it as well, to be served like them.
BROWSERS: Final = {"Edg": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS: Final = {
    "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS",
    "CrOS": "ChromeOS", "Linux": "Linux",
}  # fmt: skip
UNKNOWN: Final = Text("Okänd webbläsare", "Unknown browser")


def device(agent: str) -> Text:
    """Say which browser on which system it was; unknown ones in words, never as they wrote themselves."""
    browser = next((name for mark, name in BROWSERS.items() if mark in agent), None)
    system = next((name for mark, name in SYSTEMS.items() if mark in agent), None)
    if browser is None:
        return UNKNOWN
    return Text(f"{browser} på {system}", f"{browser} on {system}") if system else Text(browser, browser)
