"""Writes lists as CSV and XLSX, row by row, so that a long list needs no more memory than a short one.

CSV as Swedish spreadsheets open it: UTF-8 with a byte order mark, semicolons, days as
YYYY-MM-DD. No cell can run as a formula: a text that begins like one is shown as text
(OWASP, CSV Injection; CWE-1236).
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Final, TypeAlias

Cell: TypeAlias = str | int | date | datetime | None
"""What stands in a cell; a `datetime` is local and naive."""

BEGINS_A_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
LONGEST_CELL: Final = 32_767
"""Characters; the most that a workbook's cell holds."""

CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_LINES: Final = 200
_CHUNK: Final = 64 * 1024
_IN_MEMORY: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and its width in characters where that can be chosen."""

    heading: str
    width: int = 16


def csv_file(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The list as CSV, in pieces."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.heading for column in columns])
    yield b"\xef\xbb\xbf"
    for place, row in enumerate(rows, start=1):
        writer.writerow([_written(cell) for cell in row])
        if place % _LINES == 0:
            yield _taken(text)
    yield _taken(text)


def xlsx_file(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The list as a workbook of one sheet called `title`, in pieces; it lies in a temporary file meanwhile."""
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        _write_workbook(file, title, columns, rows)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            yield chunk


def _write_workbook(file: IO[bytes], title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> None:
    # Read in with the first workbook: it takes a thirtieth of a start.
    import xlsxwriter  # noqa: PLC0415

    with xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold = book.add_format({"bold": True, "bottom": 1})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        plain = book.add_format({"quote_prefix": True})
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width)
            sheet.write_string(0, place, column.heading, bold)
        sheet.freeze_panes(1, 0)
        count = 0
        for count, row in enumerate(rows, start=1):
            for place, cell in enumerate(row):
                _put(sheet, count, place, cell, moment=moment, plain=plain)
        sheet.autofilter(0, 0, count, max(len(columns) - 1, 0))


def _put(sheet: Any, row: int, column: int, cell: Cell, *, moment: Any, plain: Any) -> None:
    """Write a cell as what it is. A text is never read as a formula or a link, whatever it begins with."""
    if isinstance(cell, str):
        sheet.write_string(row, column, cell[:LONGEST_CELL], plain if cell.startswith(BEGINS_A_FORMULA) else None)
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell, moment)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell)
    elif cell is not None:
        sheet.write_number(row, column, cell)


def _written(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        # The apostrophe is how spreadsheets themselves mark a text; nothing after it is worked out.
        return f"'{cell}" if cell.startswith(BEGINS_A_FORMULA) else cell
    return "" if cell is None else str(cell)


def _taken(text: io.StringIO) -> bytes:
    """What has been written since the last time."""
    found = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return found


def _sheet_name(title: str) -> str:
    """A sheet's name has at most 31 characters, and some never."""
    kept = "".join(sign for sign in title if sign not in "[]:*?/\\").strip("' ")
    return kept[:31] or "Lista"
