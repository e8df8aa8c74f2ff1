"""By when something is owed, and what happens on the way and after.

A working day is used when it ends while the clock runs; the starting day never
counts, the day of resuming does (DESIGN 5).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, TypeAlias

from engine.vocabulary.people import ASSIGNEE, Who, Whom, as_who, as_whom
from engine.vocabulary.steps import AnyView
from engine.vocabulary.words import Role, Text


class Unit(StrEnum):
    """In what a span of time is counted."""

    WORKING_DAYS = "working_days"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number the office may set for itself: the setting's name and its default."""

    name: str
    default: int


Count: TypeAlias = int | Figure


@dataclass(frozen=True, slots=True)
class Budget:
    """So many days, weeks or months from the day the deadline began to run.

    A budget in working days or days rests where a state pauses the deadline; weeks
    and months are counted as the days they span from the start.
    """

    count: Count
    unit: Unit


@dataclass(frozen=True, slots=True)
class OnDay:
    """On a day the case's facts or the calendar give; not running while there is none.

    `day` is a pure function of the View. On a closed day it is kept, or moved to the
    next or previous working day.
    """

    day: Callable[[AnyView], date | None]
    on_closed_day: Literal["keep", "next", "previous"] = "keep"


@dataclass(frozen=True, slots=True)
class AtOnce:
    """Due the very instant it begins: for what must be searched for, outside the step."""


Due: TypeAlias = Budget | OnDay | AtOnce


class Side(StrEnum):
    """From which end a rung is counted."""

    USED = "used"
    """When the n-th day of the budget has been used."""
    BEFORE = "before"
    """When the local day begins that lies n before the last day."""
    MISSED = "missed"
    """When the last day has ended."""
    AFTER = "after"
    """When the n-th counted day after the last day has ended."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a rung fires, counted from the deadline's start or its last day."""

    side: Side
    count: Count = 0
    unit: Unit = Unit.WORKING_DAYS


def used(count: Count) -> Moment:
    """When so many days of the budget have been used, in the budget's own unit."""
    return Moment(Side.USED, count)


def before(count: Count, unit: Unit = Unit.WORKING_DAYS) -> Moment:
    """When the day begins that lies so far before the last day (0: the last day itself)."""
    return Moment(Side.BEFORE, count, unit)


def after(count: Count, unit: Unit = Unit.WORKING_DAYS) -> Moment:
    """When so many days after the last day have ended."""
    return Moment(Side.AFTER, count, unit)


MISSED = Moment(Side.MISSED)


@dataclass(frozen=True, slots=True)
class HandOver:
    """Makes somebody else the assignee.

    First the assignee's named substitute; else, of the holders of each role in turn
    who are at work that day, the one with fewest open cases of this workflow, then
    the lowest id.
    """

    to: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class Fire:
    """Takes a step as the clock."""

    trigger: str


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: when, what it does, and who is told what.

    A rung without `does` only tells. `tells` pairs a message with its addressee.
    """

    name: str
    at: Moment
    message: str | None = None
    to: tuple[Role | Whom, ...] = ()
    does: HandOver | Fire | None = None

    @property
    def whom(self) -> tuple[Whom, ...]:
        """The addressees, bare roles read as held in the case's unit."""
        return tuple(as_whom(spec) for spec in self.to)


def remind(
    at: Moment, *to: Role | Whom, message: str = "reminder", name: str = "remind"
) -> Rung:
    """Remind somebody (by default the assignee) that something is due."""
    return Rung(name, at, message, to or (ASSIGNEE,))


def escalate(
    at: Moment, to: Role | Who, *, message: str = "escalation", name: str | None = None
) -> Rung:
    """Tell a role that something is overdue."""
    return Rung(name or f"escalate_to_{as_who(to).role}", at, message, (to,))


def fire(at: Moment, trigger: str, *, name: str | None = None) -> Rung:
    """Take a step as the clock."""
    return Rung(name or trigger, at, does=Fire(trigger))


@dataclass(frozen=True, slots=True)
class Deadline:
    """Something owed while a case is in given states.

    It starts when one of `runs_in` is entered (or, with `applies`, when that begins to
    hold), rests in states that name it under `pauses`, is met by a trigger in
    `answers`, and stops when the case is left otherwise. `internal` clocks rest in the
    low season; promises to others run, and their rungs move to the last working day
    before. A rung at MISSED is always there: silent where none is declared.
    """

    name: str
    label: Text
    runs_in: tuple[str, ...]
    due: Due
    ladder: tuple[Rung, ...]
    answers: tuple[str, ...] = ()
    internal: bool = True
    applies: Callable[[AnyView], bool] | None = None
