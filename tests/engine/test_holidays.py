"""Free days in Sweden: against the reference list, by their rules, and in far-off years."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from holidays.constants import DE_FACTO, PUBLIC
from holidays.countries.sweden import Sweden
from hypothesis import given
from hypothesis import strategies as st

from engine.holidays import free_days, holidays_and_eves, squeezed_days

SHARED = Path(__file__).parents[3] / "shared"
REFERENCE = SHARED / "data" / "reference" / "swedish_public_holidays_2015_2035.csv"
MUST_READ = os.environ.get("CI") == "true" and SHARED.is_dir()

ONE_DAY = timedelta(days=1)
EASTERS = {
    1818: date(1818, 3, 22),
    1900: date(1900, 4, 15),
    1943: date(1943, 4, 25),
    2000: date(2000, 4, 23),
    2038: date(2038, 4, 25),
    2100: date(2100, 3, 28),
    2200: date(2200, 4, 6),
    2285: date(2285, 3, 22),
}

years = st.integers(1, 9999)


def eves_of(year: int) -> set[date]:
    midsummer = next(day for day in (date(year, 6, number) for number in range(19, 26)) if day.isoweekday() == 5)
    return {midsummer, date(year, 12, 24), date(year, 12, 31)}


@pytest.mark.skipif(not REFERENCE.exists() and not MUST_READ, reason="the reference list is not here")
def test_each_year_holds_the_public_holidays_of_the_reference_list_and_three_eves() -> None:
    with REFERENCE.open(encoding="utf-8", newline="") as file:
        listed = {date.fromisoformat(row["date"]) for row in csv.DictReader(file)}

    reckoned = {year: holidays_and_eves(year) for year in range(2015, 2036)}

    for year, days in reckoned.items():
        assert days == {day for day in listed if day.year == year} | eves_of(year)


def test_free_days_are_those_of_the_packages_own_sweden() -> None:
    for year in range(Sweden.start_year, Sweden.end_year + 1):
        theirs = set(Sweden(years=year, expand=False, categories=(PUBLIC, DE_FACTO)))
        weekends = {day for day in free_days(year) if day.isoweekday() >= 6}

        assert free_days(year) == theirs | weekends


def test_2026_has_these_holidays_and_eves() -> None:
    expected = [
        "2026-01-01", "2026-01-06", "2026-04-03", "2026-04-05", "2026-04-06", "2026-05-01",
        "2026-05-14", "2026-05-24", "2026-06-06", "2026-06-19", "2026-06-20", "2026-10-31",
        "2026-12-24", "2026-12-25", "2026-12-26", "2026-12-31",
    ]  # fmt: skip

    assert sorted(day.isoformat() for day in holidays_and_eves(2026)) == expected


def test_days_on_which_only_banks_or_custom_close_early_are_not_free() -> None:
    maundy_thursday, walpurgis = date(2026, 4, 2), date(2026, 4, 30)
    eve_of_all_saints = date(2026, 10, 30)

    assert not {maundy_thursday, walpurgis, eve_of_all_saints} & free_days(2026)


@pytest.mark.parametrize(("year", "easter"), EASTERS.items())
def test_easter_is_kept_in_years_far_from_ours(year: int, easter: date) -> None:
    kept = {easter + timedelta(days=days) for days in (-2, 0, 1, 39, 49)}

    assert kept <= holidays_and_eves(year)


@pytest.mark.parametrize("year", [1, 1582, 1900, 1952, 1953, 2100, 2101, 2200, 4099, 4100, 9999])
def test_no_year_runs_out_of_holidays(year: int) -> None:
    fixed = {
        date(year, month, number) for month, number in [(1, 1), (1, 6), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)]
    }

    assert fixed | eves_of(year) <= holidays_and_eves(year)
    assert len(holidays_and_eves(year)) >= 15


def test_years_after_the_packages_last_follow_the_present_law() -> None:
    assert date(2150, 6, 6) in holidays_and_eves(2150)
    assert date(2150, 6, 5).isoweekday() == 5
    assert date(2150, 6, 5) not in free_days(2150)


def test_whit_monday_was_free_until_the_national_day_took_its_place() -> None:
    assert date(2004, 5, 31) in free_days(2004)
    assert date(2005, 5, 16) not in free_days(2005)
    assert date(2005, 6, 6) in free_days(2005)


@given(years)
def test_free_days_are_weekends_holidays_and_eves_and_nothing_else(year: int) -> None:
    first = date(year, 1, 1).toordinal()
    whole_year = [date.fromordinal(first + number) for number in range(date(year, 12, 31).toordinal() - first + 1)]

    expected = {d for d in whole_year if d.isoweekday() >= 6 or d in holidays_and_eves(year)}

    assert free_days(year) == expected


@given(years)
def test_a_squeezed_day_is_a_weekday_between_two_free_days(year: int) -> None:
    for day in squeezed_days(year):
        assert day not in free_days(year)
        around = (day - ONE_DAY, day + ONE_DAY)
        assert all(neighbour in free_days(neighbour.year) for neighbour in around)


def test_2026_has_three_squeezed_days() -> None:
    friday_after_new_year, monday_before_epiphany = date(2026, 1, 2), date(2026, 1, 5)
    friday_after_ascension = date(2026, 5, 15)

    expected = {friday_after_new_year, monday_before_epiphany, friday_after_ascension}

    assert squeezed_days(2026) == expected


def test_a_squeezed_day_may_lie_at_the_turn_of_the_year() -> None:
    monday_before_new_years_eve = date(2019, 12, 30)
    friday_after_new_years_day = date(2026, 1, 2)
    tuesday_and_wednesday_before_it = {date(2026, 12, 29), date(2026, 12, 30)}

    assert monday_before_new_years_eve in squeezed_days(2019)
    assert friday_after_new_years_day in squeezed_days(2026)
    assert not tuesday_and_wednesday_before_it & squeezed_days(2026)
