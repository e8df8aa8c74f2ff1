"""The days of semesters, as the agreements' settings give them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.values_terms import Semester, Term
from service.imports.students import course_of
from service.imports.terms import Days, day_in, days_of, follow, next_on, semester_of, stay_over

HT27, VT28, HT28 = Semester(2027, Term.AUTUMN), Semester(2028, Term.SPRING), Semester(2028, Term.AUTUMN)
YEARLY = st.dates(date(2027, 1, 1), date(2027, 12, 31)).map(lambda day: f"{day:%m-%d}")


def test_an_autumn_ends_in_the_year_after_it_began() -> None:
    assert days_of(HT27, {}) == Days(date(2027, 8, 15), date(2028, 1, 20))
    assert days_of(HT27, {"autumn_ends": "12-20"}) == Days(date(2027, 8, 15), date(2027, 12, 20))


def test_a_year_goes_from_the_first_semester_to_the_last() -> None:
    assert stay_over((HT27, VT28), {}) == Days(date(2027, 8, 15), date(2028, 6, 10))


def test_only_neighbours_follow_each_other() -> None:
    assert [follow(each) for each in ((HT27,), (HT27, VT28), (VT28, HT28), (HT27, HT28))] == [True, True, True, False]


def test_a_day_a_year_lacks_is_the_last_of_its_month() -> None:
    assert day_in(2027, "02-29") == date(2027, 2, 28)


@given(day=st.dates(date(1990, 1, 1), date(2090, 12, 31)), yearly=YEARLY)
def test_the_next_such_day_is_within_a_year(day: date, yearly: str) -> None:
    assert 0 <= (next_on(yearly, day) - day).days <= 365


@given(day=st.dates(date(1990, 1, 1), date(2090, 12, 31)))
def test_every_day_belongs_to_a_semester_of_its_year(day: date) -> None:
    assert semester_of(day).year == day.year


@pytest.mark.parametrize(
    ("line", "name", "ects"),
    [
        ("Optics 7.5 hp", "Optics", "7.5"),
        ("Optics (7,5 ECTS)", "Optics", "7.5"),
        ("Optics, 15 credits", "Optics", "15"),
        ("Optics 7.5 ECTS credits", "Optics", "7.5"),
        ("Mathematics 2", "Mathematics 2", None),
        ("Optics", "Optics", None),
    ],
)
def test_credits_are_read_from_the_end_of_a_course(line: str, name: str, ects: str | None) -> None:
    course = course_of(line)
    assert (course["name"], course["ects"] and str(course["ects"])) == (name, ects)
