"""Codes of institutions and fields, and countries by code or name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tables import Cell
from adapters.values import ValueFault
from adapters.values_codes import (
    ERASMUS_COUNTRIES,
    PartnerKey,
    PartnerRef,
    erasmus_code,
    isced,
    oid,
    partner,
    pic,
)
from adapters.values_countries import country, nationality


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("S  UMEA01", "S  UMEA01"),
        ("S UMEA01", "S  UMEA01"),
        ("s\xa0 umea01 ", "S  UMEA01"),
        ("S UMEÅ01", "S  UMEA01"),
        ("SUMEA01", "S  UMEA01"),
        ("SF\xa0OULU01", "SF OULU01"),
        ("IRLDUBLIN01", "IRLDUBLIN01"),
        ("IRL DUBLIN01", "IRLDUBLIN01"),
        ("LUXLUX-VIL01", "LUXLUX-VIL01"),
        ("RSPROKUP01", "RS PROKUP01"),
        ("F  PARIS 063", "F  PARIS063"),
        ("E  TOLEDO3", "E  TOLEDO3"),
    ],
    ids=repr,
)
def test_erasmus_code_is_padded_to_three_characters_of_country(cell: str, code: str) -> None:
    assert erasmus_code(cell) == code


@pytest.mark.parametrize(
    "cell", ["DKASSEL01", "SFOULU01", "UMEA", "S-UMEA01", "S UMEA", "12", "", "ABCD EFG01", 7], ids=repr
)
def test_erasmus_code_is_not_guessed(cell: Cell) -> None:
    with pytest.raises(ValueFault, match="an Erasmus code, such as S  UMEA01"):
        erasmus_code(cell)


@given(
    state=st.sampled_from(sorted(ERASMUS_COUNTRIES)),
    place=st.from_regex(r"[A-Z][A-Z-]{2,6}[0-9]{2,3}", fullmatch=True),
    space=st.sampled_from([" ", "  ", "\xa0", "\xa0 ", "\u2007"]),
)
def test_padding_a_padded_code_changes_nothing(state: str, place: str, space: str) -> None:
    padded = erasmus_code(f"{state}{space}{place}")
    assert padded == f"{state:<3}{place}"
    assert erasmus_code(padded) == padded


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("0613", "0613"), (613, "0613"), ("061", "061"), (61, "061"), (7, "07"), ("10", "10"), ("1041", "1041"),
        ("0613 Software and applications", "0613"), ("0613 - Programvara", "0613"), ("9999", "9999"),
    ],
    ids=repr,
)  # fmt: skip
def test_field_of_study_gets_its_nought_back(cell: Cell, code: str) -> None:
    assert isced(cell) == code


@pytest.mark.parametrize("cell", ["06.1", "abcd", "06131", "3000", "", "data", "-613"], ids=repr)
def test_what_is_no_field_of_study_is_refused(cell: str) -> None:
    with pytest.raises(ValueFault, match="an ISCED-F code of 2 to 4 digits"):
        isced(cell)


def test_numbers_of_the_commission_are_read() -> None:
    assert (pic(948821603), pic("948 821 603"), oid("e10209041")) == ("948821603", "948821603", "E10209041")


@pytest.mark.parametrize(("parse", "cell"), [(pic, "12"), (pic, "#N/A"), (oid, "10209041"), (oid, "#VALUE!")])
def test_other_numbers_are_refused(parse: object, cell: str) -> None:
    assert callable(parse)
    with pytest.raises(ValueFault):
        parse(cell)


@pytest.mark.parametrize(
    ("cell", "ref"),
    [
        ("s umea01", PartnerRef(PartnerKey.ERASMUS_CODE, "S  UMEA01")),
        (948821603, PartnerRef(PartnerKey.PIC, "948821603")),
        (" University\xa0of Graz", PartnerRef(PartnerKey.NAME, "University of Graz")),
    ],
    ids=repr,
)
def test_partner_is_named_by_code_number_or_name(cell: Cell, ref: PartnerRef) -> None:
    assert partner(cell) == ref


@pytest.mark.parametrize(
    ("cell", "code"),
    [("se", "SE"), ("Sverige", "SE"), ("SWEDEN", "SE"), ("EL", "GR"), ("UK", "GB"), ("Österrike", "AT"), ("ZZ", "ZZ")],
    ids=repr,
)
def test_country_is_read_by_code_or_name(cell: str, code: str) -> None:
    assert country(cell) == code


@pytest.mark.parametrize("cell", ["Atlantis", "SWE", "", 46], ids=repr)
def test_unknown_country_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueFault, match="a country or a country code"):
        country(cell)


def test_nationality_that_is_no_country_stays_as_written() -> None:
    assert (nationality("Germany"), nationality("German")) == ("DE", "German")
