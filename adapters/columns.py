"""Finds columns by name and reads rows into values; a bad row is told, and does not stop the others.

Offices name their columns as they like: in Swedish or English, with a star for
"required", with a hint in brackets, in both languages with a slash between. A
header is compared folded (case, accents, spaces, punctuation) with a column's
name and synonyms; where that finds nothing, without its hint, then in its parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from adapters.tables_model import Cell, Fault, Row, Table, TableUnreadable, shown
from adapters.values import ValueFault, folded
from engine.vocabulary import Text

NOTHING = frozenset({"", "-", "–", "—", "#n/a"})
"""What stands in a cell that is meant to be empty."""
LONGEST_NOTHING = 8
IN_BRACKETS = re.compile(r"\([^)]*\)|\[[^]]*\]")
BETWEEN_LANGUAGES = re.compile(r"[/|\n]| - | – ")
MOST_NAMED = 30
"""Headers of the file that a message repeats."""

A_VALUE = Text("ett värde; kolumnen måste fyllas i", "a value; the column must be filled in")


@dataclass(frozen=True, slots=True)
class Column:
    """A column an import asks for.

    `parse` takes a cell that is not blank and raises ValueFault. `lenient`: a value
    that cannot be read counts as missing instead of costing the row, for columns
    that published lists fill with care only now and then.
    """

    name: str
    synonyms: tuple[str, ...] = ()
    parse: Callable[[Cell], Any] = str
    required: bool = False
    lenient: bool = False


@dataclass(frozen=True, slots=True)
class Demands:
    """What holds between the columns of one list.

    `one_of`: of each group at least one column must be in the file and filled in.
    `in_order`: pairs of which the second must not be less than the first.
    """

    one_of: tuple[tuple[str, ...], ...] = ()
    in_order: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """A row read. `values` is keyed by column name; columns the file lacks are missing, blank ones None."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken in, with everything that is wrong in it."""

    number: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """Which header of the file each column was found under, and the headers nobody asks for, once each."""

    header_of: Mapping[str, str]
    unknown: tuple[str, ...]


Outcome: TypeAlias = Parsed | BadRow
NO_DEMANDS = Demands()


def also(synonyms: str) -> tuple[str, ...]:
    """Split the synonyms of a column, parted by semicolons, as a list of columns reads best."""
    return tuple(synonym.strip() for synonym in synonyms.split(";"))


class ColumnsWrong(TableUnreadable):
    """The headers do not fit the list that was asked for; no row was read. `message` names them all."""


def fold_header(header: str) -> str:
    """Reduce a header to its letters and digits: "E-post *" and "e_post" are the same."""
    return re.sub(r"[\W_]", "", folded(header))


def match(table: Table, columns: Sequence[Column], demands: Demands = NO_DEMANDS) -> Match:
    """Find each column under its header.

    Raises ColumnsWrong where a required column is missing or one column stands under
    two headers, with all such faults in one message.
    """
    names = _names(columns)
    found: dict[str, list[str]] = {}
    unknown: dict[str, None] = {}
    for header in table.headers:
        if column := _column_of(header, names):
            found.setdefault(column, []).append(header)
        elif header:
            unknown[header] = None
    wrong = [*_doubled(found), *_missing(columns, found), *_none_of(columns, demands, found)]
    if wrong:
        raise ColumnsWrong(_all_wrong(wrong, table))
    return Match({column: headers[0] for column, headers in found.items()}, tuple(unknown))


def read_rows(table: Table, columns: Sequence[Column], demands: Demands = NO_DEMANDS) -> Iterator[Outcome]:
    """Read every row that is not empty. Headers are judged at once, before the first row is asked for."""
    matched = match(table, columns, demands)
    present = [column for column in columns if column.name in matched.header_of]
    return (_read(row, present, matched.header_of, demands) for row in table.rows)


def _names(columns: Sequence[Column]) -> dict[str, str]:
    names: dict[str, str] = {}
    for column in columns:
        for name in (column.name, *column.synonyms):
            if names.setdefault(fold_header(name), column.name) != column.name:
                raise ValueError(f"{name} names both {names[fold_header(name)]} and {column.name}")
    return names


def _column_of(header: str, names: Mapping[str, str]) -> str | None:
    if column := names.get(fold_header(header)) or names.get(fold_header(IN_BRACKETS.sub(" ", header))):
        return column
    parts = {names.get(fold_header(IN_BRACKETS.sub(" ", part))) for part in BETWEEN_LANGUAGES.split(header)}
    return parts.pop() if len(parts) == 1 else None


def _doubled(found: Mapping[str, Sequence[str]]) -> Iterator[Text]:
    for column, headers in found.items():
        if len(headers) > 1:
            quoted = ", ".join(f"”{shown(header)}”" for header in headers)
            yield Text(
                f"Flera rubriker betyder {column}: {quoted}. Behåll en av dem.",
                f"Several headers mean {column}: {quoted}. Keep one of them.",
            )


def _missing(columns: Sequence[Column], found: Mapping[str, Sequence[str]]) -> Iterator[Text]:
    for column in columns:
        if column.required and column.name not in found:
            yield Text(
                f"Kolumnen {_called(column, 'eller')} saknas.", f"The column {_called(column, 'or')} is missing."
            )


def _none_of(columns: Sequence[Column], demands: Demands, found: Mapping[str, Sequence[str]]) -> Iterator[Text]:
    by_name = {column.name: column for column in columns}
    for group in demands.one_of:
        if not any(name in found for name in group):
            yield Text(
                f"Någon av kolumnerna {'; '.join(_called(by_name[n], 'eller') for n in group)} måste finnas.",
                f"One of the columns {'; '.join(_called(by_name[n], 'or') for n in group)} is needed.",
            )


def _called(column: Column, word: str) -> str:
    synonyms = f" ({f' {word} '.join(column.synonyms[:3])})" if column.synonyms else ""
    return f"{column.name}{synonyms}"


def _all_wrong(wrong: Sequence[Text], table: Table) -> Text:
    headers = ", ".join(f"”{shown(header)}”" for header in table.headers[:MOST_NAMED] if header)
    return Text(
        "\n".join(
            [
                *(text.sv for text in wrong),
                f"Rubrikerna (filens första ifyllda rad, rad {table.header_row}): {headers}.",
            ]
        ),
        "\n".join(
            [
                *(text.en for text in wrong),
                f"The headers (first filled row of the file, row {table.header_row}): {headers}.",
            ]
        ),
    )


def _read(row: Row, columns: Sequence[Column], header_of: Mapping[str, str], demands: Demands) -> Outcome:
    if row.faults and not row.cells:
        # Nothing of it could be read, so nothing can be said to be missing.
        return BadRow(row.number, row.faults)
    values: dict[str, Any] = {}
    faults = _faults_of_file(row, columns, header_of) if row.faults else []
    broken = {fault.column for fault in row.faults}
    for column in columns:
        header = header_of[column.name]
        values[column.name] = None
        if header in broken:
            continue
        read = _value(row.cells.get(header), column, header)
        if isinstance(read, Fault):
            faults.append(read)
        else:
            values[column.name] = read
    if not faults:
        faults.extend(_demanded(values, header_of, demands))
    return BadRow(row.number, tuple(faults)) if faults else Parsed(row.number, values)


def _faults_of_file(row: Row, columns: Sequence[Column], header_of: Mapping[str, str]) -> list[Fault]:
    """Leave out what costs nothing: a fault in a column nobody asks for, or in a lenient one."""
    strict = {header_of[column.name] for column in columns if not column.lenient}
    return [fault for fault in row.faults if not fault.column or fault.column in strict]


def _value(cell: Cell, column: Column, header: str) -> Any:
    """Give the column's value, None for a blank cell, or the fault."""
    if cell is None or (isinstance(cell, str) and _is_nothing(cell)):
        return Fault(header, "", A_VALUE) if column.required else None
    try:
        return column.parse(cell)
    except ValueFault as fault:
        return None if column.lenient else Fault(header, shown(cell), fault.expected)


def _is_nothing(cell: str) -> bool:
    # Folding is dear and only short cells can come out as nothing.
    return cell in NOTHING or (len(cell) <= LONGEST_NOTHING and folded(cell) in NOTHING)


def _demanded(values: Mapping[str, Any], header_of: Mapping[str, str], demands: Demands) -> Iterator[Fault]:
    for group in demands.one_of:
        if all(values.get(name) is None for name in group):
            headers = [header_of[name] for name in group if name in header_of]
            yield Fault(headers[0], "", _one_filled(headers))
    for first, second in demands.in_order:
        start, end = values.get(first), values.get(second)
        if start is not None and end is not None and end < start:
            yield Fault(header_of[second], shown(end), _not_before(header_of[first], start))


def _one_filled(headers: Sequence[str]) -> Text:
    if len(headers) == 1:
        return A_VALUE
    names = ", ".join(f"”{header}”" for header in headers)
    return Text(f"ett värde i någon av kolumnerna {names}", f"a value in one of the columns {names}")


def _not_before(header: str, start: Cell) -> Text:
    return Text(f"tidigast ”{header}”, {shown(start)}", f'not before "{header}", {shown(start)}')
