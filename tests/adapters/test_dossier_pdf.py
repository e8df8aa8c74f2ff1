"""Audit folders as PDF: whole, readable, the same bytes again. Text is read back from the file itself."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.dossier_document import Document, Heading, Line, Pairs, Table
from adapters.dossier_pdf import MISSING, pdf_file, writable

TABLE = Table("Beslut", ("Vad", "Vem"), (("Erbjöd plats", "Åsa Öberg"), ("Avslog", "Łukasz")), (2, 1), ("good", "bad"))
DOCUMENT = Document(
    "Granskningsmapp OUT-2027-0001",
    "sv",
    "umu.se",
    (Heading("Fullständighet"), Line("Två finns – en saknas."), Pairs((("Ärende", "OUT-2027-0001"),)), TABLE),
    "Sida {page}",
    "Tecken är ersatta.",
)


def streams(pdf: bytes) -> list[bytes]:
    """Every stream of the file, unpacked (ISO 32000-1, 7.4)."""
    found = []
    for part in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        packed = part.strip()
        if packed.endswith(b"~>"):
            packed = base64.a85decode(b"<~" + packed, adobe=True)
        try:
            found.append(zlib.decompress(packed))
        except zlib.error:
            found.append(packed)
    return found


def words(pdf: bytes) -> str:
    """The text shown, by way of each font's own table of what its codes mean (ISO 32000-1, 9.10.3)."""
    tables = [_meanings(each) for each in streams(pdf) if b"beginbfchar" in each or b"beginbfrange" in each]
    said = b"".join(each for each in streams(pdf) if b"BT" in each)
    codes = b"".join(_plain(each) for each in re.findall(rb"\(((?:\\.|[^\\)])*)\)", said, re.DOTALL))
    return "\n".join("".join(table.get(code, "") for code in codes) for table in tables)


def _plain(text: bytes) -> bytes:
    escaped = re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), text)
    return re.sub(rb"\\(.)", rb"\1", escaped, flags=re.DOTALL)


def _meanings(table: bytes) -> dict[int, str]:
    found = {}
    for code, meaning in re.findall(rb"<([0-9A-Fa-f]{2})> <([0-9A-Fa-f]{4,})>", table):
        found[int(code, 16)] = bytes.fromhex(meaning.decode()).decode("utf-16-be")
    for first, last, meanings in re.findall(rb"<([0-9A-Fa-f]{2})> <([0-9A-Fa-f]{2})>\s*\[([^\]]*)\]", table):
        each = re.findall(rb"<([0-9A-Fa-f]{4,})>", meanings)
        for code, meaning in zip(range(int(first, 16), int(last, 16) + 1), each, strict=False):
            found[code] = bytes.fromhex(meaning.decode()).decode("utf-16-be")
    return found


def test_the_same_document_gives_the_same_bytes() -> None:
    assert pdf_file(DOCUMENT) == pdf_file(DOCUMENT)


def test_another_word_gives_other_bytes() -> None:
    assert pdf_file(DOCUMENT) != pdf_file(replace(DOCUMENT, title="En annan"))


def test_it_is_a_whole_file_with_title_and_language() -> None:
    pdf = pdf_file(DOCUMENT)
    assert pdf.startswith(b"%PDF-1.")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert b"/Lang (sv)" in pdf
    assert b"/DisplayDocTitle true" in pdf
    assert b"/Outlines" in pdf


def test_its_fonts_are_within_it() -> None:
    pdf = pdf_file(DOCUMENT)
    fonts = re.findall(rb"/BaseFont /(\S+)", pdf)
    assert fonts
    assert all(b"BitstreamVera" in font for font in fonts)
    assert pdf.count(b"/FontFile2") == len(fonts)


def test_swedish_and_other_letters_are_shown_as_they_are() -> None:
    shown = words(pdf_file(DOCUMENT))
    for text in ("Åsa", "Öberg", "Łukasz", "Fullständighet", "–"):
        assert set(text) <= set(shown), text


@pytest.mark.parametrize(
    ("text", "shown"), [("Őry", "Ory"), ("Ștefan", "Stefan"), ("ﬁn", "ﬁn"), ("李", MISSING), ("a\x00b", "a b")]
)
def test_what_the_font_lacks_is_written_plainly(text: str, shown: str) -> None:
    assert writable(text) == shown


def test_a_document_that_lost_letters_says_so() -> None:
    lost = replace(DOCUMENT, blocks=(Line("李"),))
    assert len(pdf_file(lost)) > len(pdf_file(replace(DOCUMENT, blocks=(Line("x"),))))
    assert "ersatta" in words(pdf_file(lost)).replace(" ", "")


def test_a_text_longer_than_a_page_goes_on() -> None:
    long = Table("T", ("a", "b"), (("x", "ord " * 4_000), ("y", "a" * 10_000), ("z", "rad\n" * 300)), (1, 3))
    assert pdf_file(replace(DOCUMENT, blocks=(long,))).count(b"/Type /Page\n") > 4


def test_text_is_never_taken_for_markup() -> None:
    sly = "<b>x</b> & <font color='red'> <script> <para> ]]>"
    assert pdf_file(replace(DOCUMENT, title=sly, blocks=(Line(sly), Pairs(((sly, sly),)), Heading(sly)))).startswith(
        b"%PDF"
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=80), min_size=1, max_size=6))
def test_whatever_people_wrote_can_be_written(texts: list[str]) -> None:
    rows = tuple((text, text) for text in texts)
    blocks = (Line(texts[0]), Heading(texts[0]), Table(texts[0], ("a", "b"), rows, (1, 1)))
    assert pdf_file(replace(DOCUMENT, blocks=blocks)).startswith(b"%PDF-")
