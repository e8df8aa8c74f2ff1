"""The office's calendar by example: Christmas, bridge days, low season, windows, months."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from engine.calendar import (
    FIRST_INSTANT,
    LAST_INSTANT,
    Calendar,
    add_months,
    fit_to_working_day,
    resolve_month_day,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
OFFICE = Calendar()
RESTING = Calendar(low_season=True)
MONDAY_BEFORE_CHRISTMAS = date(2026, 12, 21)
ASCENSION_DAY = date(2026, 5, 14)
BRIDGE_FRIDAY = date(2026, 5, 15)


def local(text: str) -> datetime:
    """Read a Stockholm wall time such as "2026-12-28 07:30" as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def always(day: date) -> bool:
    return True


def never(day: date) -> bool:
    return False


def on_tuesdays(day: date) -> bool:
    return day.isoweekday() == 2


# Which days work.


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, date(2026, 12, 21)),
        (1, date(2026, 12, 22)),
        (2, date(2026, 12, 23)),
        (3, date(2026, 12, 28)),
        (5, date(2026, 12, 30)),
        (6, date(2027, 1, 4)),
        (7, date(2027, 1, 5)),
        (8, date(2027, 1, 7)),
    ],
)
def test_working_days_step_over_christmas_and_new_year(count: int, expected: date) -> None:
    assert OFFICE.add_working_days(MONDAY_BEFORE_CHRISTMAS, count) == expected
    assert OFFICE.working_days_between(MONDAY_BEFORE_CHRISTMAS, expected) == count


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 12, 24),  # Christmas Eve, a Thursday
        date(2026, 12, 31),  # New Year's Eve, a Thursday
        date(2026, 6, 19),  # Midsummer's Eve, a Friday
        date(2026, 12, 25),
        date(2026, 12, 27),
    ],
)
def test_eves_holidays_and_weekends_are_free(day: date) -> None:
    assert OFFICE.is_free(day)
    assert not OFFICE.is_working_day(day)


def test_the_friday_after_ascension_day_is_a_bridge_day_and_not_free() -> None:
    assert OFFICE.is_free(ASCENSION_DAY)
    assert not OFFICE.is_free(BRIDGE_FRIDAY)
    assert not OFFICE.is_working_day(BRIDGE_FRIDAY)
    assert OFFICE.next_working_day(ASCENSION_DAY) == date(2026, 5, 18)


def test_a_bridge_day_works_where_the_unit_keeps_it() -> None:
    office = Calendar(bridge_days=False)

    assert office.is_working_day(BRIDGE_FRIDAY)
    assert office.next_working_day(ASCENSION_DAY) == BRIDGE_FRIDAY


def test_a_closing_day_does_not_work_but_is_not_free() -> None:
    planning_day = date(2026, 9, 16)
    office = Calendar(closing_days=frozenset({planning_day}))

    assert not office.is_free(planning_day)
    assert not office.is_working_day(planning_day)
    assert office.next_working_day(planning_day) == date(2026, 9, 17)


def test_a_day_between_a_closing_day_and_a_weekend_still_works() -> None:
    thursday, friday = date(2026, 9, 17), date(2026, 9, 18)
    office = Calendar(closing_days=frozenset({thursday}))

    assert office.is_working_day(friday)


def test_working_days_are_counted_backwards_too() -> None:
    assert OFFICE.add_working_days(date(2026, 12, 28), -1) == date(2026, 12, 23)
    assert OFFICE.add_working_days(date(2026, 12, 25), -1) == date(2026, 12, 23)
    assert OFFICE.add_working_days(date(2027, 1, 5), -7) == MONDAY_BEFORE_CHRISTMAS
    assert OFFICE.working_days_between(date(2027, 1, 5), MONDAY_BEFORE_CHRISTMAS) == -7


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("keep", date(2026, 12, 26)),
        ("next", date(2026, 12, 28)),
        ("previous", date(2026, 12, 23)),
    ],
)
def test_a_closed_day_is_fitted_as_declared(rule: str, expected: date) -> None:
    assert fit_to_working_day(OFFICE, date(2026, 12, 26), rule) == expected


@pytest.mark.parametrize("rule", ["keep", "next", "previous"])
def test_a_working_day_is_fitted_to_itself(rule: str) -> None:
    assert fit_to_working_day(OFFICE, date(2026, 12, 28), rule) == date(2026, 12, 28)


def test_an_unknown_rule_for_closed_days_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="keep, next or previous, not by 'nearest'"):
        fit_to_working_day(OFFICE, date(2026, 12, 28), "nearest")


# What counts, and low season.


def test_every_day_counts_when_the_budget_is_in_days() -> None:
    christmas_day = date(2026, 12, 25)

    assert OFFICE.counts(christmas_day, unit="days", internal=True)
    assert not OFFICE.counts(christmas_day, unit="working_days", internal=True)
    assert OFFICE.nth_counted_day(
        MONDAY_BEFORE_CHRISTMAS, 7, unit="days", internal=True
    ) == date(2026, 12, 28)  # fmt: skip


def test_a_unit_that_is_not_a_day_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="working_days or days, not as 'weeks'"):
        OFFICE.counts(MONDAY_BEFORE_CHRISTMAS, unit="weeks", internal=False)


def test_a_negative_budget_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="-1 days"):
        OFFICE.nth_counted_day(MONDAY_BEFORE_CHRISTMAS, -1, unit="days", internal=False)


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        (date(2026, 7, 5), False),  # Sunday of week 27
        (date(2026, 7, 6), True),  # Monday of week 28
        (date(2026, 8, 2), True),  # Sunday of week 31
        (date(2026, 8, 3), False),
        (date(2026, 12, 22), False),
        (date(2026, 12, 23), True),
        (date(2027, 1, 6), True),
        (date(2027, 1, 7), False),
    ],
)
def test_low_season_is_weeks_28_to_31_and_the_turn_of_the_year(day: date, inside: bool) -> None:
    assert RESTING.in_low_season(day) is inside
    assert not OFFICE.in_low_season(day)


@pytest.mark.parametrize("unit", ["working_days", "days"])
def test_internal_clocks_rest_in_low_season_while_promises_run(unit: str) -> None:
    wednesday_in_july = date(2026, 7, 15)

    assert not RESTING.counts(wednesday_in_july, unit=unit, internal=True)
    assert RESTING.counts(wednesday_in_july, unit=unit, internal=False)
    assert OFFICE.counts(wednesday_in_july, unit=unit, internal=True)


def test_an_internal_budget_goes_on_after_low_season() -> None:
    friday_of_week_27 = date(2026, 7, 3)

    second = RESTING.nth_counted_day(friday_of_week_27, 2, unit="working_days", internal=True)
    promised = RESTING.nth_counted_day(friday_of_week_27, 2, unit="working_days", internal=False)

    assert second == date(2026, 8, 4)
    assert promised == date(2026, 7, 7)


def test_low_season_leaves_working_days_as_they_are() -> None:
    assert RESTING.is_working_day(date(2026, 7, 15))
    assert RESTING.add_working_days(MONDAY_BEFORE_CHRISTMAS, 3) == date(2026, 12, 28)


def test_a_rung_in_low_season_moves_to_the_last_working_day_before_it() -> None:
    assert RESTING.before_low_season(date(2026, 7, 15)) == date(2026, 7, 3)
    assert RESTING.before_low_season(date(2027, 1, 4)) == date(2026, 12, 22)
    assert RESTING.before_low_season(date(2026, 8, 8)) == date(2026, 8, 8)
    assert OFFICE.before_low_season(date(2026, 7, 15)) == date(2026, 7, 15)


# Between local days and instants.


def test_a_day_ends_at_the_local_midnight_that_follows_it() -> None:
    assert OFFICE.start_of(date(2026, 12, 23)) == datetime(2026, 12, 22, 23, tzinfo=UTC)
    assert OFFICE.end_of(date(2026, 12, 23)) == datetime(2026, 12, 23, 23, tzinfo=UTC)
    assert OFFICE.end_of(date(2026, 7, 1)) == datetime(2026, 7, 1, 22, tzinfo=UTC)
    assert OFFICE.end_of(date(2026, 7, 1)).tzinfo is UTC


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 4), 24)])
def test_days_on_which_clocks_change_are_shorter_or_longer(day: date, hours: int) -> None:
    assert OFFICE.end_of(day) - OFFICE.start_of(day) == timedelta(hours=hours)


def test_a_skipped_time_is_read_as_if_clocks_had_not_gone_forward_yet() -> None:
    skipped = OFFICE.at(date(2026, 3, 29), time(2, 30))

    assert skipped == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert skipped.astimezone(STOCKHOLM).time() == time(3, 30)


def test_of_a_time_shown_twice_the_first_is_meant_whatever_its_fold() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)

    assert OFFICE.at(date(2026, 10, 25), time(2, 30)) == first
    assert OFFICE.at(date(2026, 10, 25), time(2, 30, fold=1)) == first


def test_where_clocks_skip_midnight_the_day_begins_at_one() -> None:
    cairo = Calendar(zone="Africa/Cairo")

    starts_at = cairo.start_of(date(2024, 4, 26))

    assert starts_at.astimezone(ZoneInfo("Africa/Cairo")).time() == time(1)
    assert cairo.local_date(starts_at) == date(2024, 4, 26)
    assert cairo.local_date(starts_at - timedelta(microseconds=1)) == date(2024, 4, 25)


def test_the_local_day_is_that_of_the_calendars_zone() -> None:
    late_evening_in_utc = datetime(2026, 12, 23, 23, 30, tzinfo=UTC)

    assert OFFICE.local_date(late_evening_in_utc) == date(2026, 12, 24)
    assert Calendar(zone="Atlantic/Azores").local_date(late_evening_in_utc) == date(2026, 12, 23)


def test_an_instant_without_zone_is_a_value_error() -> None:
    naive = datetime(2026, 12, 23, 12)

    with pytest.raises(ValueError, match="no time zone"):
        OFFICE.local_date(naive)
    with pytest.raises(ValueError, match="no time zone"):
        OFFICE.next_window(naive, works_on=always)


@pytest.mark.parametrize("zone", ["Europe/Umea", "Europe", "", "../secrets"])
def test_an_unknown_zone_is_a_value_error_at_once(zone: str) -> None:
    with pytest.raises(ValueError, match="not a known time zone"):
        Calendar(zone=zone)


# Working windows.


def test_after_the_wednesday_before_christmas_the_window_opens_on_monday() -> None:
    ended_at = OFFICE.end_of(date(2026, 12, 23))

    assert OFFICE.next_window(ended_at, works_on=always) == local("2026-12-28 07:30")


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-12-28 00:00", "2026-12-28 07:30"),
        ("2026-12-28 07:29", "2026-12-28 07:30"),
        ("2026-12-28 07:30", "2026-12-28 07:30"),
        ("2026-12-28 15:59", "2026-12-28 15:59"),
        ("2026-12-28 16:00", "2026-12-29 07:30"),
        ("2026-12-30 16:00", "2027-01-04 07:30"),
        ("2026-03-29 02:30", "2026-03-30 07:30"),
    ],
)
def test_a_message_waits_for_the_working_window(instant: str, expected: str) -> None:
    assert OFFICE.next_window(local(instant), works_on=always) == local(expected)


def test_a_window_follows_the_weekly_pattern_of_a_person() -> None:
    on_wednesday = local("2026-12-16 10:00")

    window = OFFICE.next_window(on_wednesday, works_on=on_tuesdays)

    assert window == local("2026-12-22 07:30")


def test_for_someone_who_never_works_the_offices_window_is_taken() -> None:
    inside = local("2026-12-28 10:00")

    assert OFFICE.next_window(inside, works_on=never) == inside
    assert OFFICE.next_window(local("2026-12-24 10:00"), works_on=never) == local("2026-12-28 07:30")


def test_the_search_for_a_persons_day_ends_after_400_days() -> None:
    asked: list[date] = []

    def absent(day: date) -> bool:
        asked.append(day)
        return False

    OFFICE.next_window(local("2026-12-28 10:00"), works_on=absent)

    assert all(OFFICE.is_working_day(day) for day in asked)
    assert max(asked) <= date(2026, 12, 28) + timedelta(days=400)


def test_a_window_is_given_in_utc_whatever_zone_the_instant_came_in() -> None:
    in_new_york = datetime(2026, 12, 28, 5, tzinfo=timezone(timedelta(hours=-5)))

    window = OFFICE.next_window(in_new_york, works_on=always)

    assert (window, window.tzinfo) == (local("2026-12-28 11:00"), UTC)


# Months and days of the year.


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
        (date(2026, 8, 31), 18, date(2028, 2, 29)),
        (date(9999, 12, 15), 1, date.max),
        (date(1, 1, 15), -1, date.min),
    ],
)
def test_months_are_added_and_their_ends_clamp(day: date, months: int, expected: date) -> None:
    assert add_months(day, months) == expected


def test_a_day_of_the_year_is_found_and_29_february_clamps() -> None:
    assert resolve_month_day(2027, "04-15") == date(2027, 4, 15)
    assert resolve_month_day(2028, "02-29") == date(2028, 2, 29)
    assert resolve_month_day(2027, "02-29") == date(2027, 2, 28)


@pytest.mark.parametrize("text", ["02-30", "04-31", "13-01", "00-10", "4-15", "W01-1", "04-15 "])
def test_a_day_no_year_has_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="day"):
        resolve_month_day(2027, text)


# The edges of time.


def test_past_the_last_day_everything_falls_on_it() -> None:
    assert OFFICE.next_working_day(date.max) == date.max
    assert OFFICE.add_working_days(date(9999, 12, 20), 30) == date.max
    assert OFFICE.add_working_days(date(9999, 12, 20), 10**30) == date.max
    assert OFFICE.nth_counted_day(date.max, 1, unit="days", internal=True) == date.max
    assert OFFICE.end_of(date.max) == LAST_INSTANT
    assert OFFICE.local_date(LAST_INSTANT) == date.max
    assert OFFICE.next_window(LAST_INSTANT, works_on=always) == LAST_INSTANT
    assert resolve_month_day(10_000, "04-15") == date.max


def test_before_the_first_day_everything_falls_on_it() -> None:
    assert OFFICE.previous_working_day(date.min) == date.min
    assert OFFICE.add_working_days(date(1, 1, 9), -30) == date.min
    assert RESTING.before_low_season(date(1, 1, 3)) == date.min
    assert OFFICE.start_of(date.min) == FIRST_INSTANT
    assert OFFICE.local_date(FIRST_INSTANT) == date.min
    assert Calendar(zone="America/New_York").local_date(FIRST_INSTANT) == date.min


@pytest.mark.parametrize("year", [1900, 1952, 2101, 2200])
def test_christmas_is_kept_in_any_century(year: int) -> None:
    after = OFFICE.next_working_day(date(year, 12, 24))

    assert after >= date(year, 12, 27)
    assert OFFICE.previous_working_day(date(year, 12, 26)) <= date(year, 12, 23)
