"""Semesters and academic years."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tables import Cell
from adapters.values import ValueFault
from adapters.values_terms import Semester, Term, academic_year, semester, semesters

AUTUMN = Semester(2027, Term.AUTUMN)
SPRING = Semester(2028, Term.SPRING)


@pytest.mark.parametrize(
    "cell",
    ["HT2027", "ht 27", "H27", "H 2027", "Höstterminen 2027", "hösten -27", "Autumn 2027", "fall 2027/28", "20272",
     20272, "autumn semester of 2027", "2027 HT", "HT 2027/2028", "Winter semester 2027/28"],
    ids=repr,
)  # fmt: skip
def test_autumn_is_read_in_every_form_in_use(cell: Cell) -> None:
    assert semester(cell) == AUTUMN


@pytest.mark.parametrize(
    "cell",
    ["VT2028", "vt 28", "V28", "Vårterminen 2028", "våren 2028", "Spring 2028", "spring 2027/28", "20281"],
    ids=repr,
)
def test_spring_is_read_in_every_form_in_use(cell: Cell) -> None:
    assert semester(cell) == SPRING


@pytest.mark.parametrize(
    "cell",
    ["2027", "HT", "HT 2027/29", "HT2027 VT2028", "Q3 2027", "20273", "HT 227", date(2027, 9, 1), ""],
    ids=repr,
)
def test_what_is_no_single_semester_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueFault, match="a semester, such as autumn 2027"):
        semester(cell)


def test_both_halves_lie_in_one_academic_year() -> None:
    assert (AUTUMN.academic_year, SPRING.academic_year) == ("2027/28", "2027/28")
    assert (str(AUTUMN), str(SPRING)) == ("HT2027", "VT2028")


@given(year=st.integers(2000, 2099), term=st.sampled_from(Term))
def test_semester_survives_being_written(year: int, term: Term) -> None:
    written = Semester(year, term)
    assert semester(str(written)) == written
    assert academic_year(written.academic_year) == written.academic_year


@pytest.mark.parametrize(
    "cell",
    ["HT2027, VT2028", "VT2028; HT2027", "HT27+VT28", "HT2027–VT2028", "HT/VT 2027/28", "helår 2027/28", "2027/28",
     "Full academic year 2027/2028", "autumn 2027 and spring 2028", "hela läsåret 27/28", "both semesters 2027/28"],
    ids=repr,
)  # fmt: skip
def test_whole_year_is_two_semesters(cell: str) -> None:
    assert semesters(cell) == (AUTUMN, SPRING)


def test_one_semester_is_a_list_of_one() -> None:
    assert semesters("Autumn 2027") == (AUTUMN,)


@pytest.mark.parametrize("cell", ["ht", "2027", "HT2027, sen", "2027/29", "", "5 months"], ids=repr)
def test_what_names_no_semesters_is_refused(cell: str) -> None:
    with pytest.raises(ValueFault, match="one or more semesters"):
        semesters(cell)


@pytest.mark.parametrize(
    "cell", ["2027/28", "2027-2028", "27/28", "2027–28", "läsåret 2027/28", "Academic year 27-28"], ids=repr
)
def test_academic_year_is_read(cell: str) -> None:
    assert academic_year(cell) == "2027/28"


def test_turn_of_the_century_is_written_with_two_digits() -> None:
    assert academic_year("1999/2000") == "1999/00"


@pytest.mark.parametrize("cell", ["2027", "2027/29", "2028/27", "HT2027/28", "27", date(2027, 1, 28), 20.27], ids=repr)
def test_what_is_no_academic_year_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueFault, match="an academic year, such as 2027/28"):
        academic_year(cell)
