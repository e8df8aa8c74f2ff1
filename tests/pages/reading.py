"""Reads lists out of pages as somebody sees them: which cases stand there, in which order, under which heading."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from tests.pages.plain import Plain
from tests.pages.serving import Served

ROW = re.compile(r'<th scope="row"><a class="case" href="/cases/([^"/]+)"')
HEADING = re.compile(r'<h2 id="group-(\w+)">')


@contextmanager
def somebody(served: Served, who: str, language: str = "sv") -> Iterator[Plain]:
    """Somebody signed in, who leaves again."""
    plain = Plain.enter(served, who, language)
    try:
        yield plain
    finally:
        plain.close()


def numbers(text: str) -> list[str]:
    """The cases of a list, by number, in the order they stand."""
    return ROW.findall(text)


def headings(text: str) -> list[str]:
    """The groups of a list of tasks, in the order they stand."""
    return HEADING.findall(text)


def of(served: Served, *names: str) -> list[str]:
    """The numbers of cases of the crowded office."""
    return [served.number(name) for name in names]
