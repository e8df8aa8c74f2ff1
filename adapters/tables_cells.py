"""What the cells of a worksheet mean: numbers, dates, texts, errors, formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite

from adapters.tables_model import Broken, Cell
from engine.vocabulary import Text

# ECMA-376 part 1, 18.8.30: the number formats that are dates or times without saying so.
BUILT_IN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
NOT_PART_OF_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
NOT_AVAILABLE = "#N/A"
FIRST_DAY_1900, FIRST_DAY_1904 = date(1899, 12, 30), date(1904, 1, 1)
DAY_THAT_NEVER_WAS = 60
MIDNIGHT = time()
EXACT_BELOW = 1e15
"""Numbers from here on have lost digits in a spreadsheet and stay floats."""

NEVER_WORKED_OUT = Text(
    "ett värde; formeln har inget sparat resultat (öppna filen i kalkylprogrammet och spara den)",
    "a value; the formula has no stored result (open the file in a spreadsheet program and save it)",
)
ERROR = Text("ett värde; cellen visar ett fel", "a value; the cell shows an error")
NO_SUCH_DATE = Text("ett datum mellan 1900 och 9999", "a date between 1900 and 9999")
NO_SUCH_TEXT = Text("en text som finns i filen", "a text that is in the file")
TOO_LONG = Text("högst 100 000 tecken", "at most 100,000 characters")
NO_NUMBER = Text("ett tal", "a number")


@dataclass(frozen=True, slots=True)
class Book:
    """What cells of all sheets refer to: shared texts, the styles that are dates, the first day."""

    strings: Sequence[str]
    date_styles: frozenset[int]
    since_1904: bool


@dataclass(frozen=True, slots=True)
class RawCell:
    """A cell as written: its type letter(s), style, value text (None where absent), formula."""

    kind: str
    style: int
    value: str | None
    formula: str | None
    too_long: bool


def is_date_format(code: str) -> bool:
    """Say whether a number format shows a date or time; only its part for positive numbers counts."""
    return bool(re.search(r"[dmyhs]", NOT_PART_OF_FORMAT.sub("", code).split(";")[0], re.IGNORECASE))


def cell_value(raw: RawCell, book: Book) -> Cell | Broken:
    """Give the cell's value; #N/A is nothing, every other error and an unworked formula is Broken."""
    if raw.too_long:
        return Broken(raw.value or "", TOO_LONG)
    if raw.formula is not None and not raw.value and raw.kind != "str":
        return Broken(f"={raw.formula or '…'}", NEVER_WORKED_OUT)
    return MEANINGS.get(raw.kind, _text)(raw.value, raw.style, book) if raw.value else None


def unescaped(text: str) -> str:
    """Read Excel's way of writing control characters, _x000D_ for a carriage return."""
    return ESCAPED.sub(lambda m: chr(int(m[1], 16)), text) if "_x" in text else text


def _text(value: str, _style: int, _book: Book) -> Cell | Broken:
    return unescaped(value) or None


def _shared(value: str, _style: int, book: Book) -> Cell | Broken:
    try:
        place = int(value)
    except ValueError:
        return Broken(value, NO_SUCH_TEXT)
    if not 0 <= place < len(book.strings):
        return Broken(value, NO_SUCH_TEXT)
    return book.strings[place] or None


def _boolean(value: str, _style: int, _book: Book) -> Cell | Broken:
    return value.strip() not in {"0", "false"}


def _error(value: str, _style: int, _book: Book) -> Cell | Broken:
    return None if value == NOT_AVAILABLE else Broken(value, ERROR)


def _number(value: str, style: int, book: Book) -> Cell | Broken:
    try:
        # Excel shows 15 digits and stores 17; the last two are noise of binary fractions.
        number = float(f"{float(value):.15g}")
    except ValueError:
        return Broken(value, NO_NUMBER)
    if not isfinite(number):
        return Broken(value, NO_NUMBER)
    if style in book.date_styles:
        day = _from_serial(number, since_1904=book.since_1904)
        return Broken(value, NO_SUCH_DATE) if day is None else day
    return int(number) if number.is_integer() and abs(number) < EXACT_BELOW else number


def _from_serial(serial: float, *, since_1904: bool) -> Cell:
    """Read days since the first day of the workbook; less than one day is a time and stays text.

    None where there is no such day. Excel's calendar of 1900 has a 29 February that
    never was, hence the other first day for serials before it (ECMA-376 part 1, 18.17.4.1).
    """
    first = FIRST_DAY_1904 if since_1904 else FIRST_DAY_1900 + timedelta(days=serial < DAY_THAT_NEVER_WAS)
    try:
        instant = datetime.combine(first, MIDNIGHT) + timedelta(seconds=round(serial * 86400))
    except OverflowError:
        return None
    if 0 <= serial < 1:
        return instant.time().isoformat()
    return _without_midnight(instant) if serial > 0 else None


def _iso(value: str, _style: int, _book: Book) -> Cell | Broken:
    try:
        return _without_midnight(datetime.fromisoformat(value.strip()).replace(tzinfo=None))
    except ValueError:
        return Broken(value, NO_SUCH_DATE)


def _without_midnight(instant: datetime) -> date | datetime:
    return instant if instant.time() != MIDNIGHT else instant.date()


# ECMA-376 part 1, 18.18.11: the types of a cell. Whatever else is written there is read as text.
MEANINGS: dict[str, Callable[[str, int, Book], Cell | Broken]] = {
    "n": _number,
    "s": _shared,
    "b": _boolean,
    "e": _error,
    "d": _iso,
}
