"""Reads dates as people write them in Sweden, and as spreadsheets mangle them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from adapters.tables_model import Cell
from adapters.values import ValueFault, folded, written
from engine.vocabulary import Text

DATE = Text(
    "ett datum, som 2027-01-15 eller 15/1 2027 (dagen först)",
    "a date, such as 2027-01-15 or 15/1 2027 (day first)",
)
MONTH_DAY = Text("en dag på året, som 1 april eller 04-01", "a day of the year, such as 1 April or 04-01")
LEAP_YEAR = 2028
EXCEL_FIRST_DAY = date(1899, 12, 30)
SERIALS = range(3654, 109_575)
"""Serial days 1910-01-01 to 2199-12-31, as a spreadsheet writes a date it shows as a number."""
YEARS = range(1900, 2200)
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january", "feb februari february", "mar mars march", "apr april",
            "maj may", "jun juni june", "jul juli july", "aug augusti august",
            "sep sept september", "okt oct oktober october", "nov november", "dec december",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip


def day(cell: Cell) -> date:
    """Read a local date. Day before month, as in Sweden; years of two digits are not guessed."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    value = folded(written(cell))
    if isinstance(cell, (int, float)) or value.isdigit():
        return _day_from_digits(value)
    for read in (_day_in_digits, _day_with_month_name):
        if found := read(value):
            return found
    raise ValueFault(DATE)


def month_day(cell: Cell) -> str:
    """Read a day that comes every year, as "MM-DD"; a full date gives its day. 1/4 is the first of April."""
    value = folded(written(cell))
    if found := re.fullmatch(r"(?:--)?(\d{2})-(\d{2})", value):
        return _day_of_any_year(found[1], found[2])
    if found := re.fullmatch(r"(?:den )?(\d{1,2})[/.] ?(\d{1,2})\.?", value):
        return _day_of_any_year(found[2], found[1])
    try:
        # A leap year, so that 29 February is a day.
        return f"{day(f'{value} {LEAP_YEAR}'):%m-%d}" if _names_a_month(value) else f"{day(cell):%m-%d}"
    except ValueFault as fault:
        raise ValueFault(MONTH_DAY) from fault


def _names_a_month(value: str) -> bool:
    return bool(re.fullmatch(r"(?:den )?\d{1,2}\D{0,3} ?[a-z]+\.?|[a-z]+\.? \d{1,2}\D{0,2}", value))


def _day_of_any_year(month: str, day_of_month: str) -> str:
    try:
        return f"{date(LEAP_YEAR, int(month), int(day_of_month)):%m-%d}"
    except ValueError as error:
        raise ValueFault(MONTH_DAY) from error


def _day_from_digits(value: str) -> date:
    """Read 20270115, or the serial number of a day."""
    if len(value) == len("20270115"):
        return _existing(value[:4], value[4:6], value[6:])
    number = int(float(value)) if re.fullmatch(r"\d{4,6}(\.\d+)?", value) else 0
    if number not in SERIALS:
        raise ValueFault(DATE)
    return EXCEL_FIRST_DAY + timedelta(days=number)


def _day_in_digits(value: str) -> date | None:
    if year_first := re.fullmatch(r"(\d{4})([-./ ])(\d{1,2})\2(\d{1,2})(?:[t ]\d{1,2}:\d\d.*)?", value):
        return _existing(year_first[1], year_first[3], year_first[4])
    if day_first := re.fullmatch(r"(\d{1,2})([-./])\s?(\d{1,2})(?:\2|[- ])\s?(\d{4})(?: \d{1,2}:\d\d.*)?", value):
        return _existing(day_first[4], day_first[3], day_first[1])
    return None


def _day_with_month_name(value: str) -> date | None:
    if found := re.fullmatch(r"(?:den )?(\d{1,2})(?:\.|:e|st|nd|rd|th)?[ -]?([a-z]+)\.?,?[ -](\d{4})", value):
        return _existing(found[3], MONTHS.get(found[2], 0), found[1])
    if found := re.fullmatch(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", value):
        return _existing(found[3], MONTHS.get(found[1], 0), found[2])
    return None


def _existing(year: str, month: str | int, day_of_month: str) -> date:
    try:
        found = date(int(year), int(month), int(day_of_month))
    except ValueError as error:
        raise ValueFault(DATE) from error
    if found.year not in YEARS:
        raise ValueFault(DATE)
    return found
