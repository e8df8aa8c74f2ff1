"""What a table file is once it is open: headers, rows, and faults told in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from engine.errors import EngineError
from engine.vocabulary import Text

Cell: TypeAlias = str | int | float | Decimal | date | datetime | bool | None
"""What stands in a cell. CSV gives text or None; XLSX gives what the spreadsheet holds."""

LONGEST_SHOWN = 80
"""Characters of a wrong value that a report repeats; longer ones are cut."""

LONGEST_HEADER = 200
MOST_COLUMNS = 500
"""Columns a header row may fill. The widest real list has some forty."""


class TableUnreadable(EngineError):
    """The file cannot be read as a table; nothing was taken from it.

    `message` says what was found and what to do, for a person.
    """

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.en)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in one row.

    `column` is the header as written in the file, a column letter where there is no
    header, and empty where the row as a whole is wrong. `value` is fit for the screen.
    """

    column: str
    value: str
    expected: Text


@dataclass(frozen=True, slots=True)
class Broken:
    """A cell the file itself cannot give the value of (a formula never worked out)."""

    value: str
    expected: Text


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the header. `number` is the one a spreadsheet shows; `cells` is keyed by header."""

    number: int
    cells: Mapping[str, Cell]
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """An open table. It has been gone through once, so its rows can be read to the end.

    `headers` stand as written but on one line, one a column, empty where a column has none.
    `total` counts the rows below the header, empty ones too: the whole of a progress bar.
    `sheet` names the worksheet read, None for CSV.
    """

    headers: tuple[str, ...]
    header_row: int
    total: int
    sheet: str | None
    read: Callable[[], Iterator[Row]]

    @property
    def rows(self) -> Iterator[Row]:
        """Read from the first row below the header; each call begins anew. Empty rows are left out."""
        return self.read()


def build_row(*, number: int, headers: tuple[str, ...], cells: Iterable[tuple[int, Cell | Broken]]) -> Row:
    """Put cells, given by position from 0, under their headers; cells without a header are dropped.

    Where a header stands twice the first one counts: nobody who asks for that
    column gets here, because `columns.match` refuses it.
    """
    named: dict[str, Cell] = {}
    faults = []
    for position, cell in cells:
        if position >= len(headers) or not (header := headers[position]) or header in named:
            continue
        if isinstance(cell, Broken):
            faults.append(Fault(header, shown(cell.value), cell.expected))
        named[header] = None if isinstance(cell, Broken) else cell
    return Row(number, named, tuple(faults))


def trimmed(headers: Iterable[str]) -> tuple[str, ...]:
    """Put headers on one line each, fit to show, and drop the empty ones that spreadsheets leave at the right edge."""
    kept = [_on_one_line(header) for header in headers]
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def _on_one_line(header: str) -> str:
    """Part lines by a slash: in lists in two languages each often has its own line."""
    lines = (" ".join(line.split()) for line in header.splitlines())
    text = " / ".join(line for line in lines if line)[:LONGEST_HEADER]
    return "".join(c if c.isprintable() else "�" for c in text)


def shown(value: Cell) -> str:
    """Write a value for a report: one line, control characters made visible, cut when long."""
    if isinstance(value, date):
        return value.isoformat()
    text = "" if value is None else str(value)
    visible = "".join(c if c.isprintable() else "␣" if c.isspace() else "�" for c in text[: LONGEST_SHOWN + 1])
    return visible if len(visible) <= LONGEST_SHOWN else visible[: LONGEST_SHOWN - 1] + "…"


def too_wide() -> TableUnreadable:
    """Refuse a header row wider than any list an office keeps."""
    return TableUnreadable(
        Text(
            f"Filen har fler än {MOST_COLUMNS} kolumner. Ta bort de som inte hör till listan.",
            f"The file has more than {MOST_COLUMNS} columns. Remove those that are not part of the list.",
        )
    )


def no_rows() -> TableUnreadable:
    """Refuse a file in which nothing is written."""
    return TableUnreadable(
        Text(
            "Filen är tom: ingen rad med rubriker hittades. Kontrollera att rätt fil valdes.",
            "The file is empty: no row with headers was found. Check that you chose the right file.",
        )
    )
