"""Opens the lists offices keep: CSV from any decade, and XLSX, told apart by what is in them.

The name of a file is not trusted, since a list called .xls is as often a web page.
`open_table` goes through the whole file once before it answers: what opens can be
read to the end, so that an import need not stop half done.
"""

from __future__ import annotations

import mmap
from pathlib import Path

from adapters.tables_csv import open_csv
from adapters.tables_model import Broken, Cell, Fault, Row, Table, TableUnreadable, build_row, shown
from adapters.tables_xlsx import open_xlsx
from engine.vocabulary import Text

__all__ = [
    "Broken", "Cell", "Fault", "LARGEST_FILE", "Row", "Table", "TableUnreadable",
    "build_row", "open_table", "shown",
]  # fmt: skip

LARGEST_FILE = 100 * 1024 * 1024
"""Bytes of the largest file that is taken in: about a million rows of a list."""

SAVE_AS = Text(
    "Öppna den i kalkylprogrammet och spara den som .xlsx eller som CSV UTF-8.",
    "Open it in a spreadsheet program and save it as .xlsx or as CSV UTF-8.",
)

# What a file begins with when it is certainly not a table, and what it is called.
OTHER_FILES: tuple[tuple[bytes, Text], ...] = (
    (b"%PDF-", Text("en PDF", "a PDF")),
    (b"\x89PNG", Text("en bild (PNG)", "a picture (PNG)")),
    (b"\xff\xd8\xff", Text("en bild (JPEG)", "a picture (JPEG)")),
    (b"GIF8", Text("en bild (GIF)", "a picture (GIF)")),
    (b"{\\rtf", Text("ett textdokument (RTF)", "a text document (RTF)")),
    (b"SQLite format 3", Text("en databas (SQLite)", "a database (SQLite)")),
    (b"Rar!", Text("ett arkiv (RAR)", "an archive (RAR)")),
    (b"7z\xbc\xaf", Text("ett arkiv (7-Zip)", "an archive (7-Zip)")),
    (b"\x7fELF", Text("ett program", "a program")),
    (b"MZ", Text("ett program", "a program")),
    (b"<", Text("en webbsida eller XML", "a web page or XML")),
)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")


def open_table(path: Path) -> Table:
    """Open a table file; raise TableUnreadable, with what to do about it, where it cannot be read."""
    head = _first_bytes(path)
    if head.startswith(b"PK"):
        return open_xlsx(path)
    if head.startswith(OLE):
        raise _old_or_encrypted(path)
    plain = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for mark, kind in OTHER_FILES:
        # "MZ" may also be the first letters of a list; a program has a null byte soon after.
        if plain.startswith(mark) and (mark != b"MZ" or b"\0" in plain):
            raise _other(kind)
    return open_csv(path, gzipped=head.startswith(b"\x1f\x8b"), largest=LARGEST_FILE)


def _first_bytes(path: Path) -> bytes:
    try:
        if path.exists() and not path.is_file():
            raise _not_a_file(path)
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise _too_large(size)
        with path.open("rb") as file:
            head = file.read(512)
    except FileNotFoundError as error:
        raise TableUnreadable(Text(f"Filen {path.name} finns inte.", f"There is no file {path.name}.")) from error
    except OSError as error:
        raise TableUnreadable(
            Text(
                f"Filen {path.name} kan inte öppnas: {error.strerror}.",
                f"The file {path.name} cannot be opened: {error.strerror}.",
            )
        ) from error
    if not head:
        raise TableUnreadable(
            Text(
                "Filen är tom (0 byte). Spara om den och försök igen.",
                "The file is empty (0 bytes). Save it again and try once more.",
            )
        )
    return head


def _not_a_file(path: Path) -> TableUnreadable:
    return TableUnreadable(
        Text(
            f"{path.name} är en mapp eller något annat än en fil. Ange listans fil.",
            f"{path.name} is a folder or something else than a file. Name the file of the list.",
        )
    )


def _too_large(size: int) -> TableUnreadable:
    largest = LARGEST_FILE // 1024**2
    found = size / 1024**2
    return TableUnreadable(
        Text(
            f"Filen är {found:.1f} MB; högst {largest} MB tas emot. Dela den i flera filer.",
            f"The file is {found:.1f} MB; at most {largest} MB are taken. Split it into several files.",
        )
    )


def _other(kind: Text) -> TableUnreadable:
    return TableUnreadable(
        Text(
            f"Filen är {kind.sv}, inte en tabell. {SAVE_AS.sv}",
            f"The file is {kind.en}, not a table. {SAVE_AS.en}",
        )
    )


def _old_or_encrypted(path: Path) -> TableUnreadable:
    """Tell a spreadsheet with a password from one in Excel's format of 1997 to 2003.

    Both lie in the same kind of container; only the protected one names this stream.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        encrypted = content.find(ENCRYPTED_PACKAGE) >= 0
    if encrypted:
        return TableUnreadable(
            Text(
                "Filen är skyddad med lösenord. Ta bort lösenordet i Excel och spara den på nytt.",
                "The file is protected by a password. Remove the password in Excel and save it again.",
            )
        )
    return _other(Text("i ett äldre Office-format (t.ex. .xls)", "in an older Office format (such as .xls)"))
