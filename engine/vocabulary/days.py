"""Days counted from other days. All are local, and none lies outside the calendar's years.

Far dates are often meant as "never", so counting stops at the first or last day there is.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import MAXYEAR, MINYEAR, date

from engine.vocabulary.steps import AnyView
from engine.vocabulary.words import called


def days_from(day: date, count: int) -> date:
    """Give the day so many days on."""
    return date.fromordinal(min(max(day.toordinal() + count, 1), date.max.toordinal()))


def months_from(day: date, count: int) -> date:
    """Give the same day so many months on; month ends clamp."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    if year < MINYEAR:
        return date.min
    if year > MAXYEAR:
        return date.max
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def day_in(year: int, month_day: str) -> date:
    """Give the day MM-DD of a year; one that the year lacks is the last of its month."""
    month, day = (int(part) for part in month_day.split("-"))
    year = min(max(year, MINYEAR), MAXYEAR)
    return date(year, month, min(day, monthrange(year, month)[1]))


def last_before(month_day: str, day: date) -> date:
    """Give the last day MM-DD that lies before a day."""
    found = day_in(day.year, month_day)
    return found if found < day else day_in(day.year - 1, month_day)


def fact_day(*facts: str, days: int | str = 0, weeks: int | str = 0) -> Callable[[AnyView], date | None]:
    """Make a function that gives a day in the facts: the first of these that is known, else None.

    So many days and weeks on; a text is the name of a figure, with "-" before it to count back.
    """

    def day_of(view: AnyView) -> date | None:
        known = (getattr(view.facts, name) for name in facts)
        day = next((each for each in known if each is not None), None)
        return None if day is None else days_from(day, _number(view, days) + 7 * _number(view, weeks))

    counts = ((days, "days"), (weeks, "weeks"))
    spans = [f"{count}_{unit}" if isinstance(count, int) else count for count, unit in counts if count]
    return called("_and_".join(["_or_".join(facts), *spans]), day_of)


def _number(view: AnyView, count: int | str) -> int:
    """Read a count, or the figure it names."""
    if isinstance(count, int):
        return count
    figure = int(view.figure(count.removeprefix("-")))
    return -figure if count.startswith("-") else figure
