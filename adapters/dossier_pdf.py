"""Writes a document as PDF: headings as bookmarks, tables that go on over pages, page numbers, its font within it.

The same document gives the same bytes. The font is Bitstream Vera, which comes with
reportlab and may be embedded freely; of a letter it lacks the plain letter is written
(ő as o), of a script it lacks a mark, and the document says so.
"""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Iterator
from functools import cache, partial
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, Spacer, TableStyle

from adapters.dossier_document import Block, Document, Heading, Line, Mood, Pairs, Table

FONT: Final = "Vera"
BOLD: Final = "VeraBd"
MISSING: Final = "¤"
"""Stands for a character of a script the font lacks."""

MARGIN: Final = 16 * mm
WIDTH: Final = A4[0] - 2 * MARGIN
LINES: Final = 45
"""Lines of a cell that stand together; a longer text goes on in a row of its own, since a row fits on a page."""

WIDEST: Final = 7.5
"""Points; no letter of a cell is wider."""

BODY: Final = ParagraphStyle("body", fontName=FONT, fontSize=8.5, leading=12, splitLongWords=1)
FAINT: Final = ParagraphStyle("faint", BODY, textColor=colors.HexColor("#595959"))
CELL: Final = ParagraphStyle("cell", BODY, fontSize=7.5, leading=10)
HEAD: Final = ParagraphStyle("head", CELL, fontName=BOLD)
TITLE: Final = ParagraphStyle("title", BODY, fontName=BOLD, fontSize=15, leading=20, spaceAfter=6)
LEVELS: Final = {
    2: ParagraphStyle("h2", HEAD, fontSize=11.5, leading=15, spaceBefore=12, spaceAfter=4, keepWithNext=1),
    3: ParagraphStyle("h3", HEAD, fontSize=9.5, leading=13, spaceBefore=8, spaceAfter=3, keepWithNext=1),
}
GRID: Final = colors.HexColor("#767676")
EDGES: Final[dict[Mood, str]] = {"good": "#1a7f37", "bad": "#b3261e"}


@cache
def _glyphs() -> frozenset[int]:
    """The characters the font can write."""
    known = {name: TTFont(name, f"{name}.ttf") for name in (FONT, BOLD)}
    for font in known.values():
        pdfmetrics.registerFont(font)
    return frozenset(known[FONT].face.charToGlyph) & frozenset(known[BOLD].face.charToGlyph)


def writable(text: str) -> str:
    """The text in characters the font has."""
    known = _glyphs()
    return "".join(each if ord(each) in known or each == "\n" else _nearest(each, known) for each in text)


def _nearest(letter: str, known: frozenset[int]) -> str:
    if not letter.isprintable():
        return " "
    plain = "".join(each for each in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(each))
    return plain if plain and all(ord(each) in known for each in plain) else MISSING


def pdf_file(document: Document) -> bytes:
    """The document as PDF, A4."""
    writer = _Writer(document)
    story = list(writer.story())
    made = io.BytesIO()
    template = SimpleDocTemplate(
        made, pagesize=A4, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN + 4 * mm,
        title=document.title, author=document.author, subject=document.title, creator="Färdplan",
        lang=document.language, invariant=1, displayDocTitle=True, initialFontName=FONT,
    )  # fmt: skip
    numbered = partial(_number, document=document)
    canvas: Any = partial(Canvas, initialFontName=FONT)  # type: ignore[arg-type] # the stubs call the name a number
    template.build(story, onFirstPage=numbered, onLaterPages=numbered, canvasmaker=canvas)
    return made.getvalue()


def _number(canvas: Canvas, template: Any, *, document: Document) -> None:
    canvas.saveState()
    canvas.setFont(FONT, 7)
    canvas.drawString(MARGIN, MARGIN - 2 * mm, writable(document.title)[:100])
    canvas.drawRightString(A4[0] - MARGIN, MARGIN - 2 * mm, writable(document.page.format(page=template.page)))
    canvas.restoreState()


class _Marked(Paragraph):
    """A heading that is a bookmark too."""

    def __init__(self, text: str, style: ParagraphStyle, *, words: str, level: int, key: str) -> None:
        super().__init__(text, style)
        self._mark = (words, level, key)

    def draw(self) -> None:
        """Draw it, and put the bookmark."""
        words, level, key = self._mark
        self.canv.bookmarkPage(key)
        self.canv.addOutlineEntry(words, key, level, closed=False)
        super().draw()


class _Writer:
    """Makes reportlab's flowables of a document's blocks."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._lost = False
        self._marks = 0
        self._heading = ""

    def story(self) -> Iterator[Flowable]:
        body = [flowable for block in self._document.blocks for flowable in self._block(block)]
        yield self._marked(self._document.title, TITLE, 0)
        if self._lost:
            yield self._words(self._document.lost, FAINT)
        yield from body

    def _block(self, block: Block) -> Iterator[Flowable]:
        match block:
            case Heading(text, level):
                self._heading = text
                yield self._marked(text, LEVELS[level], level - 1)
            case Line(text, faint):
                yield self._words(text, FAINT if faint else BODY)
            case Pairs(pairs):
                if pairs:
                    yield self._grid([list(pair) for pair in pairs], (1, 3), heads=0, first=HEAD)
                    yield Spacer(1, 6)
            case Table():
                # A heading just above that says the same is caption enough.
                if block.caption != self._heading:
                    yield self._words(block.caption, HEAD)
                    yield Spacer(1, 2)
                yield self._grid(
                    [list(block.headings), *map(list, block.rows)], block.widths, heads=1, moods=block.moods
                )
                yield Spacer(1, 6)

    def _grid(
        self, rows: list[list[str]], widths: tuple[int, ...], *, heads: int, first: ParagraphStyle = CELL,
        moods: tuple[Mood, ...] = (),
    ) -> Flowable:  # fmt: skip
        wide = [WIDTH * each / sum(widths) for each in widths]
        cells: list[list[Flowable]] = []
        whole = (0, 0), (-1, -1)
        style: list[Any] = [("FONT", *whole, FONT), ("GRID", *whole, 0.4, GRID), ("VALIGN", *whole, "TOP")]
        for place, row in enumerate(rows):
            mood = moods[place - heads] if heads <= place < len(moods) + heads else ""
            for piece in _pieces(row, wide):
                if mood in EDGES:
                    line = len(cells)
                    style.append(("LINEBEFORE", (0, line), (0, line), 3, colors.HexColor(EDGES[mood])))
                styles = [HEAD if place < heads else first, *[HEAD if place < heads else CELL] * (len(piece) - 1)]
                cells.append([self._words(text, each) for text, each in zip(piece, styles, strict=True)])
        if heads:
            style.append(("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#f0f0f0")))
        return LongTable(cells, wide, repeatRows=heads, style=TableStyle(style), hAlign="LEFT")

    def _words(self, text: str, style: ParagraphStyle) -> Paragraph:
        return Paragraph(self._written(text), style)

    def _marked(self, text: str, style: ParagraphStyle, level: int) -> Flowable:
        self._marks += 1
        return _Marked(self._written(text), style, words=text, level=level, key=f"h{self._marks}")

    def _written(self, text: str) -> str:
        text = text.replace("→", "->")
        shown = writable(text)
        self._lost = self._lost or shown != "".join(
            " " if not each.isprintable() and each != "\n" else each for each in text
        )
        return escape(shown).replace("\n", "<br/>")


def _pieces(row: list[str], widths: list[float]) -> Iterator[list[str]]:
    """A row in as many rows as its longest cell needs."""
    cut = [list(_cut(cell, max(1, int(width / WIDEST)))) for cell, width in zip(row, widths, strict=True)]
    for place in range(max(len(pieces) for pieces in cut)):
        yield [pieces[place] if place < len(pieces) else "" for pieces in cut]


def _cut(cell: str, on_a_line: int) -> Iterator[str]:
    """A text in pieces of so many lines as surely fit on a page, where so many letters stand on a line."""
    kept, lines = "", 0
    for line in cell.splitlines(keepends=True):
        for begin in range(0, len(line), on_a_line):
            if lines == LINES:
                yield kept
                kept, lines = "", 0
            kept, lines = kept + line[begin : begin + on_a_line], lines + 1
    yield kept
