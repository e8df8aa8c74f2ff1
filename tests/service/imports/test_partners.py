"""The register of partners, as the Commission publishes it and as an office keeps it."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from service.importing import run
from tests.service.lists import UMU, Lists, counts

DATA = Path(__file__).parents[4] / "shared" / "data" / "erasmus"
needs_data = pytest.mark.skipif(
    not DATA.is_dir() and os.environ.get("CI") != "true", reason="the real lists are not beside this tree"
)


@needs_data
def test_the_swedish_institutions_of_the_charter_list_are_taken_in_once(lists: Lists) -> None:
    path = DATA / "swedish_heis_eche_2024-10-25.csv"
    assert [counts(run(lists.house, "partners", path)) for _ in range(2)] == [(43, 0, 0, 0), (0, 43, 0, 0)]
    found = lists.house.directory.find_partner(UMU, erasmus_code="S UMEA01")
    assert found is not None
    assert (found.charter_from, found.charter_to, found.country) == (date(2021, 1, 1), date(2029, 12, 31), "SE")


@needs_data
def test_both_lists_of_the_commission_become_one_register(light: Lists) -> None:
    """Two rows of the later list contradict others of it: one PIC under two codes, one code of two schools."""
    raw = run(light.house, "partners", DATA / "eche_list_2024-06-27_raw.xlsx")
    assert raw.ok
    assert raw.rows == 5912
    later = run(light.house, "partners", DATA / "eche_list_2024-10-25.csv.gz")
    assert later.rows == 5887
    again = run(light.house, "partners", DATA / "eche_list_2024-10-25.csv.gz")
    assert counts(again) == (0, 5885, 2, 0)
    assert {row for row, each in again.differences if not each.written} == {row for row, _ in again.differences}


def test_a_partner_is_known_again_by_code_then_pic_then_name(lists: Lists) -> None:
    report = lists.take(
        "partners",
        "Legal Name;Erasmus Code;Pic;City",
        "Wiens universitet;A WIEN01;;Wien",
        "University of Oulu;;999843880;Oulu",
        "university of OTAGO;;;Dunedin",
        "University of Turku;SF TURKU01;;Turku",
    )
    assert counts(report) == (1, 0, 3, 0)
    assert [(each.key, each.field, each.was) for _, each in report.differences] == [
        ("A  WIEN01", "name", "Universität Wien"),
        ("A  WIEN01", "city", ""),
        ("999843880", "city", ""),
        ("university of OTAGO", "name", "University of Otago"),
        ("university of OTAGO", "city", ""),
    ]


def test_what_a_list_leaves_blank_stays(light: Lists) -> None:
    light.take("partners", "namn;erasmuskod;ort", "University of Oulu;SF OULU01;Oulu")
    found = light.house.directory.find_partner(UMU, erasmus_code="SF OULU01")
    assert found is not None
    assert (found.email, found.pic, found.city) == ("mobility@oulu.test", "999843880", "Oulu")


def test_columns_without_a_place_are_named(light: Lists) -> None:
    report = light.take("partners", "namn;gata;favoritfärg", "Nytt universitet;Storgatan 1;blå")
    assert report.as_text("sv").endswith(
        "Att tänka på:\n"
        "  kolumner som inte känns igen: ”favoritfärg”.\n"
        "  kolumner som inte har någon plats här och inte sparas: ”gata”."
    )


def test_bad_rows_do_not_stop_the_others(lists: Lists) -> None:
    report = lists.take("partners", "namn;pic", "Ett;123", "Två;111111111", ";222222222")
    assert counts(report) == (1, 0, 0, 2)
    assert [(row, fault.column, fault.value) for row, fault in report.faults] == [(2, "pic", "123"), (4, "namn", "")]
