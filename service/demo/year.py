"""The demo year: its first day, its today, and the terms and calls that lie in it. Days are local."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

FIRST_DAY = date(2026, 2, 2)
TODAY = date(2027, 3, 8)
"""The Monday on which the demo stands still; 399 days after the first, as far as a clock moves at once."""

OPENS = time(8, 0)
STANDS_AT = time(10, 0)
SITTINGS = (time(9, 5), time(13, 40))
"""When people sit down to their cases."""


@dataclass(frozen=True, slots=True)
class Term:
    """A stay of students in one term: academic year as the workflows write it, first and last day."""

    academic_year: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class Intake:
    """A round of applications or nominations: when they come in, and for which term."""

    opens_on: date
    closes_on: date
    term: Term
    weight: int

    def day(self, share: float) -> date:
        """The day at a share (0 to 1) of the round."""
        return self.opens_on + timedelta(days=int(share * (self.closes_on - self.opens_on).days))


# Terms at Umeå; the rounds of nominations end on 1 April and 1 October (PROCESSES 2).
INCOMING = (
    Intake(date(2026, 2, 4), date(2026, 4, 1), Term("2026/2027", date(2026, 8, 31), date(2027, 1, 17)), 8),
    Intake(date(2026, 8, 24), date(2026, 10, 1), Term("2026/2027", date(2027, 1, 18), date(2027, 6, 6)), 5),
    Intake(date(2027, 2, 1), date(2027, 3, 8), Term("2027/2028", date(2027, 8, 30), date(2028, 1, 16)), 4),
)

# Stays at the hosts, who begin and end when they like.
OUTGOING = (
    Intake(date(2026, 2, 2), date(2026, 2, 15), Term("2026/27", date(2026, 8, 24), date(2026, 12, 18)), 6),
    Intake(date(2026, 8, 31), date(2026, 9, 15), Term("2026/27", date(2027, 1, 11), date(2027, 5, 28)), 4),
    Intake(date(2027, 2, 1), date(2027, 2, 15), Term("2027/28", date(2027, 8, 23), date(2027, 12, 17)), 4),
)

LONG_LEAVE_FROM = date(2027, 2, 15)
LONG_LEAVE_TO = date(2027, 8, 31)
