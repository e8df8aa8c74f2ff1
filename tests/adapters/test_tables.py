"""What a file is, told by what is in it; and what is not taken in, told in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters import tables
from adapters.tables import Row, TableUnreadable, open_table
from tests.spreadsheets import row_of, workbook_parts, write_package

DATA = Path(__file__).parents[3] / "shared" / "data" / "erasmus"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the real lists are not beside this tree")


def refused(path: Path) -> tuple[str, str]:
    with pytest.raises(TableUnreadable) as caught:
        open_table(path)
    return caught.value.message.sv, caught.value.message.en


def file_of(folder: Path, content: bytes, name: str = "lista.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@needs_data
def test_commissions_raw_workbook_is_read_whole_past_its_empty_first_row() -> None:
    table = open_table(DATA / "eche_list_2024-06-27_raw.xlsx")
    rows = list(table.rows)
    assert (table.header_row, table.sheet, table.total, len(rows)) == (2, "Report 2", 5912, 5912)
    assert rows[0].number == 3
    assert rows[0].cells["Erasmus Code"] == "A\xa0 BADEN01"


@needs_data
def test_commissions_csv_is_read_whole_with_line_breaks_inside_fields() -> None:
    table = open_table(DATA / "eche_list_2024-10-25.csv.gz")
    rows = list(table.rows)
    assert (table.header_row, table.total, len(rows)) == (1, 5887, 5887)
    assert not [row for row in rows if row.faults]
    assert sum("\n" in str(cell) for row in rows for cell in row.cells.values()) == 2


@needs_data
@pytest.mark.parametrize(
    ("name", "rows"),
    [("hei_flows_2018_sweden.csv.gz", 3960), ("hei_totals_2014_2019_sweden.csv", 39)],
)
def test_other_real_lists_are_read_whole(name: str, rows: int) -> None:
    assert len(list(open_table(DATA / name).rows)) == rows


def test_rows_begin_anew_each_time_they_are_asked_for(tmp_path: Path) -> None:
    table = open_table(file_of(tmp_path, b"kod;namn\n1;Fysik\n"))
    expected = [Row(2, {"kod": "1", "namn": "Fysik"})]
    assert list(table.rows) == expected
    assert list(table.rows) == expected


def test_content_decides_and_not_the_name_of_the_file(tmp_path: Path) -> None:
    workbook = write_package(tmp_path / "lista.csv", workbook_parts(row_of(1, "kod", "namn") + row_of(2, "1", "Fysik")))
    text = file_of(tmp_path, b"kod;namn\n1;Fysik\n", "lista.xlsx")
    assert list(open_table(workbook).rows) == list(open_table(text).rows)


def test_empty_file_is_refused_in_both_languages(tmp_path: Path) -> None:
    assert refused(file_of(tmp_path, b"")) == (
        "Filen är tom (0 byte). Spara om den och försök igen.",
        "The file is empty (0 bytes). Save it again and try once more.",
    )


@pytest.mark.parametrize("content", [b"\n\n;;;\n", b"\xef\xbb\xbf", "\xa0\n".encode()])
def test_file_with_nothing_written_in_it_is_refused(tmp_path: Path, content: bytes) -> None:
    assert "ingen rad med rubriker" in refused(file_of(tmp_path, content))[0]


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "saknas.csv")[1] == "There is no file saknas.csv."
    assert "is a folder" in refused(tmp_path)[1]


def test_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ror")
    assert "something else than a file" in refused(tmp_path / "ror")[1]


def test_file_over_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "stor.csv"
    with path.open("wb") as file:
        file.truncate(tables.LARGEST_FILE + 1024**2)
    assert refused(path)[1].startswith("The file is 101.0 MB; at most 100 MB are taken.")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a picture (PNG)"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a picture (JPEG)"),
        (b"{\\rtf1\\ansi", "a text document (RTF)"),
        (b"MZ\x90\0\x03\0", "a program"),
        (b"\n<html><table><tr><td>kod</td></tr></table>", "a web page or XML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "a web page or XML"),
    ],
)
def test_other_kinds_of_file_are_called_by_name(tmp_path: Path, content: bytes, found: str) -> None:
    assert f"The file is {found}, not a table" in refused(file_of(tmp_path, content, "lista.xls"))[1]


def test_list_may_begin_with_the_letters_of_a_program(tmp_path: Path) -> None:
    assert open_table(file_of(tmp_path, b"MZ;namn\n1;Fysik\n")).headers == ("MZ", "namn")


def test_old_excel_file_is_told_from_one_with_a_password(tmp_path: Path) -> None:
    container = tables.OLE + b"\0" * 600
    old = file_of(tmp_path, container + "Workbook".encode("utf-16-le"), "gammal.xls")
    protected = file_of(tmp_path, container + tables.ENCRYPTED_PACKAGE, "hemlig.xlsx")
    assert "äldre Office-format" in refused(old)[0]
    assert "skyddad med lösenord" in refused(protected)[0]
