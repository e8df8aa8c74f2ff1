"""The office's calendar: which days work, which use up a budget, and when a local day begins.

A day is a local day of the calendar's zone; an instant is aware, and handed back in UTC. Rules:
the free days of `engine.holidays`, bridge days, closing days, low season.

Everything here is total: what would fall before the first or after the last day there is
(0001-01-01, 9999-12-31) falls on that day, for "until further notice" is often written as the
last one. A wrong word, zone or naive instant is a ValueError.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time
from functools import lru_cache
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.canonical import instant
from engine.holidays import FIRST_ORDINAL, LAST_ORDINAL, free_days, squeezed_days

SUMMER_WEEKS: Final = range(28, 32)
LOW_SEASON_FROM: Final = (12, 23)
LOW_SEASON_TO: Final = (1, 6)

WINDOW_OPENS: Final = time(7, 30)
WINDOW_CLOSES: Final = time(16, 0)
WINDOW_SEARCH_DAYS: Final = 400

FIRST_INSTANT: Final = datetime.min.replace(tzinfo=UTC)
LAST_INSTANT: Final = datetime.max.replace(tzinfo=UTC)

# How many answers of a kind about days are kept: the same days are asked for again and again. To replay a year of an
# office with 500 cases asks 56,000 times which day it was, of 3,500 moments; so few kept, 4,000 are worked out. A busy
# process asks of a hundred new moments a minute: these are full within minutes, and it does not grow by the hour.
_KEPT: Final = 512

# A day of the year is measured against a leap year, in which each of them exists.
_LEAP_YEAR: Final = 2000


@dataclass(frozen=True, slots=True)
class Calendar:
    """The calendar of one unit.

    `zone` is an IANA name; `closing_days` are the unit's own; `bridge_days` says whether a
    klämdag is taken off; `low_season` whether internal clocks rest in it.
    """

    zone: str = "Europe/Stockholm"
    closing_days: frozenset[date] = frozenset()
    bridge_days: bool = True
    low_season: bool = False

    def __post_init__(self) -> None:
        """Refuse a misspelt zone here, where it is set, and not at the first deadline."""
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, OSError, ValueError) as error:
            raise ValueError(f"{self.zone!r} is not a known time zone") from error

    # Which days work.

    def is_free(self, day: date) -> bool:
        """Tell whether the day is a weekend, a public holiday or an eve."""
        return day in free_days(day.year)

    def is_working_day(self, day: date) -> bool:
        """Tell whether the office works: not free, no bridge day, no closing day of the unit."""
        return not (
            day in free_days(day.year)
            or (self.bridge_days and day in squeezed_days(day.year))
            or day in self.closing_days
        )

    def counts(self, day: date, *, unit: str, internal: bool) -> bool:
        """Tell whether the day uses up budget when it ends.

        `unit` is "working_days" or "days". Internal clocks rest in low season; a promise to
        others (`internal` false) runs on.
        """
        if unit not in {"working_days", "days"}:
            raise ValueError(f"days are counted as working_days or days, not as {unit!r}")
        if internal and self.in_low_season(day):
            return False
        return unit == "days" or self.is_working_day(day)

    def in_low_season(self, day: date) -> bool:
        """Tell whether the unit keeps low season and the day lies in it.

        That is in ISO weeks 28 to 31, or from 23 December to 6 January.
        """
        return self.low_season and _lies_in_low_season(day)

    # From day to day.

    def next_working_day(self, day: date) -> date:
        """Give the day itself if it works, else the next that does."""
        return day if self.is_working_day(day) else self.add_working_days(day, 1)

    def previous_working_day(self, day: date) -> date:
        """Give the day itself if it works, else the last that did."""
        return day if self.is_working_day(day) else self.add_working_days(day, -1)

    def add_working_days(self, day: date, count: int) -> date:
        """Give the count-th working day after the day, before it if negative; 0 gives the day.

        The day itself never counts, whether it works or not.
        """
        return day if count == 0 else _working_day(self, day, count)

    def working_days_between(self, start: date, end: date) -> int:
        """Count the working days after `start` up to and with `end`; negative if `end` is first."""
        return self.counted_days(start, end, unit="working_days", internal=False)

    def nth_counted_day(self, start: date, count: int, *, unit: str, internal: bool) -> date:
        """Give the count-th day after `start` that `counts`; 0 gives `start` itself."""
        if count < 0:
            raise ValueError(f"a budget of {count} days cannot be counted forward")
        return start if count == 0 else _counted_day(self, start, count, unit, internal)

    def counted_days(self, start: date, end: date, *, unit: str, internal: bool) -> int:
        """Count the days that `counts` after `start` up to and with `end`; negative if reversed."""
        if end < start:
            return -self.counted_days(end, start, unit=unit, internal=internal)
        ordinals = range(start.toordinal() + 1, end.toordinal() + 1)
        return sum(self.counts(day, unit=unit, internal=internal) for day in map(date.fromordinal, ordinals))

    def before_low_season(self, day: date) -> date:
        """Give the last working day before the low season the day lies in, else the day itself.

        The rungs of promises to others move so (PROCESSES 0).
        """
        if not self.in_low_season(day):
            return day
        outside = (earlier for earlier in _days_before(day) if not self.in_low_season(earlier))
        return self.previous_working_day(next(outside, date.min))

    # Between local days and instants.

    def local_date(self, instant: datetime) -> date:
        """Give the local day an instant falls on."""
        _must_be_aware(instant)
        return _local_date(self.zone, instant)

    def local(self, at: int) -> datetime:
        """Give an instant, told in UTC microseconds since 1970, as local clocks show it."""
        return _in_zone(self.zone, instant(at))

    def day_at(self, at: int) -> date:
        """Give the local day an instant falls on, told in UTC microseconds since 1970."""
        return _day_at(self.zone, at)

    def at(self, day: date, wall: time) -> datetime:
        """Give the instant at which local clocks show a time, in UTC.

        A time that clocks skip in spring is read as if they had not been put forward yet (02:30
        becomes 03:30 summer time); of a time they show twice in autumn the first is meant. Zone
        and fold of `wall` itself are passed over.
        """
        return _wall_time(self.zone, day, wall)

    def start_of(self, day: date) -> datetime:
        """Give the local midnight at which the day begins, in UTC."""
        return _midnight(self.zone, day)

    def end_of(self, day: date) -> datetime:
        """Give the local midnight that follows the day, in UTC."""
        # Through the next day and not 24 hours on: two days a year are longer or shorter.
        if day == date.max:
            return LAST_INSTANT
        return self.start_of(date.fromordinal(day.toordinal() + 1))

    def next_window(self, instant: datetime, *, works_on: Callable[[date], bool]) -> datetime:
        """Give the instant, in UTC, if it lies in a working window, else when the next one opens.

        A window is 07:30 to 16:00 local time (its end not included) on a working day on which
        `works_on` holds. If none comes within 400 days `works_on` is passed over, so that a
        message comes in the office's window rather than never.
        """
        _must_be_aware(instant)
        moment = _in_utc(instant)
        day = self.local_date(moment)
        if moment >= self.at(day, WINDOW_CLOSES):
            day = next(_days_after(day), date.max)
        # The later of the two: a window that is open already opened before the moment.
        return max(moment, self.at(self._first_day_on(day, works_on), WINDOW_OPENS))

    def _first_day_on(self, day: date, works_on: Callable[[date], bool]) -> date:
        ordinal = day.toordinal()
        last = min(ordinal + WINDOW_SEARCH_DAYS, LAST_ORDINAL)
        near = filter(self.is_working_day, map(date.fromordinal, range(ordinal, last + 1)))
        return next(filter(works_on, near), None) or self.next_working_day(day)


@lru_cache(maxsize=_KEPT)
def _working_day(calendar: Calendar, day: date, count: int) -> date:
    forward = count > 0
    working = filter(calendar.is_working_day, _days_after(day) if forward else _days_before(day))
    return _nth(working, abs(count), otherwise=date.max if forward else date.min)


@lru_cache(maxsize=_KEPT)
def _counted_day(calendar: Calendar, start: date, count: int, unit: str, internal: bool) -> date:  # noqa: FBT001 - a key
    counted = (day for day in _days_after(start) if calendar.counts(day, unit=unit, internal=internal))
    return _nth(counted, count, otherwise=date.max)


@lru_cache(maxsize=_KEPT)
def _day_at(zone: str, at: int) -> date:
    return _local_date(zone, instant(at))


def _local_date(zone: str, moment: datetime) -> date:
    return _in_zone(zone, moment).date()


def _in_zone(zone: str, moment: datetime) -> datetime:
    try:
        return moment.astimezone(ZoneInfo(zone))
    except OverflowError:
        # Only on the first and the last day there are; there is no other to fall on.
        return moment


@lru_cache(maxsize=_KEPT)
def _midnight(zone: str, day: date) -> datetime:
    return _wall_time(zone, day, time.min)


def _wall_time(zone: str, day: date, wall: time) -> datetime:
    return _in_utc(datetime.combine(day, wall.replace(fold=0), tzinfo=ZoneInfo(zone)))


def fit_to_working_day(calendar: Calendar, day: date, rule: str) -> date:
    """Move a day on which the office is closed, as declared: "keep", "next" or "previous"."""
    match rule:
        case "keep":
            return day
        case "next":
            return calendar.next_working_day(day)
        case "previous":
            return calendar.previous_working_day(day)
    raise ValueError(f"a closed day is dealt with by keep, next or previous, not by {rule!r}")


def add_months(day: date, months: int) -> date:
    """Give the same day of the month so many months on; month ends clamp (31 January + 1)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return _clamped_date(year, month + 1, day.day)


def resolve_month_day(year: int, month_day: str) -> date:
    """Give "MM-DD" in a year; 29 February becomes the 28th in a common year.

    A ValueError if no year has such a day.
    """
    match = re.fullmatch(r"([0-9]{2})-([0-9]{2})", month_day)
    if match is None:
        raise ValueError(f"a day of the year is written MM-DD, not {month_day!r}")
    try:
        day = date(_LEAP_YEAR, int(match[1]), int(match[2]))
    except ValueError as error:
        raise ValueError(f"no year has the day {month_day!r}") from error
    return _clamped_date(year, day.month, day.day)


def _lies_in_low_season(day: date) -> bool:
    month_day = (day.month, day.day)
    if month_day >= LOW_SEASON_FROM or month_day <= LOW_SEASON_TO:
        return True
    return day.isocalendar().week in SUMMER_WEEKS


def _clamped_date(year: int, month: int, number: int) -> date:
    if year < MINYEAR:
        return date.min
    if year > MAXYEAR:
        return date.max
    return date(year, month, min(number, monthrange(year, month)[1]))


def _days_after(day: date) -> Iterator[date]:
    return map(date.fromordinal, range(day.toordinal() + 1, LAST_ORDINAL + 1))


def _days_before(day: date) -> Iterator[date]:
    return map(date.fromordinal, range(day.toordinal() - 1, FIRST_ORDINAL - 1, -1))


def _nth(days: Iterator[date], count: int, *, otherwise: date) -> date:
    # There are no more days than the last has for its number; islice refuses far larger counts.
    return next(islice(days, min(count, LAST_ORDINAL) - 1, None), otherwise)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return FIRST_INSTANT if moment.year == MINYEAR else LAST_INSTANT


def _must_be_aware(instant: datetime) -> None:
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} is no instant: it has no time zone")
