"""Writes and reads event logs as CSV, one event a row.

Columns are named as process-mining tools name them: those of the case begin with `case:`. A foreign list
names its columns in `Columns`. Every value is read as text; an empty cell is no value. A text that begins
like a formula bears an apostrophe before it, which is taken off again when it is read (CWE-1236).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

from adapters.eventlogs.files import (
    STOCKHOLM,
    LogUnreadable,
    damaged,
    instant,
    micros,
    parsed,
    reading,
    writing,
    written,
)
from adapters.eventlogs.gathering import gathered
from adapters.exports import BEGINS_A_FORMULA
from adapters.tables_model import MOST_COLUMNS, TableUnreadable
from adapters.tables_text import Source, detect_encoding
from engine.eventlog import LogEvent, Trace

PREFIX: Final = "case:"
DELIMITERS: Final = ",;\t|"
LONGEST_CELL: Final = 16 * 1024 * 1024
"""Characters; the limit of a spreadsheet's cell is 32,767, but a log may hold a document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns of a list tell what. `at` and `resource` may be wanting in the list."""

    case: str = "case:concept:name"
    event: str = "concept:name"
    at: str | None = "time:timestamp"
    resource: str | None = "org:resource"


OURS: Final = Columns()


def write_csv(
    path: Path, traces: Iterable[Trace], *, case_attributes: Sequence[str], event_attributes: Sequence[str]
) -> None:
    """Write a log with these attributes as columns, packed where the name ends in .gz. The file appears when whole."""
    with writing(path) as out:
        # Cells are quoted where they hold what ends a line: both marks, so that a lone one comes back.
        rows = csv.writer(out, lineterminator="\r\n")
        columns = (OURS.case, OURS.event, OURS.at, OURS.resource)
        rows.writerow([*columns, *(PREFIX + name for name in case_attributes), *event_attributes])
        for trace in traces:
            of_case = [_cell(trace.attributes.get(name)) for name in case_attributes]
            for event in trace.events:
                at = None if event.at is None else instant(event.at)
                of_event = [_cell(event.attributes.get(name)) for name in event_attributes]
                told = (trace.case, event.name, at, event.resource)
                rows.writerow([*map(_cell, told), *of_case, *of_event])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}" if _would_run(value) else value
    return written(value) if isinstance(value, datetime) else str(value)


def _would_run(text: str) -> bool:
    """Whether a spreadsheet would work a text out, now or once the apostrophes before it are taken off."""
    return text.lstrip("'").startswith(BEGINS_A_FORMULA)


def _unmarked(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _would_run(cell) else cell


def read_csv(path: Path, columns: Columns = OURS, zone: tzinfo = STOCKHOLM) -> Iterator[Trace]:
    """Read a list case by case, however its rows are mixed; events of a case in order of time, then of the list.

    A time without an offset is meant in `zone`. Raises LogUnreadable, naming the row where that helps.
    """
    return (_trace(case, found) for case, found in gathered(_rows(path, columns, zone)))


def _rows(path: Path, columns: Columns, zone: tzinfo) -> Iterator[tuple[str, int | None, Any]]:
    """Each event as its case, its instant and (name, instant, resource, of the case, of itself)."""
    previous = csv.field_size_limit(LONGEST_CELL)
    try:
        encoding = _encoding(path)
        with reading(path) as file, io.TextIOWrapper(file, encoding, newline="") as text:
            rows = csv.reader(text, delimiter=_delimiter(path, encoding, columns), strict=True)
            header = _header(next(rows, []), columns)
            for row in rows:
                if not any(row):
                    continue
                if len(row) > len(header):
                    raise _wrong(rows.line_num, "fler celler än rubriker", "more cells than headers")
                yield _row(dict(zip(header, row, strict=False)), columns, zone, rows.line_num)
    except (csv.Error, UnicodeDecodeError) as error:
        raise damaged(path, error) from error
    finally:
        csv.field_size_limit(previous)


def _row(cells: Mapping[str, str], columns: Columns, zone: tzinfo, line: int) -> tuple[str, int | None, Any]:
    left = {name: _unmarked(cell) for name, cell in cells.items() if cell}
    case, name = left.pop(columns.case, None), left.pop(columns.event, None)
    if case is None or name is None:
        raise _wrong(line, "ärende eller händelse saknas", "the case or the event is missing")
    time = left.pop(columns.at, None) if columns.at else None
    try:
        at = None if time is None else micros(parsed(time, zone))
    except LogUnreadable as error:
        raise _wrong(line, error.message.sv, error.message.en) from error
    resource = left.pop(columns.resource, None) if columns.resource else None
    of_case = {name.removeprefix(PREFIX): cell for name, cell in left.items() if name.startswith(PREFIX)}
    of_event = {name: cell for name, cell in left.items() if not name.startswith(PREFIX)}
    return case, at, (name, at, resource, of_case, of_event)


def _trace(case: str, found: Sequence[Any]) -> Trace:
    """A case of its rows; of the case itself the first row that tells an attribute counts."""
    of_case: dict[str, str] = {}
    events = []
    for sequence, (name, at, resource, told_of_case, told) in enumerate(found, start=1):
        of_case = {**told_of_case, **of_case}
        events.append(LogEvent(name, at, sequence, resource, told))
    return Trace(case, tuple(events), of_case)


def _encoding(path: Path) -> str:
    try:
        return detect_encoding(cast("Source", partial(reading, path)))
    except TableUnreadable as error:
        raise LogUnreadable(error.message.sv, error.message.en) from error


def _delimiter(path: Path, encoding: str, columns: Columns) -> str:
    """The delimiter under which the first line holds the columns that are needed, else the most frequent one."""
    with reading(path) as file, io.TextIOWrapper(file, encoding) as text:
        first = text.readline(1024 * 1024)
    for mark in DELIMITERS:
        if {columns.case, columns.event} <= set(next(csv.reader([first], delimiter=mark), [])):
            return mark
    return max(DELIMITERS, key=first.count)


def _header(header: Sequence[str], columns: Columns) -> Sequence[str]:
    names = [name.strip() for name in header]
    missing = [name for name in (columns.case, columns.event) if name not in names]
    if missing:
        told = ", ".join(names)[:300]
        raise LogUnreadable(
            f"Kolumnen {missing[0]} saknas. Filen har: {told}",
            f"The column {missing[0]} is missing. The file has: {told}",
        )
    if len(names) > MOST_COLUMNS or len(set(names)) < len(names):
        raise LogUnreadable(
            "Filen har för många kolumner, eller två med samma rubrik.",
            "The file has too many columns, or two with the same header.",
        )
    return names


def _wrong(line: int, sv: str, en: str) -> LogUnreadable:
    return LogUnreadable(f"Rad {line}: {sv}.", f"Line {line}: {en}.")
