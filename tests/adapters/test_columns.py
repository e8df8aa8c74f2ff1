"""Columns found by name, bad rows told with everything that is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.columns import BadRow, Column, ColumnsWrong, Demands, Parsed, also, fold_header, match, read_rows
from adapters.tables import Cell, Fault, Row, Table
from adapters.values import decimal, email, text
from adapters.values_dates import day
from engine.vocabulary import Text

COLUMNS = (
    Column("name", also("namn; student; full name"), text()),
    Column("email", also("e-post; mejladress"), email, required=True),
    Column("credits", also("hp; högskolepoäng"), decimal),
    Column("from", also("från och med"), day),
    Column("to", also("t.o.m."), day),
)


def table_of(headers: tuple[str, ...], *rows: tuple[Cell, ...], faults: tuple[Fault, ...] = ()) -> Table:
    def read() -> Iterator[Row]:
        for number, cells in enumerate(rows, start=4):
            yield Row(number, dict(zip(headers, cells, strict=True)), faults)

    return Table(headers, header_row=3, total=len(rows), sheet=None, read=read)


def wrong(headers: tuple[str, ...], demands: Demands = Demands()) -> Text:  # noqa: B008  (frozen)
    with pytest.raises(ColumnsWrong) as caught:
        read_rows(table_of(headers), COLUMNS, demands)
    return caught.value.message


@pytest.mark.parametrize(
    "header",
    ["email", "E-MAIL", "E-post *", "e_post", "\xa0E‑post:", "Mejladress", "E-post (obligatorisk)", "E-post [arbete]",
     "E-post / Email", "E-post | Mejladress"],
    ids=repr,
)  # fmt: skip
def test_column_is_found_however_its_header_is_written(header: str) -> None:
    assert match(table_of((header,)), COLUMNS).header_of == {"email": header}


@given(header=st.text(max_size=20))
def test_folding_a_header_twice_changes_nothing(header: str) -> None:
    assert fold_header(fold_header(header)) == fold_header(header)


def test_header_in_two_languages_that_mean_two_columns_is_not_guessed() -> None:
    assert match(table_of(("email", "Namn / hp")), COLUMNS).unknown == ("Namn / hp",)


def test_columns_nobody_asks_for_are_listed_once() -> None:
    table = table_of(("E-post", "Anmärkning", "", "Skostorlek", "Anmärkning"))
    assert match(table, COLUMNS).unknown == ("Anmärkning", "Skostorlek")


def test_missing_column_is_named_with_what_it_may_be_called_before_any_row() -> None:
    message = wrong(("Namn", "Poäng"))
    assert message.sv == (
        "Kolumnen email (e-post eller mejladress) saknas.\n"
        "Rubrikerna (filens första ifyllda rad, rad 3): ”Namn”, ”Poäng”."
    )
    assert message.en.startswith("The column email (e-post or mejladress) is missing.\n")


def test_two_headers_for_one_column_are_both_named() -> None:
    message = wrong(("E-post", "Mejladress", "hp", "HP"))
    assert "Flera rubriker betyder email: ”E-post”, ”Mejladress”. Behåll en av dem." in message.sv
    assert "Several headers mean credits: ”hp”, ”HP”. Keep one of them." in message.en


def test_all_that_is_wrong_with_the_headers_is_told_at_once() -> None:
    message = wrong(("namn", "student"), Demands(one_of=(("from", "to"),)))
    assert [line.split(" ")[0] for line in message.sv.splitlines()] == ["Flera", "Kolumnen", "Någon", "Rubrikerna"]


def test_row_is_read_into_values_by_column() -> None:
    table = table_of(("Namn", "E-post", "hp"), ("Åsa", "asa@umu.se", "22,5"))
    values = {"name": "Åsa", "email": "asa@umu.se", "credits": Decimal("22.5")}
    assert list(read_rows(table, COLUMNS)) == [Parsed(4, values)]


@pytest.mark.parametrize("cell", [None, "", " \xa0", "-", "–", "#N/A", "\u200b"], ids=repr)
def test_blank_cell_is_nothing_and_an_absent_column_is_absent(cell: Cell) -> None:
    (row,) = read_rows(table_of(("E-post", "hp"), ("asa@umu.se", cell)), COLUMNS)
    assert row == Parsed(4, {"email": "asa@umu.se", "credits": None})


def test_bad_row_tells_row_column_value_and_what_was_expected_and_the_next_is_read() -> None:
    table = table_of(("E-post", "hp"), ("asa umu.se", "tolv"), ("bo@umu.se", 15))
    bad, good = read_rows(table, COLUMNS)
    address = Text("en e-postadress, som namn@umu.se", "an e-mail address, such as name@umu.se")
    number = Text("ett tal, som 22,5 eller 1 250", "a number, such as 22.5 or 1 250")
    assert bad == BadRow(4, (Fault("E-post", "asa umu.se", address), Fault("hp", "tolv", number)))
    assert good == Parsed(5, {"email": "bo@umu.se", "credits": Decimal(15)})


def test_blank_cell_in_a_required_column_is_a_fault() -> None:
    (row,) = read_rows(table_of(("Namn", "E-post"), ("Åsa", " ")), COLUMNS)
    assert isinstance(row, BadRow)
    assert row.faults[0].expected.sv == "ett värde; kolumnen måste fyllas i"


def test_long_and_unprintable_values_are_shown_short_and_visible() -> None:
    (row,) = read_rows(table_of(("E-post",), ("\x1b[31m\n" + "x" * 200,)), COLUMNS)
    assert isinstance(row, BadRow)
    assert row.faults[0].value == "�[31m␣" + "x" * 73 + "…"


def test_broken_cell_counts_only_in_a_column_that_is_asked_for() -> None:
    fault = Fault("hp", "=SUM(A1)", Text("ett värde", "a value"))
    (asked,) = read_rows(table_of(("E-post", "hp"), ("asa@umu.se", None), faults=(fault,)), COLUMNS)
    (not_asked,) = read_rows(table_of(("E-post", "hp"), ("asa@umu.se", None), faults=(fault,)), COLUMNS[:2])
    assert asked == BadRow(4, (fault,))
    assert not_asked == Parsed(4, {"email": "asa@umu.se"})


def test_fault_of_the_whole_row_always_counts() -> None:
    fault = Fault("", "x", Text("högst 3 fält", "at most 3 fields"))
    assert list(read_rows(table_of(("E-post",), ("asa@umu.se",), faults=(fault,)), COLUMNS)) == [BadRow(4, (fault,))]


def test_lenient_column_lets_a_bad_value_go() -> None:
    columns = (Column("email", parse=email, required=True), Column("credits", parse=decimal, lenient=True))
    broken = Fault("credits", "#VALUE!", Text("ett värde", "a value"))
    table = table_of(("email", "credits"), ("asa@umu.se", "många"), ("bo@umu.se", None), faults=(broken,))
    assert [row.values["credits"] for row in read_rows(table, columns) if isinstance(row, Parsed)] == [None, None]


def test_one_of_several_columns_must_be_filled_in() -> None:
    demands = Demands(one_of=(("name", "credits"),))
    filled, empty = read_rows(
        table_of(("E-post", "Namn", "hp"), ("a@b.se", "", 3), ("c@d.se", "", "")), COLUMNS, demands
    )
    assert isinstance(filled, Parsed)
    assert isinstance(empty, BadRow)
    assert empty.faults[0].expected.sv == "ett värde i någon av kolumnerna ”Namn”, ”hp”"


def test_end_before_its_beginning_is_a_fault() -> None:
    demands = Demands(in_order=(("from", "to"),))
    table = table_of(
        ("email", "från och med", "T.o.m."), ("a@b.se", "1/2 2027", "31/1 2027"), ("c@d.se", "1/2 2027", "1/2 2027")
    )
    bad, same_day = read_rows(table, COLUMNS, demands)
    words = Text("tidigast ”från och med”, 2027-02-01", 'not before "från och med", 2027-02-01')
    assert bad == BadRow(4, (Fault("T.o.m.", "2027-01-31", words),))
    assert isinstance(same_day, Parsed)


def test_word_that_would_name_two_columns_is_a_mistake_in_the_declaration() -> None:
    with pytest.raises(ValueError, match="namn names both name and title"):
        match(table_of(()), (*COLUMNS, Column("title", also("namn"))))


CELLS = st.one_of(st.none(), st.text(max_size=15), st.integers(), st.booleans(), st.dates())


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=10))
def test_every_row_comes_out_once_and_in_order(rows: list[tuple[Cell, Cell, Cell]]) -> None:
    outcomes = list(read_rows(table_of(("E-post", "hp", "t.o.m."), *rows), COLUMNS))
    assert [outcome.number for outcome in outcomes] == list(range(4, 4 + len(rows)))
    assert all(outcome.faults for outcome in outcomes if isinstance(outcome, BadRow))
