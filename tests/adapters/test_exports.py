"""Lists as CSV and XLSX: read back as they were meant, never worked out, never held in memory whole."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from adapters.exports import BEGINS_A_FORMULA, LONGEST_CELL, Cell, Column, csv_file, xlsx_file

COLUMNS = [Column("Nummer"), Column("Dag", 12)]
ROWS: list[Sequence[Cell]] = [
    ["OUT-2027-0001", date(2027, 5, 4)],
    ['Åsa; "Ö"\nrad två', datetime(2027, 1, 11, 9, 30)],
    [3, None],
]


def read_csv(pieces: Iterator[bytes]) -> list[list[str]]:
    text = b"".join(pieces).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))


def read_xlsx(pieces: Iterator[bytes]) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(b"".join(pieces))).worksheets[0].iter_rows(values_only=True))


def test_csv_is_what_a_swedish_spreadsheet_opens() -> None:
    written = b"".join(csv_file(COLUMNS, ROWS))

    assert written.startswith(b"\xef\xbb\xbfNummer;Dag\r\nOUT-2027-0001;2027-05-04\r\n")


def test_csv_reads_back_as_it_was() -> None:
    assert read_csv(csv_file(COLUMNS, ROWS)) == [
        ["Nummer", "Dag"],
        ["OUT-2027-0001", "2027-05-04"],
        ['Åsa; "Ö"\nrad två', "2027-01-11 09:30"],
        ["3", ""],
    ]


def test_a_workbook_reads_back_with_days_as_days() -> None:
    assert read_xlsx(xlsx_file("Ärenden", COLUMNS, ROWS)) == [
        ("Nummer", "Dag"),
        ("OUT-2027-0001", datetime(2027, 5, 4)),
        ('Åsa; "Ö"\nrad två', datetime(2027, 1, 11, 9, 30)),
        (3, None),
    ]


@pytest.mark.parametrize("sign", BEGINS_A_FORMULA)
def test_a_text_that_begins_like_a_formula_stays_text(sign: str) -> None:
    text = f"{sign}1+1"

    assert read_csv(csv_file([Column("A")], [[text]]))[1] == [f"'{text}"]
    cell = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_file("x", [Column("A")], [[text]])))).worksheets[0]["A2"]
    assert cell.data_type == "s"
    assert cell.quotePrefix


def test_an_address_becomes_no_link_and_a_long_text_is_cut() -> None:
    rows = [["https://example.org/"], ["x" * (LONGEST_CELL + 1)]]
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_file("x", [Column("A")], rows)))).worksheets[0]

    assert sheet["A2"].hyperlink is None
    assert len(str(sheet["A3"].value)) == LONGEST_CELL


@pytest.mark.parametrize(
    ("title", "name"),
    [("Mina uppgifter", "Mina uppgifter"), ("a/b[c]:*?", "abc"), ("x" * 40, "x" * 31), ("''", "Lista")],
)
def test_any_title_makes_a_sheets_name(title: str, name: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(b"".join(xlsx_file(title, COLUMNS, []))))

    assert book.sheetnames == [name]


def test_an_empty_list_is_its_headings() -> None:
    assert read_csv(csv_file(COLUMNS, [])) == [["Nummer", "Dag"]]
    assert read_xlsx(xlsx_file("x", COLUMNS, [])) == [("Nummer", "Dag")]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_ten_times_the_rows_need_no_more_memory(kind: str) -> None:
    def peak(count: int) -> int:
        rows: Iterator[Sequence[Cell]] = ((f"OUT-2027-{n:06}", date(2027, 5, 4)) for n in range(count))
        pieces = csv_file(COLUMNS, rows) if kind == "csv" else xlsx_file("x", COLUMNS, rows)
        tracemalloc.start()
        try:
            for _ in pieces:
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is imported and cached once is not counted
    few = peak(500)
    assert peak(5_000) < 2 * few + 1_500_000
