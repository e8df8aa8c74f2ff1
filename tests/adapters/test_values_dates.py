"""Dates as written in Sweden, in full and without a year."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tables import Cell
from adapters.values import ValueFault
from adapters.values_dates import day, month_day

FIFTEENTH = date(2027, 1, 15)


@pytest.mark.parametrize(
    "cell",
    [
        "2027-01-15", "2027/01/15", "2027.1.15", "20270115", "15/1 2027", "15/1-2027", "15/01/2027", "15.1.2027",
        "15. 1. 2027", "15-01-2027", "15\xa0januari 2027", "den 15 jan. 2027", "15:e januari 2027", "15-Jan-2027",
        "January 15, 2027", "15th January 2027", "2027-01-15 00:00:00", "2027-01-15T08:30:00Z", "15/01/2027 0:00",
        46402, 46402.0, "46402", FIFTEENTH, datetime(2027, 1, 15, 8, 30),
    ],
    ids=repr,
)  # fmt: skip
def test_date_is_read_in_every_form_in_use(cell: Cell) -> None:
    assert day(cell) == FIFTEENTH


@pytest.mark.parametrize(
    "cell",
    ["01/15/2027", "15.1.27", "2027-02-30", "2027", "januari 2027", "15 januar 2027x", "i morgon", 27, True,
     "1066-10-14", "2027-13-01", 10**9, "0", 2027.5],
    ids=repr,
)  # fmt: skip
def test_date_is_not_guessed(cell: Cell) -> None:
    with pytest.raises(ValueFault) as caught:
        day(cell)
    assert caught.value.expected.sv == "ett datum, som 2027-01-15 eller 15/1 2027 (dagen först)"


@given(
    at=st.dates(date(1910, 1, 1), date(2199, 12, 31)),
    form=st.sampled_from(["{0:%Y-%m-%d}", "{0.day}/{0.month} {0.year}", "{0:%d.%m.%Y}", "{0:%Y%m%d}", "{0:%d/%m/%Y}"]),
)
def test_every_day_survives_being_written(at: date, form: str) -> None:
    assert day(form.format(at)) == at


@given(at=st.dates(date(1910, 1, 1), date(2199, 12, 31)))
def test_every_day_survives_a_spreadsheet_that_lost_its_format(at: date) -> None:
    assert day((at - date(1899, 12, 30)).days) == at


@pytest.mark.parametrize(
    "cell",
    ["1 April", "1 april", "den 1 april", "1st April", "April 1", "1/4", "1.4.", "04-01", "--04-01", "2027-04-01",
     date(2027, 4, 1)],
    ids=repr,
)  # fmt: skip
def test_day_of_every_year_is_read(cell: Cell) -> None:
    assert month_day(cell) == "04-01"


def test_leap_day_is_a_day_of_the_year() -> None:
    assert month_day("29 februari") == "02-29"


@pytest.mark.parametrize("cell", ["31/4", "13-01", "april", "våren", 1], ids=repr)
def test_what_is_no_day_of_the_year_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueFault, match="a day of the year"):
        month_day(cell)


@given(cell=st.one_of(st.text("0123456789-/. :janTe", max_size=14), st.integers(), st.floats(), st.booleans()))
def test_no_value_surprises_the_parsers(cell: Cell) -> None:
    for parse in (day, month_day):
        try:
            assert parse(cell)
        except ValueFault as fault:
            assert fault.expected.sv  # noqa: PT017  (either outcome is right, a third is not)
