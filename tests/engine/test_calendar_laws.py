"""What the calendar promises of every day, budget and instant, whatever the unit's settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from engine.calendar import Calendar, add_months, fit_to_working_day, resolve_month_day

ZONES = [
    "Europe/Stockholm",
    "UTC",
    "Africa/Cairo",  # clocks go forward at midnight
    "America/Havana",  # clocks go back to midnight
    "America/New_York",
    "Australia/Lord_Howe",  # clocks move by half an hour
    "Pacific/Auckland",
]

# Closing days lie in these years, so that every law meets them.
near_days = st.dates(date(2025, 1, 1), date(2030, 12, 31))
days = near_days | st.dates(date(1900, 1, 1), date(2200, 12, 31))
counts = st.integers(0, 60)
units = st.sampled_from(["working_days", "days"])
calendars = st.builds(
    Calendar,
    closing_days=st.frozensets(near_days, max_size=30),
    bridge_days=st.booleans(),
    low_season=st.booleans(),
)
zoned = st.builds(Calendar, zone=st.sampled_from(ZONES))
instants = st.builds(datetime.combine, days, st.times(), st.just(UTC))
patterns = st.frozensets(st.integers(1, 7)).map(lambda weekdays: lambda day: day.isoweekday() in weekdays)


# Which days work.


@given(calendars, days)
def test_next_and_previous_enclose_a_day_and_leave_a_working_day_alone(calendar: Calendar, day: date) -> None:
    before, after = calendar.previous_working_day(day), calendar.next_working_day(day)

    assert before <= day <= after
    assert calendar.is_working_day(before)
    assert calendar.is_working_day(after)
    assert (before == day == after) is calendar.is_working_day(day)
    assert calendar.working_days_between(before, after) == (0 if before == day else 1)


@given(calendars, days, st.integers(-60, 60))
@example(Calendar(), date(2026, 12, 21), 7)
def test_going_there_and_back_returns_to_a_working_day(calendar: Calendar, day: date, count: int) -> None:
    start = calendar.next_working_day(day)

    there = calendar.add_working_days(start, count)

    assert calendar.add_working_days(there, -count) == start
    assert calendar.working_days_between(start, there) == count


@given(calendars, days, counts.filter(bool))
def test_from_a_closed_day_one_comes_back_to_the_working_day_before_it(
    calendar: Calendar, day: date, count: int
) -> None:
    back = calendar.add_working_days(calendar.add_working_days(day, count), -count)

    assert back == calendar.previous_working_day(day)


@given(calendars, days, st.integers(-40, 40), st.integers(0, 40))
def test_more_working_days_lead_strictly_further(calendar: Calendar, day: date, count: int, more: int) -> None:
    near, far = (calendar.add_working_days(day, n) for n in (count, count + more))

    assert (near < far) if more else (near == far)


@given(calendars, days, st.integers(0, 30), st.integers(0, 30))
def test_steps_of_working_days_in_one_direction_add_up(calendar: Calendar, day: date, first: int, second: int) -> None:
    halfway = calendar.add_working_days(day, first)

    assert calendar.add_working_days(halfway, second) == calendar.add_working_days(day, first + second)


@given(calendars, near_days, near_days, near_days)
def test_working_days_between_days_add_up_in_any_order(
    calendar: Calendar, first: date, second: date, third: date
) -> None:
    between = calendar.working_days_between

    assert between(first, second) + between(second, third) == between(first, third)
    assert between(first, second) == -between(second, first)


@given(calendars, days, st.sampled_from(["next", "previous"]))
def test_a_fitted_day_works_and_fitting_again_changes_nothing(calendar: Calendar, day: date, rule: str) -> None:
    fitted = fit_to_working_day(calendar, day, rule)

    assert calendar.is_working_day(fitted)
    assert fit_to_working_day(calendar, fitted, rule) == fitted


# Budgets.


@given(calendars, days, counts, units, st.booleans())
def test_a_budget_is_used_up_on_exactly_the_day_it_names(
    calendar: Calendar, start: date, count: int, unit: str, internal: bool
) -> None:
    last = calendar.nth_counted_day(start, count, unit=unit, internal=internal)

    assert calendar.counted_days(start, last, unit=unit, internal=internal) == count
    assert last == start or calendar.counts(last, unit=unit, internal=internal)


@given(calendars, days, st.tuples(counts, counts), units, st.booleans())
def test_a_budget_split_by_a_pause_of_no_days_comes_to_the_same_end(
    calendar: Calendar, start: date, parts: tuple[int, int], unit: str, internal: bool
) -> None:
    first, rest = parts
    halfway = calendar.nth_counted_day(start, first, unit=unit, internal=internal)
    split = calendar.nth_counted_day(halfway, rest, unit=unit, internal=internal)

    assert split == calendar.nth_counted_day(start, first + rest, unit=unit, internal=internal)


@given(calendars, days, counts, units)
def test_an_internal_clock_is_never_ahead_of_a_promise(calendar: Calendar, start: date, count: int, unit: str) -> None:
    internal = calendar.nth_counted_day(start, count, unit=unit, internal=True)
    promised = calendar.nth_counted_day(start, count, unit=unit, internal=False)

    assert internal >= promised
    assert calendar.low_season or internal == promised


@given(days, counts)
def test_plain_days_are_the_days_of_the_almanac(start: date, count: int) -> None:
    reached = Calendar().nth_counted_day(start, count, unit="days", internal=True)

    assert reached == start + timedelta(days=count)


@given(calendars, days)
def test_a_rung_moved_ahead_of_low_season_lies_outside_it(calendar: Calendar, day: date) -> None:
    moved = calendar.before_low_season(day)

    assert moved <= day
    assert not calendar.in_low_season(moved)
    if moved != day:
        assert calendar.is_working_day(moved)


# Instants.


@given(zoned, st.dates(date(1, 1, 3), date(9999, 12, 29)))
def test_days_meet_at_midnight_without_gap_or_overlap(calendar: Calendar, day: date) -> None:
    starts_at, ends_at = calendar.start_of(day), calendar.end_of(day)

    assert calendar.local_date(starts_at) == day
    assert calendar.local_date(ends_at - timedelta(microseconds=1)) == day
    assert ends_at == calendar.start_of(day + timedelta(days=1))
    assert timedelta(hours=22) <= ends_at - starts_at <= timedelta(hours=26)


@given(zoned, instants)
def test_every_instant_lies_within_its_local_day(calendar: Calendar, instant: datetime) -> None:
    day = calendar.local_date(instant)

    assert calendar.start_of(day) <= instant < calendar.end_of(day)


@given(zoned, days, st.times())
@example(Calendar(), date(2026, 3, 29), time(2, 30))
@example(Calendar(), date(2026, 10, 25), time(2, 30))
def test_a_wall_time_is_an_instant_of_its_day_shown_so_or_skipped(calendar: Calendar, day: date, wall: time) -> None:
    instant = calendar.at(day, wall)
    shown = instant.astimezone(ZoneInfo(calendar.zone)).replace(tzinfo=None, fold=0)
    asked = datetime.combine(day, wall)

    assert calendar.start_of(day) <= instant < calendar.end_of(day)
    assert timedelta(0) <= shown - asked <= timedelta(hours=1)


@given(calendars, instants, patterns)
def test_a_window_is_inside_office_hours_of_a_working_day_and_not_before(
    calendar: Calendar, instant: datetime, works_on: Callable[[date], bool]
) -> None:
    window = calendar.next_window(instant, works_on=works_on)
    local = window.astimezone(ZoneInfo("Europe/Stockholm"))

    assert window >= instant
    assert time(7, 30) <= local.time() < time(16)
    assert calendar.is_working_day(local.date())
    assert window == instant or local.time() == time(7, 30)


@given(instants, st.integers(1, 5))
def test_a_window_falls_on_a_day_the_person_works(instant: datetime, weekday: int) -> None:
    calendar = Calendar()

    window = calendar.next_window(instant, works_on=lambda day: day.isoweekday() == weekday)

    assert calendar.local_date(window).isoweekday() == weekday
    assert calendar.next_window(window, works_on=lambda day: day.isoweekday() == weekday) == window


@given(calendars, instants, st.timedeltas(timedelta(0), timedelta(days=20)))
def test_a_later_instant_never_has_an_earlier_window(calendar: Calendar, instant: datetime, later: timedelta) -> None:
    first = calendar.next_window(instant, works_on=lambda _: True)
    second = calendar.next_window(instant + later, works_on=lambda _: True)

    assert first <= second


@given(calendars, instants)
def test_no_open_window_is_passed_over(calendar: Calendar, instant: datetime) -> None:
    today = calendar.local_date(instant)
    closed = instant >= calendar.at(today, time(16))
    first = calendar.add_working_days(today, 1) if closed else calendar.next_working_day(today)

    window = calendar.next_window(instant, works_on=lambda _: True)

    assert window == max(instant, calendar.at(first, time(7, 30)))


# Months, days of the year, and the edges.


@given(days, st.integers(-600, 600))
def test_months_on_and_back_lose_only_the_end_of_the_month(day: date, months: int) -> None:
    back = add_months(add_months(day, months), -months)

    assert (back.year, back.month) == (day.year, day.month)
    assert back.day == day.day or 28 <= back.day < day.day


@given(days, days, st.integers(-600, 600))
def test_adding_months_keeps_the_order_of_days(first: date, second: date, months: int) -> None:
    first, second = min(first, second), max(first, second)

    assert add_months(first, months) <= add_months(second, months)


@given(days, st.integers(1900, 2200))
def test_a_day_of_the_year_is_as_many_whole_years_away(day: date, year: int) -> None:
    assert resolve_month_day(year, f"{day:%m-%d}") == add_months(day, 12 * (year - day.year))


@given(zoned, st.dates(), st.integers(-3000, 3000))
@example(Calendar(), date.max, 1)
@example(Calendar(), date.min, -1)
@example(Calendar(zone="America/New_York"), date.max, 1)
def test_no_day_there_is_makes_the_calendar_stumble(calendar: Calendar, day: date, count: int) -> None:
    reached = calendar.add_working_days(day, count)

    assert date.min <= reached <= date.max
    assert calendar.start_of(day) <= calendar.end_of(day)
    assert calendar.next_window(calendar.end_of(day), works_on=lambda _: True).tzinfo is UTC
    assert date.min <= add_months(day, count) <= date.max
