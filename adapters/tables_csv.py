"""Reads CSV as Swedish and English offices write it: comma, semicolon or tab, any of three encodings.

A row that is quoted wrongly is handed on as a row with a fault; the rows after it are read.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TextIO

from adapters.tables_model import (
    MOST_COLUMNS,
    Cell,
    Fault,
    Row,
    Table,
    TableUnreadable,
    build_row,
    no_rows,
    shown,
    too_wide,
    trimmed,
)
from adapters.tables_text import CHUNK, Source, detect_encoding, open_text
from engine.vocabulary import Text

DELIMITERS = (";", "\t", ",", "|")
SAMPLE = 64 * 1024
LONGEST_LINE = 1024 * 1024
"""Characters between two line breaks. A table has them; one endless line is something else."""

# The reader itself holds no more than 131,072.
TOO_LONG = Text("högst 131 072 tecken i varje fält", "at most 131,072 characters in each field")

# Some systems write ="00123" so that Excel keeps the zeros.
KEPT_AS_TEXT = re.compile(r'="(.*)"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one CSV file is written."""

    source: Source
    encoding: str
    delimiter: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record, counted from 1 as a spreadsheet counts rows; `fault` where its quoting is wrong."""

    number: int
    fields: list[str]
    fault: Fault | None = None

    @property
    def filled(self) -> bool:
        return self.fault is not None or any(field.strip() for field in self.fields)


def open_csv(path: Path, *, gzipped: bool, largest: int) -> Table:
    """Open a CSV file; `largest` is how many bytes it may hold once unpacked."""
    source = _unpacked(path) if gzipped else _plain_bytes(path)
    if gzipped:
        _refuse_bad_gzip(source, largest)
    encoding = detect_encoding(source)
    dialect = Dialect(source, encoding, _delimiter(source, encoding))
    header, last = None, 0
    for record in _records(dialect):
        last = record.number
        if header is None and record.filled:
            header = record
    if header is None:
        raise no_rows()
    if header.fault:
        raise _bad_header(header.fault.expected)
    headers = trimmed(_plain(field) for field in header.fields)
    if len(headers) > MOST_COLUMNS:
        raise too_wide()
    read = partial(_rows, dialect, headers=headers, header_row=header.number)
    return Table(headers, header.number, last - header.number, None, read)


def _unpacked(path: Path) -> Source:
    return lambda: gzip.GzipFile(path, "rb")


def _plain_bytes(path: Path) -> Source:
    return lambda: path.open("rb")


def _refuse_bad_gzip(source: Source, largest: int) -> None:
    """Unpack once without keeping anything: a small file may unpack to more than any machine holds."""
    unpacked = 0
    try:
        with source() as file:
            while chunk := file.read(CHUNK):
                unpacked += len(chunk)
                if unpacked > largest:
                    raise _bomb(largest)
    except (OSError, EOFError, zlib.error) as error:
        raise TableUnreadable(
            Text(
                "Den packade filen är skadad. Hämta eller packa den på nytt.",
                "The packed file is damaged. Fetch it or pack it again.",
            )
        ) from error


def _bomb(largest: int) -> TableUnreadable:
    size = largest // 1024**2
    return TableUnreadable(
        Text(
            f"Den packade filen är större än {size} MB uppackad. Dela den i flera filer.",
            f"The packed file is larger than {size} MB unpacked. Split it into several files.",
        )
    )


def _bad_header(expected: Text) -> TableUnreadable:
    return TableUnreadable(
        Text(
            f"Raden med rubriker kan inte läsas: {expected.sv}.",
            f"The row with the headers cannot be read: {expected.en}.",
        )
    )


def _delimiter(source: Source, encoding: str) -> str:
    """Choose the delimiter under which most rows are as wide as the header, then the widest header."""
    with open_text(source, encoding) as text:
        sample = text.read(SAMPLE)
    if hint := re.match(r"sep=([;\t,|])\r?\n", sample):
        return hint[1]  # Excel's own way to say it; the line is no row of the table.
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        score = _score(sample, delimiter)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _score(sample: str, delimiter: str) -> tuple[float, int]:
    lines = io.StringIO(sample, newline="")
    try:
        every = list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return (0.0, 0)
    if len(sample) == SAMPLE and len(every) > 1:
        every.pop()  # The sample ends somewhere in the middle of it.
    rows = [row for row in every if any(row)]
    if not rows:
        return (0.0, max(map(len, every), default=0))
    if len(rows[0]) == 1:
        return (0.0, 0)
    alike = sum(len(row) == len(rows[0]) for row in rows) / len(rows)
    return (round(alike, 1), len(rows[0]))


def _lines(text: TextIO) -> Iterator[str]:
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise TableUnreadable(
                Text(
                    f"Rad {number} är längre än en miljon tecken: filen är inte en tabell i CSV-format.",
                    f"Line {number} is longer than a million characters: the file is not a CSV table.",
                )
            )
        if number > 1 or not re.fullmatch(r"sep=[;\t,|]\r?\n?", line):
            yield line


def _records(dialect: Dialect) -> Iterator[Record]:
    """Give every record, empty ones too, each under its row number.

    The reader is strict: a lone quotation mark would otherwise swallow the rows
    up to the next one without a word. After an error it begins anew with the next line.
    """
    with open_text(dialect.source, dialect.encoding) as text:
        reader = csv.reader(_lines(text), delimiter=dialect.delimiter, strict=True)
        number, first_line = 1, 1
        while True:
            try:
                yield Record(number, next(reader))
            except StopIteration:
                return
            except csv.Error as error:
                yield Record(number, [], _fault(error, first_line, reader.line_num))
            number, first_line = number + 1, reader.line_num + 1


def _fault(error: csv.Error, first_line: int, last_line: int) -> Fault:
    if "field limit" in str(error):  # The reader has no other sign for it.
        return Fault("", "", TOO_LONG)
    return _misquoted(first_line, last_line)


def _misquoted(first_line: int, last_line: int) -> Fault:
    where = f"{first_line}" if first_line >= last_line else f"{first_line}–{last_line}"
    return Fault(
        "",
        "",
        Text(
            f"citattecken i par runt texten och dubblerade inuti den (filens textrad {where})",
            f"quotation marks in pairs around the text and doubled inside it (line {where} of the file)",
        ),
    )


def _rows(dialect: Dialect, *, headers: tuple[str, ...], header_row: int) -> Iterator[Row]:
    for record in _records(dialect):
        if record.number <= header_row or not record.filled:
            continue
        if record.fault:
            yield Row(record.number, {}, (record.fault,))
            continue
        cells: list[tuple[int, Cell]] = [(i, _plain(f) or None) for i, f in enumerate(record.fields)]
        row = build_row(number=record.number, headers=headers, cells=cells)
        yield _with_surplus(row, record.fields[len(headers) :], len(headers))


def _with_surplus(row: Row, surplus: list[str], width: int) -> Row:
    """Fault a row with more fields than the header: a text with the delimiter in it has shifted them."""
    if not any(field.strip() for field in surplus):
        return row
    expected = Text(
        f"högst {width} fält, som rubrikraden (skiljetecken inne i en text kräver citattecken runt den)",
        f"at most {width} fields, like the header row (a text with the delimiter in it needs quotation marks)",
    )
    value = shown(" ".join(filter(None, surplus)))
    return Row(row.number, row.cells, (*row.faults, Fault("", value, expected)))


def _plain(field: str) -> str:
    kept = KEPT_AS_TEXT.fullmatch(field)
    return kept[1] if kept else field
