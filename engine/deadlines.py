"""When a deadline's rungs fire: arithmetic over budgets, pauses and the calendar.

A working day is used when it ends while the clock runs; the starting day never
counts, the day of resuming does. "After n" fires when the n-th counted day has ended,
"n before" when that local day begins (DESIGN 5). Nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from engine.calendar import Calendar, add_months, fit_to_working_day
from engine.canonical import micros
from engine.model import DeadlineRow, Status
from engine.vocabulary import (
    MISSED,
    AtOnce,
    Budget,
    Deadline,
    Figure,
    Moment,
    OnDay,
    Rung,
    Side,
    Unit,
)

MISSED_RUNG = "missed"
"""The rung that stands at every deadline's end where the file declares none there."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a deadline is measured with: the unit's calendar and its figures."""

    calendar: Calendar
    figures: Mapping[str, Any]

    def count(self, count: int | Figure) -> int:
        """The number meant, by the unit's setting where it is a figure."""
        return count if isinstance(count, int) else int(self.figures[count.name])


def ladder(deadline: Deadline) -> tuple[Rung, ...]:
    """The declared rungs, and a silent one at the end where none stands there."""
    if any(rung.at.side is Side.MISSED for rung in deadline.ladder):
        return deadline.ladder
    if isinstance(deadline.due, AtOnce):
        return deadline.ladder
    return (*deadline.ladder, Rung(MISSED_RUNG, MISSED))


def begin(
    deadline: Deadline, *, measure: Measure, since: int, now: int, day: date | None
) -> DeadlineRow:
    """Start a deadline at an instant. Rungs that would lie before it are passed by."""
    row = DeadlineRow(deadline.name, since, Status.RUNNING, now)
    return arrange(deadline, row, measure=measure, day=day)


def pause(row: DeadlineRow, now: int) -> DeadlineRow:
    """Let it rest. A missed one stays missed; its rungs wait."""
    status = row.status if row.status is Status.MISSED else Status.PAUSED
    keep = row.status is Status.MISSED
    return replace(
        row,
        status=status,
        ledger=(*row.ledger, (now, None)),
        due_on=row.due_on if keep else None,
        due_at=row.due_at if keep else None,
        next_rung=None,
        acts_at=None,
    )


def resume(
    deadline: Deadline, row: DeadlineRow, *, measure: Measure, now: int, day: date | None
) -> DeadlineRow:
    """Let it run again from this instant."""
    ledger = (*row.ledger[:-1], (row.ledger[-1][0], now))
    status = row.status if row.status is Status.MISSED else Status.RUNNING
    woken = replace(row, ledger=ledger, status=status)
    return arrange(deadline, woken, measure=measure, day=day)


def end(row: DeadlineRow, now: int, *, answered: bool) -> DeadlineRow:
    """Close it: met or stopped; one that was missed stays missed, its ladder stops."""
    if row.status is not Status.MISSED:
        row = replace(row, status=Status.MET if answered else Status.STOPPED)
    return replace(row, ended_at=now, next_rung=None, acts_at=None)


def fired(
    deadline: Deadline, row: DeadlineRow, rung: Rung, *, measure: Measure, day: date | None
) -> DeadlineRow:
    """Note that a rung has fired, and find the next."""
    status = Status.MISSED if rung.at.side is Side.MISSED else row.status
    done = replace(row, fired=(*row.fired, rung.name), status=status)
    return arrange(deadline, done, measure=measure, day=day)


def arrange(
    deadline: Deadline, row: DeadlineRow, *, measure: Measure, day: date | None
) -> DeadlineRow:
    """Work out the last day and the next rung anew, from what is stored.

    `day` is the day an `OnDay` deadline is due on. Rungs before the end whose day had
    begun when the deadline started are passed by: they were never owed. Where a date is
    moved to an earlier day, rungs that now lie behind fire late; none is dropped.
    """
    due_on = last_day(deadline, row, measure=measure, day=day)
    left = [rung for rung in ladder(deadline) if rung.name not in row.fired]
    dated = [(moment(deadline, row, rung, due_on, measure=measure), rung) for rung in left]
    dated.sort(key=lambda pair: pair[0])
    passed = [rung.name for at, rung in dated if rung.at.side is Side.BEFORE and at < row.started_at]
    done = (*row.fired, *passed)
    ahead = next(((at, rung) for at, rung in dated if rung.name not in done), None)
    return replace(
        row,
        due_on=due_on,
        due_at=row.started_at
        if isinstance(deadline.due, AtOnce)
        else micros(measure.calendar.end_of(due_on)),
        fired=done,
        next_rung=ahead[1].name if ahead else None,
        acts_at=ahead[0] if ahead else None,
    )


def dayless(deadline: Deadline, day: date | None) -> bool:
    """Whether the deadline is due on a day, and there is none: what gave it, a linked case perhaps, gives none now."""
    return isinstance(deadline.due, OnDay) and day is None


def last_day(
    deadline: Deadline, row: DeadlineRow, *, measure: Measure, day: date | None
) -> date:
    """The last day of the deadline: local, pauses and closed days taken into account."""
    match deadline.due:
        case Budget():
            return spent(row, _budget_days(deadline, row, measure), deadline, measure)
        case OnDay(on_closed_day=rule):
            if day is None:
                raise ValueError(f"deadline {deadline.name} has no day to be due on")
            return fit_to_working_day(measure.calendar, day, rule)
        case AtOnce():
            return measure.calendar.day_at(row.started_at)


def moment(
    deadline: Deadline, row: DeadlineRow, rung: Rung, due_on: date, *, measure: Measure
) -> int:
    """The instant at which a rung fires."""
    if isinstance(deadline.due, AtOnce):
        return row.started_at
    calendar, count = measure.calendar, measure.count(rung.at.count)
    match rung.at.side:
        case Side.USED:
            days = _span(count, _budget_unit(deadline), row, measure)
            day, at_start = spent(row, days, deadline, measure), False
        case Side.MISSED:
            return micros(calendar.end_of(due_on))
        case Side.BEFORE:
            day, at_start = _shift(due_on, -count, rung.at, calendar), True
        case _:  # Side.AFTER; so written, every road through here is seen to end in a day
            day, at_start = _after(due_on, count, rung.at, deadline=deadline, row=row, measure=measure), False
    if not deadline.internal and day <= due_on:
        day = _out_of_low_season(day, row, calendar)
    return micros(calendar.start_of(day) if at_start else calendar.end_of(day))


def spent(row: DeadlineRow, days: int, deadline: Deadline, measure: Measure) -> date:
    """The day on which so many counted days have been used, pauses left out.

    A pause that has not ended counts as ending never: the days before it are all there
    is, so the answer is then what it would be if the clock ran on from the pause.
    """
    start = measure.calendar.day_at(row.started_at)
    unit = _counted_in(_budget_unit(deadline))
    return _spend(row, days, start=start, unit=unit, deadline=deadline, calendar=measure.calendar)


def _spend(
    row: DeadlineRow, days: int, *, start: date, unit: str, deadline: Deadline, calendar: Calendar
) -> date:
    """The day on which so many counted days after `start` have been used, pauses left out."""
    internal, reached = deadline.internal, start
    for paused_at, resumed_at in row.ledger:
        if resumed_at is None:
            break
        before_pause = calendar.day_at(paused_at) - timedelta(days=1)
        run = calendar.counted_days(reached, before_pause, unit=unit, internal=internal)
        if before_pause > reached and run >= days:
            break
        if before_pause > reached:
            days -= run
        resumed_on = calendar.day_at(resumed_at)
        reached = max(start, resumed_on - timedelta(days=1))
    return calendar.nth_counted_day(reached, days, unit=unit, internal=internal)


def _counted_in(unit: Unit) -> str:
    return "working_days" if unit is Unit.WORKING_DAYS else "days"


def _budget_unit(deadline: Deadline) -> Unit:
    return deadline.due.unit if isinstance(deadline.due, Budget) else Unit.DAYS


def _budget_days(deadline: Deadline, row: DeadlineRow, measure: Measure) -> int:
    if not isinstance(deadline.due, Budget):
        raise TypeError(f"deadline {deadline.name} has no budget")
    return _span(measure.count(deadline.due.count), deadline.due.unit, row, measure)


def _span(count: int, unit: Unit, row: DeadlineRow, measure: Measure) -> int:
    """Read weeks and months as the days they span from the start."""
    if unit is Unit.WEEKS:
        return count * 7
    if unit is Unit.MONTHS:
        start = measure.calendar.day_at(row.started_at)
        return (add_months(start, count) - start).days
    return count


def plus_days(day: date, count: int) -> date:
    """The day so many days on, or the last (first) there is: far dates are often meant as never."""
    return date.fromordinal(min(max(day.toordinal() + count, 1), date.max.toordinal()))


def _after(
    due_on: date, count: int, at: Moment, *, deadline: Deadline, row: DeadlineRow, measure: Measure
) -> date:
    """The day so far after the last one; days are counted as the budget's are, pauses left out."""
    if at.unit in {Unit.WORKING_DAYS, Unit.DAYS}:
        unit, calendar = _counted_in(at.unit), measure.calendar
        return _spend(row, count, start=due_on, unit=unit, deadline=deadline, calendar=calendar)
    return _shift(due_on, count, at, measure.calendar)


def _out_of_low_season(day: date, row: DeadlineRow, calendar: Calendar) -> date:
    """The last working day before the low season, unless the deadline began only after that.

    Rungs up to the last day move so, lest a promise to others is forgotten over a holiday;
    what follows the last day stays, for it must not come before it.
    """
    earlier = calendar.before_low_season(day)
    return earlier if earlier > calendar.day_at(row.started_at) else day


def _shift(day: date, count: int, at: Moment, calendar: Calendar) -> date:
    """The day so far before or after another, in the rung's unit."""
    match at.unit:
        case Unit.MONTHS:
            return add_months(day, count)
        case Unit.WEEKS:
            return plus_days(day, 7 * count)
        case Unit.DAYS:
            return plus_days(day, count)
        case Unit.WORKING_DAYS:
            return calendar.add_working_days(day, count)
