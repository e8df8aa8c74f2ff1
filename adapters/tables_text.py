"""Finds out how the letters of a text file are written down.

Swedish lists come as UTF-8, as Windows-1252 (Excel's plain CSV) and as UTF-16
(Excel's Unicode text). A file in anything else is refused with words rather than
read with the wrong letters: a name that is wrong in the register stays wrong.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from gzip import GzipFile
from io import BufferedReader, TextIOWrapper
from typing import TextIO, TypeAlias

from adapters.tables_model import TableUnreadable
from engine.vocabulary import Text

Source: TypeAlias = Callable[[], BufferedReader | GzipFile]
"""Opens the bytes of a file from the start; may be called several times."""

CHUNK = 1024 * 1024
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
HIGH = re.compile(rb"[\x80-\xff]")
LETTERS = re.compile(rb"[\xc0-\xff]")
UTF8_LETTERS = re.compile(rb"[\xc3-\xf4][\x80-\xbf]")
# Bytes Windows-1252 leaves undefined, and DOS and Mac letters that would read as
# punctuation or capitals in the middle of a word (å, ä, ö and é foremost).
UNDEFINED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
OTHER_LETTERS = re.compile(rb"[A-Za-z][\x84\x86\x94][A-Za-z]|[a-z][\x8a\x8c\x8e][a-z]")

SAVE_AS_UTF8 = Text("Spara om filen som ”CSV UTF-8” eller .xlsx.", 'Save the file as "CSV UTF-8" or .xlsx.')


@dataclass(frozen=True, slots=True)
class Undecodable:
    """The first byte that is not text in an encoding, and the line (from 1) it stands on."""

    byte: int
    line: int


def detect_encoding(source: Source) -> str:
    """Name the codec to read the file with; read it whole to be sure.

    Raises TableUnreadable for bytes that are no text and for encodings other than
    UTF-8, UTF-16, UTF-32 (with mark) and Windows-1252.
    """
    with source() as file:
        head = file.read(4096)
    marked = next((codec for mark, codec in MARKS if head.startswith(mark)), None)
    encoding = marked or _wide_without_mark(head)
    if encoding:
        if wrong := _first_undecodable(source, encoding):
            raise _damaged(encoding.removesuffix("-sig").upper(), wrong)
        return encoding
    _refuse_binary(source)
    wrong = _first_undecodable(source, "utf-8")
    if wrong is None:
        return "utf-8"
    _refuse_unless_windows(source, wrong)
    return "cp1252"


def open_text(source: Source, encoding: str) -> TextIO:
    """Open the text with its line breaks as they are, which the csv reader asks for."""
    return TextIOWrapper(source(), encoding=encoding, newline="")


def _wide_without_mark(head: bytes) -> str | None:
    """Recognise UTF-16 without its mark: in Latin text every other byte is null."""
    evens, odds = head[0::2], head[1::2]
    few, many = len(odds) * 0.05, len(odds) * 0.7
    if odds.count(0) >= max(many, 1) and evens.count(0) <= few:
        return "utf-16-le"
    if evens.count(0) >= max(many, 1) and odds.count(0) <= few:
        return "utf-16-be"
    return None


def _chunks(source: Source) -> Iterator[bytes]:
    with source() as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _first_undecodable(source: Source, encoding: str) -> Undecodable | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    position, lines, unread = 0, 1, 0
    for chunk in _chunks(source):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return _place(error, chunk, position=position, unread=unread, lines=lines)
        unread = len(decoder.getstate()[0])
        position += len(chunk)
        lines += chunk.count(b"\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return Undecodable(position - unread, lines)
    return None


def _place(error: UnicodeDecodeError, chunk: bytes, *, position: int, unread: int, lines: int) -> Undecodable:
    """Count the error's place, given in the decoder's own buffer, from the start of the file."""
    start = max(error.start - unread, 0)
    return Undecodable(position - unread + error.start, lines + chunk[:start].count(b"\n"))


def _refuse_binary(source: Source) -> None:
    if any(b"\0" in chunk for chunk in _chunks(source)):
        raise TableUnreadable(
            Text(
                f"Filen är inte text utan binära data. {SAVE_AS_UTF8.sv}",
                f"The file holds binary data, not text. {SAVE_AS_UTF8.en}",
            )
        )


def _refuse_unless_windows(source: Source, wrong: Undecodable) -> None:
    """Refuse what is neither UTF-8 nor Windows-1252, judged by the letters beyond ASCII."""
    counts = dict.fromkeys((HIGH, LETTERS, UTF8_LETTERS, UNDEFINED, OTHER_LETTERS), 0)
    for chunk in _chunks(source):
        for pattern in counts:
            counts[pattern] += len(pattern.findall(chunk))
    if counts[UTF8_LETTERS] * 4 > counts[HIGH]:
        raise _damaged("UTF-8", wrong)
    if counts[UNDEFINED] or counts[OTHER_LETTERS] > counts[LETTERS]:
        raise TableUnreadable(
            Text(
                f"Filens teckenkodning känns inte igen (varken UTF-8 eller Windows-1252): "
                f"rad {wrong.line}. {SAVE_AS_UTF8.sv}",
                f"The file's text encoding is not known (neither UTF-8 nor Windows-1252): "
                f"line {wrong.line}. {SAVE_AS_UTF8.en}",
            )
        )


def _damaged(encoding: str, wrong: Undecodable) -> TableUnreadable:
    return TableUnreadable(
        Text(
            f"Filen är {encoding} men skadad: rad {wrong.line}, byte {wrong.byte + 1} "
            f"är inte ett tecken. {SAVE_AS_UTF8.sv}",
            f"The file is {encoding} but damaged: line {wrong.line}, byte {wrong.byte + 1} "
            f"is not a character. {SAVE_AS_UTF8.en}",
        )
    )
