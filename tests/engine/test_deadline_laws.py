"""What holds of every deadline, whatever the pauses: compared with a clerk who counts day by day."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.calendar import Calendar
from engine.canonical import micros
from engine.deadlines import Measure, arrange, begin, fired, ladder, pause, resume
from engine.model import DeadlineRow, Status
from engine.vocabulary import (
    MISSED,
    Budget,
    Deadline,
    OnDay,
    Role,
    Rung,
    Text,
    Unit,
    after,
    before,
    used,
)
from tests.engine.house import STOCKHOLM

FIRST = datetime(2026, 11, 1, tzinfo=STOCKHOLM)
UNITS = st.sampled_from([Unit.WORKING_DAYS, Unit.DAYS])
calendars = st.builds(
    Calendar,
    closing_days=st.frozensets(st.dates(date(2026, 11, 1), date(2027, 3, 1)), max_size=5),
    bridge_days=st.booleans(),
    low_season=st.booleans(),
)
gaps = st.lists(st.integers(0, 15 * 24 * 60), min_size=1, max_size=9)
"""Minutes from one change to the next: the start, then pause, resume, pause, resume…"""


def instants(minutes: list[int]) -> list[datetime]:
    found, at = [], FIRST.astimezone(UTC)
    for gap in minutes:
        at += timedelta(minutes=gap)
        found.append(at)
    return found if len(found) % 2 else found[:-1]


def deadline(count: int, unit: Unit, *, internal: bool = True) -> Deadline:
    rungs = (
        Rung("early", before(2), "reminder", (Role.HEAD,)),
        Rung("used", used(count // 2), "reminder", (Role.HEAD,)),
        Rung("missed", MISSED, "reminder", (Role.HEAD,)),
        Rung("after", after(2, unit), "reminder", (Role.HEAD,)),
        Rung("beyond", used(count + 2), "reminder", (Role.HEAD,)),
    )
    return Deadline("some", Text("x", "x"), ("s",), Budget(count, unit), rungs, internal=internal)


def midnight_after(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=STOCKHOLM)


def running_at(at: datetime, changes: list[datetime]) -> bool:
    """Whether the clock ran up to an instant: an odd number of starts, pauses and resumes came before."""
    return sum(change < at for change in changes) % 2 == 1


def counted_by_hand(what: Deadline, changes: list[datetime], calendar: Calendar) -> date:
    """A day is used when its end lies in a running stretch; the starting day never counts."""
    assert isinstance(what.due, Budget)
    assert isinstance(what.due.count, int)
    day, left = changes[0].astimezone(STOCKHOLM).date(), what.due.count
    while left:
        day += timedelta(days=1)
        counts = calendar.counts(day, unit=what.due.unit, internal=what.internal)
        left -= counts and running_at(midnight_after(day), changes)
    return day


def through(what: Deadline, changes: list[datetime], measure: Measure) -> list[DeadlineRow]:
    """The row after the start and after each resume, until one of them finds the end already past."""
    row = begin(what, measure=measure, since=1, now=micros(changes[0]), day=None)
    rows = [row]
    for paused_at, resumed_at in zip(changes[1::2], changes[2::2], strict=True):
        if (row.due_at or 0) <= micros(paused_at):
            break
        row = resume(what, pause(row, micros(paused_at)), measure=measure, now=micros(resumed_at), day=None)
        rows.append(row)
    return rows


@given(calendars, st.integers(1, 30), UNITS, st.booleans(), gaps)
def test_the_last_day_is_the_one_a_clerk_counts_by_hand(
    calendar: Calendar, count: int, unit: Unit, internal: bool, minutes: list[int]
) -> None:
    what, changes = deadline(count, unit, internal=internal), instants(minutes)
    rows = through(what, changes, Measure(calendar, {}))
    lived = changes[: 2 * len(rows) - 1]
    assert rows[-1].due_on == counted_by_hand(what, lived, calendar)


@given(calendars, st.integers(1, 30), UNITS, gaps)
def test_a_pause_never_makes_it_due_earlier(
    calendar: Calendar, count: int, unit: Unit, minutes: list[int]
) -> None:
    rows = through(deadline(count, unit), instants(minutes), Measure(calendar, {}))
    days = [row.due_on or date.min for row in rows]
    assert days == sorted(days)


@given(calendars, st.integers(1, 30), UNITS, gaps)
def test_after_a_pause_something_is_always_left(
    calendar: Calendar, count: int, unit: Unit, minutes: list[int]
) -> None:
    changes = instants(minutes)
    rows = through(deadline(count, unit), changes, Measure(calendar, {}))
    for row, resumed_at in zip(rows, changes[::2], strict=False):
        assert (row.due_at or 0) > micros(resumed_at)


@given(calendars, st.integers(1, 30), UNITS, st.booleans(), gaps)
def test_rungs_fire_in_order_each_once_and_then_no_more(
    calendar: Calendar, count: int, unit: Unit, internal: bool, minutes: list[int]
) -> None:
    what, measure = deadline(count, unit, internal=internal), Measure(calendar, {})
    row = through(what, instants(minutes), measure)[-1]
    passed, climbed = row.fired, []
    while row.next_rung is not None and row.acts_at is not None:
        climbed.append((row.acts_at, row.next_rung))
        step = next(each for each in ladder(what) if each.name == row.next_rung)
        row = fired(what, row, step, measure=measure, day=None)
    times = [at for at, _ in climbed]
    assert times == sorted(times)
    assert sorted([*passed, *(name for _, name in climbed)]) == sorted(each.name for each in what.ladder)
    assert row.status is Status.MISSED


@given(calendars, st.integers(1, 30), UNITS, st.booleans(), gaps)
def test_nothing_that_follows_the_end_fires_before_it(
    calendar: Calendar, count: int, unit: Unit, internal: bool, minutes: list[int]
) -> None:
    what, measure = deadline(count, unit, internal=internal), Measure(calendar, {})
    row = through(what, instants(minutes), measure)[-1]
    seen_end = False
    while row.next_rung is not None and row.acts_at is not None:
        name = row.next_rung
        seen_end = seen_end or name == "missed"
        assert seen_end or name not in {"after", "beyond"}
        step = next(each for each in ladder(what) if each.name == name)
        row = fired(what, row, step, measure=measure, day=None)


@given(calendars, st.integers(1, 30), UNITS, st.booleans(), gaps)
def test_so_many_days_after_is_so_many_days_used_beyond_the_budget(
    calendar: Calendar, count: int, unit: Unit, internal: bool, minutes: list[int]
) -> None:
    what, measure = deadline(count, unit, internal=internal), Measure(calendar, {})
    row = through(what, instants(minutes), measure)[-1]
    times = {}
    while row.next_rung is not None and row.acts_at is not None:
        times[row.next_rung] = row.acts_at
        step = next(each for each in ladder(what) if each.name == row.next_rung)
        row = fired(what, row, step, measure=measure, day=None)
    assert times["after"] == times["beyond"]


@given(calendars, st.integers(1, 30), UNITS, gaps)
def test_working_a_deadline_out_anew_changes_nothing_by_itself(
    calendar: Calendar, count: int, unit: Unit, minutes: list[int]
) -> None:
    what, measure, changes = deadline(count, unit), Measure(calendar, {}), instants(minutes)
    row = through(what, changes, measure)[-1]
    assert arrange(what, row, measure=measure, day=None) == row


@given(calendars, st.dates(date(2026, 6, 1), date(2028, 6, 1)), st.booleans())
def test_a_deadline_on_a_day_never_drops_its_end(calendar: Calendar, day: date, internal: bool) -> None:
    rungs = (Rung("early", before(3), "reminder", (Role.HEAD,)), Rung("late", after(3), "reminder", (Role.HEAD,)))
    what = Deadline("some", Text("x", "x"), ("s",), OnDay(lambda view: None), rungs, internal=internal)
    row = begin(what, measure=Measure(calendar, {}), since=1, now=micros(FIRST), day=day)
    assert set(row.fired) <= {"early"}
    assert row.next_rung in ({"missed"} if row.fired else {"early", "missed"})
