"""The days of semesters and of yearly dates, as the agreements' settings give them."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from adapters.values_terms import Semester, Term

# What an office is taken to mean where its agreements' settings do not say (workflows/agreement.py).
DEFAULTS: Mapping[str, str] = {
    "autumn_begins": "08-15",
    "autumn_ends": "01-20",
    "spring_begins": "01-10",
    "spring_ends": "06-10",
    "nomination_autumn": "04-01",
    "nomination_spring": "10-01",
}
AUTUMN_FROM_MONTH = 6
"""A stay that begins in June or later belongs to the autumn, as in incoming nominations."""


@dataclass(frozen=True, slots=True)
class Days:
    """The first and the last day of a stay, local."""

    first: date
    last: date


def figure(figures: Mapping[str, Any], name: str) -> str:
    """A yearly day as MM-DD."""
    return str(figures.get(name) or DEFAULTS[name])


def day_in(year: int, month_day: str) -> date:
    """The day of a year; one that the year lacks is the last of its month."""
    month, day = (int(part) for part in month_day.split("-"))
    return date(year, month, min(day, monthrange(year, month)[1]))


def next_on(month_day: str, today: date) -> date:
    """The next such day of a year, today included."""
    found = day_in(today.year, month_day)
    return found if found >= today else day_in(today.year + 1, month_day)


def days_of(semester: Semester, figures: Mapping[str, Any]) -> Days:
    """The days of one semester. One that ends earlier in the year than it begins ends in the next."""
    begins, ends = (figure(figures, f"{semester.term}_{edge}") for edge in ("begins", "ends"))
    first = day_in(semester.year, begins)
    return Days(first, day_in(semester.year + (ends <= begins), ends))


def stay_over(semesters: Sequence[Semester], figures: Mapping[str, Any]) -> Days:
    """The days from the beginning of the first semester to the end of the last."""
    return Days(days_of(semesters[0], figures).first, days_of(semesters[-1], figures).last)


def semester_of(day: date) -> Semester:
    """The semester a stay that begins on this day belongs to."""
    return Semester(day.year, Term.AUTUMN if day.month >= AUTUMN_FROM_MONTH else Term.SPRING)


def follow(semesters: Sequence[Semester]) -> bool:
    """Whether each semester comes right after the one before."""
    numbers = [2 * each.year + (each.term is Term.AUTUMN) for each in semesters]
    return all(later == earlier + 1 for earlier, later in pairwise(numbers))
