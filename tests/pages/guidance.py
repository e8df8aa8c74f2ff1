"""What tests of the pages of guidance share: the words of a page, what the database is asked, two versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path

import sqlalchemy as sa

from engine.catalogue import Catalogue
from engine.loading import load
from service.compose import FOLDER
from tests.pages.serving import Served

MOST_STATEMENTS = 12
HEAVIEST = 150_000
"""Statements and bytes that a page may cost."""


def words(text: str) -> str:
    """What somebody reads of a page."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", text[text.index("<body") :], flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def title(text: str) -> str:
    """What the page calls itself."""
    found = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
    assert found
    return unescape(found[1])


@contextmanager
def statements(served: Served) -> Iterator[list[str]]:
    """What the database is asked meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            asked.append(statement)

    engine = served.house.store.engine
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)


def with_a_second_version(processes: Catalogue, folder: Path) -> Catalogue:
    """The processes, the eligibility review replaced by a version with another label, span and condition."""
    source = (FOLDER / "eligibility_review.py").read_text(encoding="utf-8")
    for before, after in (
        ('name="eligibility_review", version=1', 'name="eligibility_review", version=2'),
        ('Figure("information_days", 10)', 'Figure("information_days", 15)'),
        ('Text("Inkommen för granskning", "Received for review")', 'Text("Ny hos institutionen", "New <b>here</b>")'),
        ('    at_most_once("record_decision"),\n', ""),
    ):
        assert source.count(before) == 1, before
        source = source.replace(before, after)
    file = folder / "eligibility_review.py"
    file.write_text(source, encoding="utf-8")
    others = tuple(each for each in processes.now if each.name != "eligibility_review")
    return Catalogue((*others, load(file)), (processes.current("eligibility_review"),))
