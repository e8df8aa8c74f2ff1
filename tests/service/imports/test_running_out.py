"""After agreements are read in, those that stop the next call or nomination are named at once."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.canonical import GENESIS
from engine.model import Case
from service.imports.running_out import rounds, stopped
from tests.service.lists import Lists

TODAY = date(2026, 11, 23)


def agreement(**facts: object) -> Case:
    return Case(
        institution="umu.se", id="a", number="AGR-1", workflow="agreement", definition="", state="active", unit="12",
        assignee=None, subject=None, title="", search="", facts={"partner_name": "Wien", **facts}, acts={}, version=1,
        head=GENESIS, opened_at=0, updated_at=0, closed_at=None,
    )  # fmt: skip


def stops(**facts: object) -> list[str]:
    return [str(each.closes_on) for each in stopped(agreement(**facts), {}, TODAY)]


@pytest.mark.parametrize(
    ("valid_to", "closes_on"),
    [
        ("2027-06-30", ["2027-04-01", "2027-10-01"]),
        ("2028-01-20", ["2027-04-01", "2027-10-01"]),  # the last day of the autumn: one day too few
        ("2028-01-21", ["2027-10-01"]),
        ("2028-06-10", ["2027-10-01"]),
        ("2028-06-11", []),
        (None, []),
    ],
)
def test_an_agreement_must_hold_to_the_day_after_the_stays(valid_to: str | None, closes_on: list[str]) -> None:
    assert stops(valid_to=valid_to) == closes_on


def test_the_partners_own_dates_count_before_ours() -> None:
    # The nomination due 2026-12-01 is for the spring of 2027, which is covered.
    assert stops(valid_to="2027-06-30", nomination_autumn="02-15", nomination_spring="12-01") == ["2027-02-15"]


def test_a_call_is_for_a_whole_academic_year() -> None:
    assert stops(valid_to="2028-03-01", call_opens="01-15") == ["2027-01-15", "2027-10-01"]


def test_notice_ends_an_agreement_before_its_own_end() -> None:
    assert stops(valid_to="2035-01-01", notice={"takes_effect_on": "2027-09-01"}) == ["2027-04-01", "2027-10-01"]


@given(today=st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_the_next_round_is_never_past_and_its_stays_come_after_it(today: date) -> None:
    for each in rounds({"call_opens": "01-15"}, {}, today):
        assert today <= each.closes_on < each.stays_end_on


def test_the_command_says_which_by_number_and_partner_and_until_when(lists: Lists) -> None:
    row = "A-1;12;A WIEN01;2021-01-01;2027-06-30;4;4;grundnivå"
    report = lists.agreements(row)
    told = (
        "AGR-2026-0003 (A-1), Universität Wien: holds until 2027-06-30; "
        "stops the nomination for the autumn of 2027, due 2027-04-01"
    )
    assert told in report.as_text("en")
    assert "AGR-2026-0003 (A-1), Universität Wien: gäller till 2027-06-30; stoppar" in report.as_text("sv")
    assert lists.agreements(row).stopped == report.stopped


def test_a_units_own_dates_are_used(light: Lists) -> None:
    light.take("units", "kod;namn;inställningar", '12;Fysik;"{""agreement.nomination_autumn"": ""03-01""}"')
    report = light.agreements("A-1;12;A WIEN01;2021-01-01;2028-01-01;4;4;grundnivå")
    assert report.stopped[0][1].closes_on == date(2027, 3, 1)
