"""Numbers on a page, each with the list it leads to."""

from __future__ import annotations

import re
from html import unescape

from tests.pages.plain import Plain
from tests.pages.reading import numbers

LINKED = re.compile(r'<a href="(/listed\?[^"]+)">\s*([0-9]+)')


def linked(text: str) -> list[tuple[str, int]]:
    """The lists that numbers of a page lead to, and the numbers, in the order they stand."""
    return [(unescape(href), int(count)) for href, count in LINKED.findall(text)]


def must_list_what_they_count(plain: Plain, text: str) -> int:
    """Follow every number; fail where its list holds other than so many cases. How many lists were seen."""
    found = dict.fromkeys(linked(text))
    for href, count in found:
        shown = numbers(plain.go(href).text)
        assert (plain.status, len(shown), len(set(shown))) == (200, count, count), href
    return len(found)
