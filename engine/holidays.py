"""Which days are free in Sweden, year by year; the package `holidays` stays behind this module.

Free are weekends, public holidays (lag 1989:253 om allmänna helgdagar) and the three eves that
semesterlag 1977:480, 7 §, puts on a level with Sundays: Midsummer's, Christmas and New Year's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, date
from functools import lru_cache
from typing import Final

from holidays.constants import DE_FACTO, PUBLIC
from holidays.countries.sweden import Sweden

FIRST_ORDINAL: Final = date.min.toordinal()
LAST_ORDINAL: Final = date.max.toordinal()

# ISO weekdays of Saturday and Sunday.
_WEEKEND: Final = (6, 7)

# A case looks at a few years only; the bound keeps a caller who roams the centuries from
# filling the memory (a year's set weighs about 12 kB).
_YEARS_KEPT: Final = 256


class _SwedenInEveryYear(Sweden):
    """Sweden without the years at which the package stops.

    The package answers "no holidays" before 1953 and after 2100, silently, which would make
    every weekday there a working day. Outside those years the nearest known law is applied.
    """

    start_year = MINYEAR
    end_year = MAXYEAR


@lru_cache(maxsize=_YEARS_KEPT)
def holidays_and_eves(year: int) -> frozenset[date]:
    """Give public holidays and eves of a year (1 to 9999), on whatever weekday they fall."""
    return frozenset(_SwedenInEveryYear(years=year, expand=False, categories=(PUBLIC, DE_FACTO)))


@lru_cache(maxsize=_YEARS_KEPT)
def free_days(year: int) -> frozenset[date]:
    """Give every free day of a year (1 to 9999): weekends, public holidays, eves."""
    return holidays_and_eves(year) | {day for day in _days_of(year) if day.isoweekday() in _WEEKEND}


@lru_cache(maxsize=_YEARS_KEPT)
def squeezed_days(year: int) -> frozenset[date]:
    """Give the klämdagar of a year (1 to 9999): days not free, between two that are."""
    return frozenset(day for day in _days_of(year) if not _is_free(day) and _is_squeezed(day))


def _is_free(day: date) -> bool:
    return day in free_days(day.year)


def _is_squeezed(day: date) -> bool:
    # The very first and last day there are (New Year's Day, New Year's Eve) are free themselves
    # and never asked about, so that both neighbours always exist.
    ordinal = day.toordinal()
    return _is_free(date.fromordinal(ordinal - 1)) and _is_free(date.fromordinal(ordinal + 1))


def _days_of(year: int) -> Iterator[date]:
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return map(date.fromordinal, range(first, last + 1))
