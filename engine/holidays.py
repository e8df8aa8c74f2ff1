"""Which days are free in Sweden, year by year; the package `holidays` stays behind this module.

Free are weekends, public holidays (lag 1989:253 om allmänna helgdagar) and the three eves that
semesterlag 1977:480, 7 §, puts on a level with Sundays: Midsummer's, Christmas and New Year's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, date
from functools import lru_cache
from typing import Final

from holidays.groups.christian import ChristianHolidays
from holidays.holiday_base import HolidayBase

FIRST_ORDINAL: Final = date.min.toordinal()
LAST_ORDINAL: Final = date.max.toordinal()

# ISO weekdays of Saturday and Sunday.
_WEEKEND: Final = (6, 7)

# A case looks at a few years only; the bound keeps a caller who roams the centuries from
# filling the memory (a year's set weighs about 12 kB).
_YEARS_KEPT: Final = 256


# The national day became a public holiday in this year, and Whit Monday ceased to be one.
_NATIONAL_DAY_SINCE: Final = 2005


class _Sweden(HolidayBase, ChristianHolidays):
    """The free days of one year in Sweden, put together from the package's parts.

    The package has a Sweden of its own, and a test holds this one against it. It is not
    used itself because importing one country reads in all 250, at every start; and outside
    1953 to 2100 it answers "no holidays", silently, which would make every weekday a
    working day. Here the nearest known law is applied in all other years. Lady Day, which
    was free until 1989, is left out: it always fell on a Sunday.
    """

    country = "SE"
    start_year = MINYEAR
    end_year = MAXYEAR

    def __init__(self, year: int) -> None:
        ChristianHolidays.__init__(self)
        super().__init__(years=year, expand=False)

    def _populate_public_holidays(self) -> None:
        """Add what the package calls when it fills a year: lag 1989:253, then semesterlag 1977:480, 7 §."""
        self._add_holiday_jan_1("Nyårsdagen")
        self._add_holiday_jan_6("Trettondedag jul")
        self._add_good_friday("Långfredagen")
        self._add_easter_sunday("Påskdagen")
        self._add_easter_monday("Annandag påsk")
        self._add_holiday_may_1("Första maj")
        self._add_ascension_thursday("Kristi himmelsfärdsdag")
        self._add_pentecost("Pingstdagen")
        if self._year >= _NATIONAL_DAY_SINCE:
            self._add_holiday_jun_6("Nationaldagen")
        else:
            self._add_pentecost_monday("Annandag pingst")
        self._add_holiday_1st_sat_from_jun_20("Midsommardagen")
        self._add_holiday_1st_sat_from_oct_31("Alla helgons dag")
        self._add_holiday_dec_25("Juldagen")
        self._add_holiday_dec_26("Annandag jul")
        self._add_holiday_1st_fri_from_jun_19("Midsommarafton")
        self._add_holiday_dec_24("Julafton")
        self._add_holiday_dec_31("Nyårsafton")


@lru_cache(maxsize=_YEARS_KEPT)
def holidays_and_eves(year: int) -> frozenset[date]:
    """Give public holidays and eves of a year (1 to 9999), on whatever weekday they fall."""
    return frozenset(_Sweden(year))


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
