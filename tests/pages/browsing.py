"""What tests ask of a page in a browser: axe, width, the keyboard, how many actions something takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""WCAG 2.2 A and AA with all it took over from 2.0 and 2.1, and what axe's makers advise beside it."""

Key = Literal["Tab", "Shift+Tab"]
_AXE = Axe()


class Opening(Protocol):
    """Opens a page (the fixture `page_as`), as a role, a person of the office or (None) as nobody yet."""

    def __call__(
        self,
        who: str | None,
        *,
        language: str = "sv",
        dark: bool = False,
        javascript: bool = True,
        width: int = 1280,
    ) -> Page: ...


# Time.


def hold_time(page: Page) -> None:
    """Let the page's time go on only when it is told to: a slow machine's ten seconds are none."""
    page.clock.install(time=0)
    page.clock.pause_at(1)


# Axe.


def axe(page: Page, *, within: str | None = None, rule: str | None = None) -> list[str]:
    """What axe finds wrong, an element a line; `within` narrows it to a CSS selector. Empty when all is well.

    One `rule` alone is tried much quicker. axe goes in by `evaluate`, which a strict
    Content-Security-Policy lets through.
    """
    only = {"type": "rule", "values": [rule]} if rule else {"type": "tag", "values": list(RULES)}
    options = {"runOnly": only, "resultTypes": ["violations"]}
    found: dict[str, Any] = _AXE.run(page, context=within, options=options).response
    return [
        f"{broken['id']} ({broken['impact']}): {' '.join(map(str, node['target']))}: {_why(node)} {node['html'][:160]}"
        for broken in found["violations"]
        for node in broken["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    checks = (check for kind in ("any", "all", "none") for check in node[kind])
    return "; ".join(str(check["message"]) for check in checks)


# Width.

STICKS_OUT = """
() => [...document.body.querySelectorAll('*')]
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1
        && e.checkVisibility())
    .map(e => e.outerHTML.slice(0, 120))
"""


def no_sideways_scroll(page: Page) -> None:
    """Fail where the page is wider than its window, and name what sticks out (WCAG 1.4.10).

    A table that scrolls inside its own frame is fine.
    """
    width, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    if width > room:
        out = "\n".join(page.evaluate(STICKS_OUT)[:10])
        raise AssertionError(f"{page.url} is {width} px wide in a window of {room} px; out stick\n{out}")


CUT = """
() => [...document.querySelectorAll('body *')].filter(e => {
    const s = getComputedStyle(e), box = e.getBoundingClientRect();
    if (!e.checkVisibility() || e.closest('svg, .visually-hidden') || box.width < 4 || box.height < 4) return false;
    const hides = value => value === 'hidden' || value === 'clip';
    return hides(s.overflowX) && e.scrollWidth > e.clientWidth + 1
        || hides(s.overflowY) && e.scrollHeight > e.clientHeight + 1;
}).map(e => e.outerHTML.slice(0, 120))
"""


def nothing_cut(page: Page) -> None:
    """Fail where something is larger than the box that hides what does not fit (WCAG 1.4.4, 1.4.10)."""
    cut = page.evaluate(CUT)
    assert not cut, f"{page.url} hides part of\n" + "\n".join(cut[:10])


# The keyboard.

SHOWS_FOCUS = """
() => {
    const e = document.activeElement, s = getComputedStyle(e);
    const outlined = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0;
    return outlined || s.boxShadow !== 'none';
}
"""

CALLED = """
() => {
    const e = document.activeElement;
    if (e === document.body || e === document.documentElement) return '';
    const named = e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent;
    return `${e.tagName.toLowerCase()} ${(named || e.value || e.name || '').trim().replace(/\\s+/g, ' ').slice(0, 60)}`;
}
"""


def tab_to(page: Page, wanted: str | Locator, *, key: Key = "Tab", limit: int = 120) -> list[str]:
    """Press Tab until something has the focus: a locator, or whatever is called so; every stop on the way.

    Fails where it is not reached, where the focus rests on something without showing it
    (WCAG 2.4.7), and where it turns round in a circle.
    """
    stops: list[str] = []
    for _ in range(limit):
        page.keyboard.press(key)
        stop = str(page.evaluate(CALLED))
        stops.append(stop)
        if stop:
            assert page.evaluate(SHOWS_FOCUS), f"nothing shows that {stop} has the focus"
        if _reached(stop, wanted):
            return stops
    raise AssertionError(f"{limit} times {key} never came to {wanted}, but to:\n" + "\n".join(stops))


def _reached(stop: str, wanted: str | Locator) -> bool:
    if isinstance(wanted, str):
        return stop.partition(" ")[2] == wanted
    return bool(wanted.evaluate_all("them => them.includes(document.activeElement)"))


# How much something takes.

COUNT = """
addEventListener('pointerdown', e => e.isTrusted && counted('click', e.target.textContent.trim()), true)
addEventListener('keydown', e => e.isTrusted && counted('key', e.key), true)
addEventListener('input', e => counted('field', e.target.name || e.target.id), true)
"""


@dataclass
class Actions:
    """What a person did: what was clicked, which keys were pressed, which fields were filled in (each once)."""

    clicks: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)

    def note(self, kind: str, what: str) -> None:
        """Note one of them."""
        kept = {"click": self.clicks, "key": self.keys, "field": self.fields}[kind]
        if kind != "field" or what not in kept:
            kept.append(re.sub(r"\s+", " ", what)[:60])


@contextmanager
def counted(context: BrowserContext) -> Iterator[Actions]:
    """Count what a person does in a context, over all its pages; begin before the first is opened.

    Needs JavaScript. A choice in a list or a tick counts as a click and as a field.
    """
    actions = Actions()
    context.expose_binding("counted", lambda _source, kind, what: actions.note(kind, what))
    context.add_init_script(COUNT)
    yield actions
