"""Reads one worksheet row by row, holding one row at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import IO

from adapters.tables_cells import Book, RawCell, cell_value, unescaped
from adapters.tables_model import MOST_COLUMNS, Broken, Cell
from adapters.tables_xml import local, walk

LONGEST_CELL = 100_000
"""Characters; Excel itself holds 32,767."""
MOST_ROWS = 1_048_576
"""Rows of a worksheet in Excel."""
TEXT_OF = {"v": "value", "t": "value", "f": "formula"}


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row with the cells that hold something, by position from 0.

    `beyond`: something stands to the right of the last column that is read.
    """

    number: int
    cells: tuple[tuple[int, Cell | Broken], ...]
    beyond: bool


def sheet_rows(file: IO[bytes], book: Book) -> Iterator[RawRow]:
    """Read the rows of a worksheet that hold something."""
    reader = _SheetReader(book)
    for _ in walk(file, reader):
        yield from reader.rows
        reader.rows.clear()


def count_rows(file: IO[bytes], *, below: int) -> int:
    """Count the rows written below row `below`, reading the sheet to its end: it is then known to be whole."""
    counter = _RowCounter(below)
    for _ in walk(file, counter):
        pass
    return counter.count


def read_strings(file: IO[bytes]) -> list[str]:
    """Read the texts that cells share, in order."""
    reader = _StringsReader()
    for _ in walk(file, reader):
        pass
    return reader.strings


@lru_cache(maxsize=2048)
def _position(letters: str) -> int:
    """Turn A, B … XFD into 0, 1 … 16383; raise ValueError for anything else."""
    position = 0
    for letter in letters:
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        position = position * 26 + ord(letter) - 64
    return position - 1


class _RowCounter:
    def __init__(self, below: int) -> None:
        self.count = 0
        self._below = below
        self._number = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if local(name) == "row":
            self._number = row_number(attributes, self._number)
            self.count += self._number > self._below

    def end(self, name: str) -> None:
        """Only beginnings are counted."""

    def text(self, data: str) -> None:
        """Only beginnings are counted."""


def row_number(attributes: dict[str, str], previous: int) -> int:
    """Give the row's own number, or the next where the file leaves it out; ValueError if impossible."""
    number = int(attributes.get("r", previous + 1))
    if not previous < number <= MOST_ROWS:
        raise ValueError(number)
    return number


class _StringsReader:
    """Joins the runs of each text; phonetic guides (rPh) are no part of it."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._parts: list[str] = []
        self._taking = self._phonetic = False

    def start(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002  (the port names it)
        name = local(name)
        if name == "si":
            self._parts = []
        elif name == "rPh":
            self._phonetic = True
        elif name == "t":
            self._taking = not self._phonetic

    def end(self, name: str) -> None:
        name = local(name)
        if name == "si":
            self.strings.append(unescaped("".join(self._parts)))
        elif name == "rPh":
            self._phonetic = False
        elif name == "t":
            self._taking = False

    def text(self, data: str) -> None:
        if self._taking:
            self._parts.append(data)


class _SheetReader:
    """Collects finished rows in `rows` until they are taken.

    A cell is told from what comes after the rows (headers, comments, extensions)
    by standing inside a row.
    """

    def __init__(self, book: Book) -> None:
        self.rows: list[RawRow] = []
        self._book = book
        self._number = 0
        self._cells: list[tuple[int, Cell | Broken]] = []
        self._beyond = self._in_row = self._in_cell = self._phonetic = False
        self._taking = ""
        self._at = -1
        self._attributes: dict[str, str] = {}
        self._texts: dict[str, list[str]] = {}
        self._length = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if name == "c" and self._in_row:
            self._start_cell(attributes)
        elif self._in_cell:
            if name == "rPh":
                self._phonetic = True
            elif name in TEXT_OF and not self._phonetic:
                self._taking = TEXT_OF[name]
                self._texts.setdefault(self._taking, [])
        elif name == "row":
            self._number = row_number(attributes, self._number)
            self._in_row, self._beyond, self._at = True, False, -1
            self._cells = []

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r", "")
        position = _position(reference.rstrip("0123456789")) if reference else self._at + 1
        if position <= self._at:
            # Without this a row could hold any number of cells, all in one column.
            raise ValueError(reference)
        self._at = position
        self._in_cell, self._attributes = True, attributes
        self._texts, self._length = {}, 0

    def text(self, data: str) -> None:
        if self._taking and self._length <= LONGEST_CELL:
            self._length += len(data)
            self._texts[self._taking].append(data)

    def end(self, name: str) -> None:
        name = local(name)
        if name in TEXT_OF:
            self._taking = ""
        elif name == "rPh":
            self._phonetic = False
        elif name == "c" and self._in_cell:
            self._end_cell()
        elif name == "row" and self._in_row:
            self._in_row = False
            if self._cells or self._beyond:
                self.rows.append(RawRow(self._number, tuple(self._cells), self._beyond))

    def _end_cell(self) -> None:
        self._in_cell = self._phonetic = False
        raw = RawCell(
            kind=self._attributes.get("t", "n"),
            style=int(self._attributes.get("s", 0)),
            value="".join(self._texts["value"]) if "value" in self._texts else None,
            formula="".join(self._texts["formula"]) if "formula" in self._texts else None,
            too_long=self._length > LONGEST_CELL,
        )
        value = cell_value(raw, self._book)
        if value is None or (isinstance(value, str) and not value.strip()):
            return
        if self._at < MOST_COLUMNS:
            self._cells.append((self._at, value))
        else:
            self._beyond = True
