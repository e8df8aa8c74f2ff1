"""CSV in every writing an office has: delimiters, encodings, quotes, and what cannot be read."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import tables_csv
from adapters.tables import Row, Table, TableUnreadable, open_table
from adapters.tables_csv import open_csv

SWEDISH = "Förnamn;Ort;Betyg\nÅsa;Umeå;Väl godkänd\nZoë;Östersund;Godkänd\n"


def opened(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Table:
    path = folder / "lista.csv"
    path.write_bytes(content.encode(encoding) if isinstance(content, str) else content)
    return open_table(path)


def refused(folder: Path, content: str | bytes, encoding: str = "utf-8") -> str:
    with pytest.raises(TableUnreadable) as caught:
        opened(folder, content, encoding)
    return caught.value.message.sv


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_swedish_letters_survive_every_encoding_in_use(tmp_path: Path, encoding: str) -> None:
    rows = list(opened(tmp_path, SWEDISH, encoding).rows)
    assert rows[0] == Row(2, {"Förnamn": "Åsa", "Ort": "Umeå", "Betyg": "Väl godkänd"})
    assert rows[1].cells["Ort"] == "Östersund"


@pytest.mark.parametrize("encoding", ["cp850", "cp437", "mac-roman"])
def test_unknown_encoding_is_refused_rather_than_read_with_wrong_letters(tmp_path: Path, encoding: str) -> None:
    assert "teckenkodning känns inte igen" in refused(tmp_path, SWEDISH.replace("ë", "e"), encoding)


def test_damaged_utf8_names_the_line_and_the_byte(tmp_path: Path) -> None:
    content = SWEDISH.encode().replace("Ö".encode(), b"\xd6")
    assert "Filen är UTF-8 men skadad: rad 3, byte" in refused(tmp_path, content)


def test_damaged_utf16_is_told(tmp_path: Path) -> None:
    assert "Filen är UTF-16 men skadad" in refused(tmp_path, SWEDISH.encode("utf-16") + b"\n")


def test_first_wrong_byte_is_found_across_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.tables_text.CHUNK", 7)
    content = ("kod;ort\n" + "1;Umeå åäö\n" * 5).encode() + b"2;Ume\xe5\n"
    assert f"rad 7, byte {content.index(bytes([0xE5])) + 1} " in refused(tmp_path, content)


def test_binary_data_is_refused(tmp_path: Path) -> None:
    assert "binära data" in refused(tmp_path, bytes(range(256)) * 20)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    table = opened(tmp_path, SWEDISH.replace(";", delimiter))
    assert table.headers == ("Förnamn", "Ort", "Betyg")


def test_comma_in_texts_does_not_hide_the_semicolon(tmp_path: Path) -> None:
    table = opened(tmp_path, "namn;adress, ort\nÅsa;Storgatan 1, Umeå, Sverige\nBo;Lillgatan 2\n")
    assert [row.cells["adress, ort"] for row in table.rows] == ["Storgatan 1, Umeå, Sverige", "Lillgatan 2"]


def test_single_column_is_a_table_too(tmp_path: Path) -> None:
    assert list(opened(tmp_path, "datum\n2027-01-15\n").rows) == [Row(2, {"datum": "2027-01-15"})]


def test_delimiter_that_excel_was_told_is_used_and_its_line_is_no_row(tmp_path: Path) -> None:
    table = opened(tmp_path, "sep=;\nkod;namn\n1;Fysik\n")
    assert (table.header_row, list(table.rows)) == (1, [Row(2, {"kod": "1", "namn": "Fysik"})])


def test_rows_are_numbered_as_in_a_spreadsheet_past_blank_lines_and_breaks_in_fields(tmp_path: Path) -> None:
    table = opened(tmp_path, '\nkod;text\n\n1;"två\nrader"\n2;en\n')
    assert table.header_row == 2
    assert [(row.number, row.cells["text"]) for row in table.rows] == [(4, "två\nrader"), (5, "en")]
    assert table.total == 3


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_line_breaks_of_three_kinds_of_machine(tmp_path: Path, line_break: str) -> None:
    assert len(list(opened(tmp_path, SWEDISH.replace("\n", line_break)).rows)) == 2


def test_row_with_too_many_fields_is_faulted_and_the_next_is_read(tmp_path: Path) -> None:
    shifted, good = opened(tmp_path, "kod,ort,not\n1,Umeå, Sverige,x\n2,Lund,y\n").rows
    assert [(fault.column, fault.value) for fault in shifted.faults] == [("", "x")]
    assert "högst 3 fält" in shifted.faults[0].expected.sv
    assert good == Row(3, {"kod": "2", "ort": "Lund", "not": "y"})


def test_stray_quotation_mark_costs_its_own_row_only(tmp_path: Path) -> None:
    table = opened(tmp_path, 'kod;namn\n1;"Högskolan" i Borås\n2;Lund\n3;Umeå\n')
    first, *rest = table.rows
    assert "citattecken" in first.faults[0].expected.sv
    assert [row.cells["namn"] for row in rest] == ["Lund", "Umeå"]


def test_quotation_mark_never_closed_is_told_with_the_lines_it_swallowed(tmp_path: Path) -> None:
    row = list(opened(tmp_path, 'kod;namn\n1;Lund\n2;"Umeå\n3;Borås\n').rows)[-1]
    assert "textrad 3–4" in row.faults[0].expected.sv


def test_misquoted_headers_stop_the_file(tmp_path: Path) -> None:
    assert "Raden med rubriker kan inte läsas" in refused(tmp_path, '"kod"x;namn\n1;Lund\n')


def test_zeros_kept_for_excel_are_unwrapped(tmp_path: Path) -> None:
    assert next(opened(tmp_path, 'kod;isced\n="0012";="0613"\n').rows).cells == {"kod": "0012", "isced": "0613"}


def test_endless_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables_csv, "LONGEST_LINE", 1000)
    assert "längre än en miljon tecken" in refused(tmp_path, "kod;namn\n" + "x" * 2000)


def test_headers_on_several_lines_are_joined(tmp_path: Path) -> None:
    assert opened(tmp_path, '"Förnamn\nFirst  name";\xa0Ort ;;\n1;2;;\n').headers == ("Förnamn / First name", "Ort")


def test_more_columns_than_any_list_has_are_refused(tmp_path: Path) -> None:
    assert "fler än 500 kolumner" in refused(tmp_path, ";".join(f"k{n}" for n in range(501)) + "\n")


def test_packed_csv_is_read(tmp_path: Path) -> None:
    assert len(list(opened(tmp_path, gzip.compress(SWEDISH.encode("cp1252"))).rows)) == 2


def test_packed_file_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"0" * 3_000_000))
    with pytest.raises(TableUnreadable, match="larger than 1 MB unpacked"):
        open_csv(path, gzipped=True, largest=1024**2)


@pytest.mark.parametrize(
    "content", [gzip.compress(SWEDISH.encode(), mtime=0)[:-9], b"\x1f\x8b\x08nonsense"], ids=["cut off", "nonsense"]
)
def test_damaged_packed_file_is_told(tmp_path: Path, content: bytes) -> None:
    assert "packade filen är skadad" in refused(tmp_path, content)


FIELDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).filter(lambda text: text[:2] != '="')


@given(rows=st.lists(st.tuples(FIELDS, FIELDS, FIELDS), max_size=20), delimiter=st.sampled_from(",;\t"))
def test_what_a_spreadsheet_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], delimiter: str
) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([("a", "b", "c"), *rows])
    table = opened(tmp_path_factory.mktemp("csv"), text.getvalue(), "utf-8-sig")
    filled = [row for row in rows if any(field.strip() for field in row)]
    assert [tuple(row.cells.values()) for row in table.rows] == [tuple(f or None for f in row) for row in filled]


@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    with contextlib.suppress(TableUnreadable):
        table = opened(tmp_path_factory.mktemp("bytes"), b"kod;namn\n" + content)
        assert len(list(table.rows)) <= table.total
