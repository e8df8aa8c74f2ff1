"""Single values as people write them: text, numbers, yes and no, addresses, settings."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tables import Cell
from adapters.values import (
    ValueFault,
    boolean,
    decimal,
    email,
    folded,
    integer,
    language,
    listed,
    percent,
    prose,
    settings,
    text,
)

ANYTHING = st.one_of(
    st.text(max_size=40),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
    st.decimals(allow_nan=False, allow_infinity=False),
)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("  Umeå\xa0 \tuniversitet \n", "Umeå universitet"),
        ("Ume\u200ba\u0301\ufeff", "Umeá"),
        ("två\nrader", "två rader"),
        (948821603, "948821603"),
        (2.5, "2.5"),
        (date(2027, 1, 15), "2027-01-15"),
    ],
    ids=repr,
)
def test_text_is_one_clean_line(cell: Cell, value: str) -> None:
    assert text()(cell) == value


@pytest.mark.parametrize("cell", ["a\x00b", "a\x07", "UmeÃ¥", "Ume\ufffd", "gpj.\u202eexe", "\ud800"], ids=repr)
def test_text_that_would_be_wrong_on_a_page_is_refused(cell: str) -> None:
    with pytest.raises(ValueFault, match="without control characters or broken letters"):
        text()(cell)


@pytest.mark.parametrize(
    "cell", ["São Paulo", "SÃO PAULO", "Čtvrtek", "Ærø", "L’Aquila", "IRMÃ DULCE", "Łódź"], ids=repr
)
def test_letters_of_other_languages_are_left_alone(cell: str) -> None:
    assert text()(cell) == cell


def test_text_over_its_length_is_refused_with_the_length() -> None:
    with pytest.raises(ValueFault) as caught:
        text(longest=60)("x" * 61)
    assert caught.value.expected.sv == "en text på högst 60 tecken"


def test_prose_keeps_its_lines() -> None:
    assert prose()(" en \xa0 rad\r\n\r\nen till\n") == "en rad\n\nen till"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("22,5", "22.5"),
        ("22.5", "22.5"),
        ("1 234,5", "1234.5"),
        ("1 234,500", "1234.5"),
        ("1\xa0234\u202f567", "1234567"),
        ("1.234,50", "1234.5"),
        ("1,234.50", "1234.5"),
        ("1,250,000", "1250000"),
        ("1,250", "1.25"),
        ("−3", "-3"),
        ("-0", "0"),
        ("100", "100"),
        (22.5, "22.5"),
        (7, "7"),
        (Decimal("7.50"), "7.5"),
    ],
    ids=repr,
)
def test_number_is_read_with_comma_or_point(cell: Cell, value: str) -> None:
    assert str(decimal(cell)) == value


@pytest.mark.parametrize(
    "cell",
    ["", "tolv", "12 34", "1,2,3", "1.234.5", "1e5", "7 hp", True, date(2027, 1, 1), "9" * 13, 1e30],
    ids=repr,
)
def test_what_is_no_number_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueFault, match=r"a number, such as 22\.5"):
        decimal(cell)


@given(number=st.decimals(-(10**9), 10**9, places=3), comma=st.booleans())
def test_every_number_survives_being_written_in_swedish(number: Decimal, comma: bool) -> None:
    written = f"{number:,.3f}".replace(",", "\xa0")
    assert decimal(written.replace(".", ",") if comma else written) == number


def test_whole_number_outside_its_bounds_is_refused_with_the_bounds() -> None:
    assert integer()("12") == 12
    assert integer()(2.0) == 2
    for cell in ("-1", "10", "2,5", "två"):
        with pytest.raises(ValueFault, match="a whole number from 0 to 9"):
            integer(highest=9)(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("75 %", "75"), ("75", "75"), ("0,75", "75"), (0.75, "75"), (1, "100"), ("0,5 %", "0.5"), ("80 procent", "80")],
    ids=repr,
)
def test_share_is_read_as_percent(cell: Cell, value: str) -> None:
    assert str(percent(cell)) == value


@pytest.mark.parametrize("cell", ["101", "-1", "%", "hälften", True], ids=repr)
def test_what_is_no_share_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueFault, match="a share"):
        percent(cell)


@pytest.mark.parametrize("cell", ["Ja", "JA ", "yes", "x", "X", "sant", "true", "1", 1, 1.0, True, "✓"], ids=repr)
def test_yes_in_every_form(cell: Cell) -> None:
    assert boolean(cell) is True


@pytest.mark.parametrize("cell", ["Nej", "no", "falskt", "FALSE", "0", 0, False], ids=repr)
def test_no_in_every_form(cell: Cell) -> None:
    assert boolean(cell) is False


@pytest.mark.parametrize("cell", ["kanske", "2", "", date(2027, 1, 1)], ids=repr)
def test_neither_yes_nor_no_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueFault, match="yes or no"):
        boolean(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (" Anna.Berg@UMU.SE\xa0", "Anna.Berg@umu.se"),
        ("Anna Berg <anna@umu.se>", "anna@umu.se"),
        ("mailto:anna@umu.se", "anna@umu.se"),
        ("anna@umeå.se", "anna@umeå.se"),
    ],
    ids=repr,
)
def test_address_is_read_also_with_its_name(cell: str, value: str) -> None:
    assert email(cell) == value


@pytest.mark.parametrize(
    "cell",
    ["anna", "anna@umu", "anna umu@umu.se", "a@b.se; c@d.se", "a@b..se", "@umu.se", "a@b.se\nBcc: c@d.se", 7],
    ids=repr,
)
def test_what_is_no_single_address_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueFault, match="an e-mail address"):
        email(cell)


@pytest.mark.parametrize(("cell", "value"), [("Svenska", "sv"), ("SV", "sv"), ("english", "en"), ("Engelska", "en")])
def test_language_is_read_in_either_language(cell: str, value: str) -> None:
    assert language(cell) == value


def test_language_nobody_is_written_to_in_is_refused() -> None:
    with pytest.raises(ValueFault) as caught:
        language("tyska")
    assert caught.value.expected.sv == "sv eller en"


def test_list_in_a_cell_passes_over_empty_places() -> None:
    assert listed(text())("a; b,,\n c |") == ("a", "b", "c")


def test_settings_are_a_json_object() -> None:
    assert settings('{"four_eyes": true, "days": 3}') == {"four_eyes": True, "days": 3}


@pytest.mark.parametrize(
    "cell", ["[1]", "{", '{"a": 1, "a": 2}', '{"a": NaN}', "[" * 15_000, '{"a": "' + "x" * 20_000], ids=repr
)
def test_what_is_no_json_object_is_refused(cell: str) -> None:
    with pytest.raises(ValueFault, match="a JSON object"):
        settings(cell)


@given(written=st.text(max_size=30))
def test_folding_twice_changes_nothing(written: str) -> None:
    assert folded(folded(written)) == folded(written)


@pytest.mark.parametrize(
    "parse",
    [text(), prose(), decimal, integer(), percent, boolean, email, language, settings],
    ids=["text", "prose", "decimal", "integer", "percent", "boolean", "email", "language", "settings"],
)
@given(cell=ANYTHING)
def test_no_value_surprises_a_parser(parse: object, cell: Cell) -> None:
    assert callable(parse)
    try:
        parse(cell)
    except ValueFault as fault:
        words = (fault.expected.sv, fault.expected.en)
    else:
        words = ("", "")
    assert all(words) or not any(words)
