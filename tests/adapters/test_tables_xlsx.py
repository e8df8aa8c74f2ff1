"""XLSX as spreadsheet programs write it, compared with another reader; and workbooks made to harm."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import zipfile
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.tables import Cell, TableUnreadable, open_table
from adapters.tables_cells import is_date_format
from tests.spreadsheets import row_of, workbook_parts, write_package

HEADER = row_of(1, "kod", "värde")


def workbook(folder: Path, *sheets: str, **more: object) -> Path:
    return write_package(folder / "lista.xlsx", workbook_parts(*sheets, **more))  # type: ignore[arg-type]  # passed on


def value_of(folder: Path, cell: str, **more: object) -> Cell:
    row = next(open_table(workbook(folder, f"{HEADER}<row><c><v>1</v></c>{cell}</row>", **more)).rows)
    assert not row.faults
    return row.cells.get("värde")


def fault_of(folder: Path, cell: str, **more: object) -> tuple[str, str, str]:
    row = next(open_table(workbook(folder, f"{HEADER}<row><c><v>1</v></c>{cell}</row>", **more)).rows)
    (fault,) = row.faults
    return fault.column, fault.value, fault.expected.sv


def refused(path: Path) -> str:
    with pytest.raises(TableUnreadable) as caught:
        open_table(path)
    return caught.value.message.sv


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("<c><v>613</v></c>", 613),
        ("<c><v>22.5</v></c>", 22.5),
        ("<c><v>0.28999999999999998</v></c>", 0.29),
        ("<c><v>9.9988744700000001E8</v></c>", 999887447),
        ('<c t="b"><v>1</v></c>', True),
        ('<c t="str"><f>A1</f><v>text</v></c>', "text"),
        ('<c t="str"><f>IF(1,"")</f><v></v></c>', None),
        ("<c><f>1+1</f><v>2</v></c>", 2),
        ('<c t="e"><v>#N/A</v></c>', None),
        ('<c t="d"><v>2027-01-15T00:00:00Z</v></c>', date(2027, 1, 15)),
        ('<c t="inlineStr"><is><r><t>Um</t></r><r><t>eå</t></r><rPh><t>ume</t></rPh></is></c>', "Umeå"),
        ('<c t="inlineStr"><is><t>a_x000D_b</t></is></c>', "a\rb"),
        ("<c/>", None),
    ],
)
def test_cell_of_every_type_gives_its_value(tmp_path: Path, cell: str, value: Cell) -> None:
    assert value_of(tmp_path, cell) == value


@pytest.mark.parametrize(
    ("serial", "since_1904", "value"),
    [
        ("46402", False, date(2027, 1, 15)),
        ("46402.5", False, datetime(2027, 1, 15, 12)),
        ("44940", True, date(2027, 1, 15)),
        ("59", False, date(1900, 2, 28)),
        ("61", False, date(1900, 3, 1)),
        ("0.5", False, "12:00:00"),
    ],
)
def test_number_formatted_as_a_date_is_a_date(tmp_path: Path, serial: str, since_1904: bool, value: Cell) -> None:
    cell = f'<c s="1"><v>{serial}</v></c>'
    assert value_of(tmp_path, cell, date_formats=[14], since_1904=since_1904) == value


def test_shared_texts_are_found_and_their_reading_aids_left_out(tmp_path: Path) -> None:
    strings = "<si><t>noll</t></si><si><r><t>Um</t></r><r><t>eå</t></r><rPh><t>x</t></rPh></si>"
    assert value_of(tmp_path, '<c t="s"><v>1</v></c>', strings=strings) == "Umeå"


@pytest.mark.parametrize(
    ("cell", "value", "words"),
    [
        ("<c><f>SUM(A1:A9)</f></c>", "=SUM(A1:A9)", "formeln har inget sparat resultat"),
        ('<c><f t="shared" si="0"/><v></v></c>', "=…", "formeln har inget sparat resultat"),
        ('<c t="e"><f>1/0</f><v>#DIV/0!</v></c>', "#DIV/0!", "cellen visar ett fel"),
        ('<c t="s"><v>7</v></c>', "7", "en text som finns i filen"),
        ("<c><v>nan</v></c>", "nan", "ett tal"),
        ('<c s="1"><v>99999999</v></c>', "99999999", "ett datum mellan 1900 och 9999"),
        ('<c s="1"><v>-5</v></c>', "-5", "ett datum mellan 1900 och 9999"),
        ('<c t="d"><v>igår</v></c>', "igår", "ett datum mellan 1900 och 9999"),
    ],
)
def test_cell_without_a_value_is_faulted_in_words(tmp_path: Path, cell: str, value: str, words: str) -> None:
    column, shown, expected = fault_of(tmp_path, cell, date_formats=[22])
    assert (column, shown) == ("värde", value)
    assert words in expected


def test_text_longer_than_a_spreadsheet_holds_is_faulted(tmp_path: Path) -> None:
    assert "100 000 tecken" in fault_of(tmp_path, f'<c t="inlineStr"><is><t>{"å" * 300_000}</t></is></c>')[2]


@pytest.mark.parametrize("code", ["yyyy-mm-dd", "d/m yyyy", "[$-41D]d mmmm yyyy;@", "hh:mm", "[h]:mm", "D.M.YY"])
def test_format_of_a_date_is_known(code: str) -> None:
    assert is_date_format(code)


@pytest.mark.parametrize("code", ["General", "0.00", "# ##0", '0 "dagar"', "[Red]0", "0;[Red]-0", r"0\d", '0;"md"'])
def test_format_of_a_number_is_known(code: str) -> None:
    assert not is_date_format(code)


def test_first_shown_sheet_with_something_in_it_is_read(tmp_path: Path) -> None:
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}" {state}/>'
        for n, (name, state) in enumerate([("Tom", ""), ("Listor", 'state="hidden"'), ("Data", "")], start=1)
    )
    path = workbook(tmp_path, "<row r='3'/>", row_of(1, "dold"), row_of(4, "kod") + row_of(9, "1"), sheet_list=sheets)
    table = open_table(path)
    assert (table.sheet, table.header_row, table.total) == ("Data", 4, 1)
    assert [(row.number, row.cells) for row in table.rows] == [(9, {"kod": "1"})]


def test_gaps_between_cells_and_columns_without_headers_are_kept_apart(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="B1"><v>1</v></c><c r="D1" t="inlineStr"><is><t>b</t></is></c></row>'
        '<row r="2"><c r="A2"><v>10</v></c><c r="D2"><v>20</v></c><c r="AAA2"><v>30</v></c></row>'
    )
    table = open_table(workbook(tmp_path, rows))
    assert table.headers == ("", "1", "", "b")
    assert [row.cells for row in table.rows] == [{"b": 20}]


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(-1e9, 1e9).map(lambda number: float(f"{number:.14g}")),
    st.dates(date(1901, 1, 1), date(2199, 12, 31)),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=30),
)


@given(rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=8))
def test_workbooks_are_read_as_another_reader_reads_them(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[Cell]]
) -> None:
    book, path = openpyxl.Workbook(), tmp_path_factory.mktemp("xlsx") / "lista.xlsx"
    sheet = book.create_sheet("Lista", 0)
    written: list[list[Cell]] = [[None, None, None], ["a", "b", "c"], *rows]
    for row in written:
        sheet.append(["'" + cell if isinstance(cell, str) and cell.startswith("=") else cell for cell in row])
    book.save(path)
    theirs = openpyxl.load_workbook(path)["Lista"]
    expected = [
        [cell.date() if isinstance(cell, datetime) else cell for cell in row]
        for row in theirs.iter_rows(min_row=3, values_only=True)
    ]
    ours = [[row.cells.get(header) for header in "abc"] for row in open_table(path).rows]
    assert ours == [row for row in expected if any(str(cell or "").strip() or cell == 0 for cell in row)]


def test_expanding_entities_are_refused(tmp_path: Path) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    parts = workbook_parts(HEADER + row_of(2, "x"))
    for name in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "_rels/.rels"):
        hostile = f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}]>' + parts[name]
        assert "XML som inget kalkylprogram skriver" in refused(
            write_package(tmp_path / "skratt.xlsx", {**parts, name: hostile})
        )


def test_workbook_that_unpacks_a_thousandfold_is_refused_unread(tmp_path: Path) -> None:
    parts = {**workbook_parts(HEADER), "xl/worksheets/sheet1.xml": " " * (30 * 1024**2)}
    assert "blir 30 MB uppackad" in refused(write_package(tmp_path / "bomb.xlsx", parts))


def test_package_of_many_large_parts_is_refused_by_its_list_of_contents(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.tables_xlsx.LARGEST_UNPACKED", 1000)
    assert "MB uppackad" in refused(workbook(tmp_path, HEADER))


def test_shared_texts_too_large_to_hold_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.tables_xlsx.LARGEST_STRINGS", 100)
    assert "MB uppackad" in refused(workbook(tmp_path, HEADER, strings="<si><t>lång</t></si>" * 20))


def test_endless_tag_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.tables_xml.LONGEST_PIECE", 100_000)
    assert "XML som inget" in refused(workbook(tmp_path, f'<row r="1" x="{"y" * 400_000}">'))


def test_part_nested_without_end_is_refused(tmp_path: Path) -> None:
    parts = {**workbook_parts(HEADER), "xl/styles.xml": "<a>" * 500 + "</a>" * 500}
    assert "XML som inget" in refused(write_package(tmp_path / "djup.xlsx", parts))


def test_two_cells_in_opposite_corners_cost_no_more_than_two_cells(tmp_path: Path) -> None:
    rows = f'{HEADER}<row r="1048576"><c r="A1048576"><v>1</v></c><c r="XFD1048576"><v>2</v></c></row>'
    assert [(row.number, row.cells) for row in open_table(workbook(tmp_path, rows)).rows] == [(1048576, {"kod": 1})]


def test_header_row_wider_than_any_list_is_refused(tmp_path: Path) -> None:
    assert "fler än 500 kolumner" in refused(workbook(tmp_path, '<row r="1"><c r="XFD1"><v>1</v></c></row>'))


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="0"><c><v>1</v></c></row>',
        '<row r="2"/><row r="1"><c><v>1</v></c></row>',
        '<row r="1048577"><c><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
        '<row r="1"><c r="?1"><v>1</v></c></row>',
        '<row r="1"><c><v>1</v></row>',
        '<row r="1"><c><v>1</v></c></row><row r="2"><c><v>&undefined;</v></c></row>',
    ],
)
def test_sheet_that_breaks_the_format_is_refused_before_any_row(tmp_path: Path, rows: str) -> None:
    assert "Arbetsboken är skadad" in refused(workbook(tmp_path, rows))


def test_workbook_cut_off_while_fetched_is_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path, HEADER + row_of(2, "x", "y"))
    path.write_bytes(path.read_bytes()[:-40])
    assert "skadad eller bara delvis hämtad" in refused(path)


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("word/document.xml", "ett Word-dokument"),
        ("ppt/presentation.xml", "en presentation"),
        ("xl/workbook.bin", "en binär arbetsbok (.xlsb)"),
        ("content.xml", "ett OpenDocument (t.ex. .ods)"),
        ("bilder/a.txt", "ett zip-arkiv"),
    ],
)
def test_other_packages_are_called_by_name(tmp_path: Path, part: str, found: str) -> None:
    assert f"Filen är {found}, inte en arbetsbok" in refused(write_package(tmp_path / "x.xlsx", {part: "<a/>"}))


def test_unusual_packing_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.xlsx", "w", zipfile.ZIP_LZMA) as package:
        for name, content in workbook_parts(HEADER).items():
            package.writestr(name, content)
    assert "Arbetsboken är skadad" in refused(tmp_path / "x.xlsx")


@given(data=st.data())
def test_damaged_workbook_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    # The parts are damaged before they are packed, since the package's own sums would tell it otherwise.
    parts = workbook_parts(HEADER + row_of(2, "x", "y") + '<row r="3"><c s="1"><v>1</v></c></row>', date_formats=[14])
    name = data.draw(st.sampled_from(sorted(parts)))
    content = bytearray(parts[name].encode())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.sampled_from(b"\x00\xff<>/&\"'019-eRr "))
    path = write_package(tmp_path_factory.mktemp("damaged") / "x.xlsx", {**parts, name: bytes(content)})
    with contextlib.suppress(TableUnreadable):
        list(open_table(path).rows)


@given(cut=st.integers(0, 3000), at=st.integers(0, 3000), byte=st.integers(0, 255))
def test_damaged_package_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, cut: int, at: int, byte: int
) -> None:
    path = workbook(tmp_path_factory.mktemp("package"), HEADER + row_of(2, "x", "y"))
    content = bytearray(path.read_bytes())
    content[min(at, len(content) - 1)] = byte
    path.write_bytes(content[: max(2, len(content) - cut)])
    with contextlib.suppress(TableUnreadable):
        list(open_table(path).rows)


# What a process ever held. Its use of resources as a whole would not do: it begins with its parent's.
MEASURED = """
import re, sys
from pathlib import Path
from adapters.tables import open_table
table = open_table(Path(sys.argv[1]))
read = sum(1 for row in table.rows if not row.faults)
print(read, table.total, re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells what a process ever held")
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_hundred_thousand_rows_are_read_in_the_memory_of_a_few(tmp_path: Path, form: str) -> None:
    path = tmp_path / f"stor.{form}"
    texts = [("Åsa", f"student{n}@umu.se", "HT2027", "motivering " * 5) for n in range(100_000)]
    if form == "csv":
        path.write_text("namn;e-post;termin;text\n" + "\n".join(map(";".join, texts)), encoding="utf-8")
    else:
        rows = "".join(row_of(n, *row) for n, row in enumerate(texts, start=2))
        write_package(path, workbook_parts(row_of(1, "namn", "e-post", "termin", "text") + rows))
    done = subprocess.run([sys.executable, "-c", MEASURED, path], capture_output=True, text=True, check=True)
    read, total, kilobytes = map(int, done.stdout.split())
    assert (read, total) == (100_000, 100_000)
    assert kilobytes < 100 * 1024
