"""Audit folders as one HTML file that needs nothing else."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from adapters.dossier_document import Document, Heading, Line, Pairs, Table
from adapters.dossier_html import html_file


class Reader(HTMLParser):
    """Reads tags and words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)
        assert not any(name.startswith("on") or name in {"src", "href"} for name, _ in attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def document(text: str) -> Document:
    table = Table(text, (text, "b"), ((text, text),), (1, 1), ("bad",))
    blocks = (Heading(text), Heading(text, 3), Line(text, faint=True), Pairs(((text, text),)), table)
    return Document(text, "en", text, blocks, "{page}", "")


def test_it_is_well_formed_and_calls_on_nothing() -> None:
    read = Reader(html_file(document("Åsa")).decode())
    assert read.open == []
    assert {"html", "title", "h1", "h2", "h3", "table", "caption", "th", "td", "dl"} <= set(read.tags)
    assert not {"script", "link", "img", "iframe"} & set(read.tags)


def test_it_says_its_language() -> None:
    assert b'<html lang="en">' in html_file(document("x"))


def test_the_same_document_gives_the_same_bytes() -> None:
    assert html_file(document("x")) == html_file(document("x"))


@given(st.text())
def test_text_is_shown_as_text(text: str) -> None:
    shown = document(text.encode("utf-8", "replace").decode())
    tags = Reader(html_file(document("x")).decode()).tags
    assert Reader(html_file(shown).decode()).tags == tags


def test_a_script_stays_text() -> None:
    read = Reader(html_file(document("<script>alert(1)</script>")).decode())
    assert "script" not in read.tags
    assert "<script>alert(1)</script>" in read.words
