"""Opens XLSX workbooks: the package, its limits, the sheet to read.

Read with the standard library, because of what the known readers do with a list
from outside (tried in November 2026). python-calamine 0.9.1 lays a sheet out as a
full rectangle: two cells in opposite corners, a file of 5 kB, end the process.
openpyxl 3.1.5 cannot tell a formula that was never worked out from an empty cell
without reading the sheet twice, leaves a memory of every row behind, and warns
through a switch that all threads share. The tests read the same workbooks with it and compare.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from xml.parsers import expat

from adapters.tables_cells import BUILT_IN_DATES, Book, is_date_format
from adapters.tables_model import (
    Broken,
    Cell,
    Row,
    Table,
    TableUnreadable,
    build_row,
    no_rows,
    too_wide,
    trimmed,
)
from adapters.tables_sheet import RawRow, count_rows, read_strings, sheet_rows
from adapters.tables_xml import each_element
from engine.vocabulary import Text

LARGEST_UNPACKED = 1024**3
"""Bytes of all parts unpacked. A list of 100,000 rows and 20 columns comes to about 0.1 of it."""
LARGEST_STRINGS = 64 * 1024**2
"""Bytes of the shared texts: the one part that is held in memory whole."""
HIGHEST_RATIO = 250
"""Unpacked to packed. Lists reach some 40; the method itself ends at about 1,030."""
RATIO_FROM = 20 * 1024**2
MOST_PARTS = 5000
# NotImplementedError is what zipfile raises for a way of packing it does not know.
DAMAGED = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, KeyError, NotImplementedError,
    OSError, ValueError, struct.error,
)  # fmt: skip
OTHER_PACKAGES = (
    ("word/", Text("ett Word-dokument", "a Word document")),
    ("ppt/", Text("en presentation", "a presentation")),
    ("xl/workbook.bin", Text("en binär arbetsbok (.xlsb)", "a binary workbook (.xlsb)")),
    ("content.xml", Text("ett OpenDocument (t.ex. .ods)", "an OpenDocument (such as .ods)")),
)


@dataclass(slots=True)
class _Workbook:
    """What the workbook's own part says: sheets as (name, relation), hidden ones left out."""

    sheets: list[tuple[str, str]] = field(default_factory=list)
    since_1904: bool = False


def open_xlsx(path: Path) -> Table:
    """Open the first sheet that is shown and holds something; raise TableUnreadable with words."""
    with _damaged_in_words(), zipfile.ZipFile(path) as package:
        _refuse_hostile(package)
        workbook_part = _workbook_part(package)
        workbook = _read_workbook(package, workbook_part)
        targets = _relations(package, workbook_part)
        book = _read_book(package, targets, since_1904=workbook.since_1904)
        for name, relation in workbook.sheets:
            if (part := targets.get(relation)) and (header := _first_row(package, part, book)):
                return _table(path, package, part=part, name=name, header=header, book=book)
    raise no_rows()


def _table(path: Path, package: zipfile.ZipFile, *, part: str, name: str, header: RawRow, book: Book) -> Table:
    if header.beyond:
        raise too_wide()
    written = dict(header.cells)
    headers = trimmed(_as_header(written.get(i)) for i in range(max(written, default=-1) + 1))
    with package.open(part) as file:
        total = count_rows(file, below=header.number)
    read = partial(_rows, path, part, book, headers, header.number)
    return Table(headers, header.number, total, name, read)


def _rows(path: Path, part: str, book: Book, headers: tuple[str, ...], header_row: int) -> Iterator[Row]:
    with _damaged_in_words(), zipfile.ZipFile(path) as package, package.open(part) as file:
        for raw in sheet_rows(file, book):
            if raw.number > header_row and raw.cells:
                yield build_row(number=raw.number, headers=headers, cells=raw.cells)


def _first_row(package: zipfile.ZipFile, part: str, book: Book) -> RawRow | None:
    with package.open(part) as file:
        return next(sheet_rows(file, book), None)


def _as_header(cell: Cell | Broken) -> str:
    return "" if cell is None or isinstance(cell, Broken) else str(cell)


def _refuse_hostile(package: zipfile.ZipFile) -> None:
    """Refuse, from the package's list of contents alone, what must not be unpacked.

    The list cannot lie to our harm: no more than the stated size is ever unpacked of a part.
    """
    parts = package.infolist()
    if any(part.flag_bits & 1 for part in parts):
        raise TableUnreadable(Text("Filen är skyddad med lösenord.", "The file is protected by a password."))
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if (
        len(parts) > MOST_PARTS
        or unpacked > LARGEST_UNPACKED
        or (unpacked > RATIO_FROM and unpacked > packed * HIGHEST_RATIO)
    ):
        raise _too_large(unpacked)
    if any(part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts):
        raise zipfile.BadZipFile("packed by a method spreadsheets do not use")


def _too_large(unpacked: int) -> TableUnreadable:
    size = unpacked // 1024**2
    return TableUnreadable(
        Text(
            f"Filen blir {size} MB uppackad, mer än någon lista behöver, och läses inte. "
            "Kopiera listan till en ny arbetsbok eller dela den.",
            f"The file unpacks to {size} MB, more than any list needs, and is not read. "
            "Copy the list to a new workbook or split it.",
        )
    )


def _workbook_part(package: zipfile.ZipFile) -> str:
    found: list[str] = []

    def hear(_parent: str, name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            found.append(attributes.get("Target", "").lstrip("/"))

    names = package.namelist()
    for start, kind in OTHER_PACKAGES:
        if any(name.startswith(start) for name in names):
            raise _not_a_workbook(kind)
    if "_rels/.rels" not in names:
        raise _not_a_workbook(Text("ett zip-arkiv", "a zip archive"))
    with package.open("_rels/.rels") as file:
        each_element(file, hear)
    return found[0] if found else "xl/workbook.xml"


def _not_a_workbook(kind: Text) -> TableUnreadable:
    return TableUnreadable(
        Text(
            f"Filen är {kind.sv}, inte en arbetsbok (.xlsx). Spara listan som .xlsx eller CSV UTF-8.",
            f"The file is {kind.en}, not a workbook (.xlsx). Save the list as .xlsx or CSV UTF-8.",
        )
    )


def _read_workbook(package: zipfile.ZipFile, part: str) -> _Workbook:
    workbook = _Workbook()

    def hear(_parent: str, name: str, attributes: dict[str, str]) -> None:
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            workbook.sheets.append((attributes.get("name", ""), attributes.get("id", "")))
        elif name == "workbookPr":
            workbook.since_1904 = attributes.get("date1904", "0") in {"1", "true"}

    with package.open(part) as file:
        each_element(file, hear)
    return workbook


def _relations(package: zipfile.ZipFile, part: str) -> dict[str, str]:
    """Map each relation's id to its part; sharedStrings and styles are found under their kind too."""
    folder, name = posixpath.split(part)
    targets: dict[str, str] = {}

    def hear(_parent: str, element: str, attributes: dict[str, str]) -> None:
        if element == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
            kind = attributes.get("Type", "").rpartition("/")[2]
            targets[attributes.get("Id", "")] = target.lstrip("/")
            targets.setdefault(f"kind:{kind}", target.lstrip("/"))

    with package.open(posixpath.join(folder, "_rels", f"{name}.rels")) as file:
        each_element(file, hear)
    return targets


def _read_book(package: zipfile.ZipFile, targets: dict[str, str], *, since_1904: bool) -> Book:
    strings: list[str] = []
    names = set(package.namelist())
    if (part := targets.get("kind:sharedStrings")) in names and part:
        if package.getinfo(part).file_size > LARGEST_STRINGS:
            raise _too_large(package.getinfo(part).file_size)
        with package.open(part) as file:
            strings = read_strings(file)
    dates: frozenset[int] = frozenset()
    if (part := targets.get("kind:styles")) in names and part:
        dates = _date_styles(package, part)
    return Book(strings, dates, since_1904)


def _date_styles(package: zipfile.ZipFile, part: str) -> frozenset[int]:
    """Number the cell styles whose number format shows a date."""
    formats = set(BUILT_IN_DATES)
    styles: set[int] = set()
    count = 0

    def hear(parent: str, name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        if name == "numFmt" and is_date_format(attributes.get("formatCode", "")):
            formats.add(int(attributes.get("numFmtId", -1)))
        elif name == "xf" and parent == "cellXfs":
            if int(attributes.get("numFmtId", 0)) in formats:
                styles.add(count)
            count += 1

    with package.open(part) as file:
        each_element(file, hear)
    return frozenset(styles)


@contextmanager
def _damaged_in_words() -> Iterator[None]:
    try:
        yield
    except DAMAGED as error:
        raise TableUnreadable(
            Text(
                "Arbetsboken är skadad eller bara delvis hämtad. Öppna den i kalkylprogrammet, "
                "spara den på nytt eller hämta den igen.",
                "The workbook is damaged or only partly fetched. Open it in a spreadsheet program, "
                "save it again, or fetch it once more.",
            )
        ) from error
