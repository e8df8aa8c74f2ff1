"""Odd values and odd bytes: what breaks parsers, and a mutator that works them into something valid."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from collections.abc import Sequence
from typing import Any, Final

TEXTS: Final = (
    "", " ", "0", "-1", "9" * 30, "9" * 5000, "1e309", "-0", "NaN", "Infinity", "null", "true", "\x00", "å" * 300,
    "\u202etxet\u202c", "\u2028", "\ufeff", "\ufffe", "😀" * 50, "e\u0301" * 100, "٣", "İ", "ß", "../../etc/passwd",
    "%00", "%", "%zz", "<script>alert(1)</script>", "'; DROP TABLE case_record; --", "' OR '1'='1", "{{7*7}}",
    "${7*7}", "=1+1", "@SUM(A1)", "[]", "{}", '"', "\\", "0001-01-01", "9999-12-31", "2027-02-30", "2027-W01-1",
    "20270111", "2027-01-11T09:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "x" * 5000,
    "\r\nSet-Cookie: a=b", "a\tb", "me", "none", "*", '"1"', 'W/"1"', "01900000-0000-7000-8000-000000000000",
    "00000000-0000-0000-0000-000000000000", "umu.se", "lu.se", "STAT", "//evil.example", "/\\evil",
)  # fmt: skip
"""What somebody might write where something else was meant."""

VALUES: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 2**31, 2**53, 2**63, 2**64, -(2**63) - 1, 10**400, 1.5, -0.0, 1e308, [], {}, [[]], [None],
    {"": ""}, [{}] * 50, {"a": {"b": {"c": [1, [2, [3]]]}}}, ["x"] * 200, "\ud800",
)  # fmt: skip
"""What JSON may hold where something else was meant."""

PIECES: Final = (
    b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\r\n", b"\n\n", b'"', b"'",
    b";", b",", b"\t", b"&", b"=", b"%00", b"%ff", b"<", b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&lt;", b"&#0;", b"]]>",
    b"{", b"}", b"[", b"]", b"[" * 3000, b'{"a":' * 3000, b"(" * 3000, b"<a>" * 3000, b"9" * 400, b"9" * 6000, b"-",
    b"-1", b"1e999", b"NaN", b"null", b"true", b"\\u0000", b"\\ud800", b"0001-01-01", b"9999-12-31",
    b"9999-12-31T23:59:59-23:59",
    b"0001-01-01T00:00:00+14:00", b"=1+1", "å".encode(), "\u202e".encode(), b"A" * 70_000, b"\x1f\x8b",
    b"PK\x03\x04",
)  # fmt: skip
_NUMBERS: Final = re.compile(rb"[0-9]{1,20}")


def mutated(chance: random.Random, example: bytes, others: Sequence[bytes]) -> bytes:
    """An example with one to six things done to it: bits, pieces, splices with others, repeats, other numbers."""
    made = bytearray(example)
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        _change(chance, made, others)
    return bytes(made[:2_000_000])


def _change(chance: random.Random, made: bytearray, others: Sequence[bytes]) -> None:
    begin = chance.randint(0, len(made))
    end = min(len(made), begin + chance.choice((1, 1, 2, 8, 64, 1024)))
    match chance.randrange(9):
        case 0 if made:
            made[min(begin, len(made) - 1)] ^= 1 << chance.randrange(8)
        case 1 if made:
            made[min(begin, len(made) - 1)] = chance.randrange(256)
        case 2:
            made[begin:end] = b""
        case 3:
            made[begin:begin] = chance.choice(PIECES)
        case 4:
            made[begin:end] = chance.choice(PIECES)
        case 5:
            made[begin:begin] = made[begin:end] * chance.choice((1, 2, 50, 500))
        case 6:
            other = chance.choice(others)
            cut = chance.randint(0, len(other))
            made[begin:] = other[cut:]
        case 7:
            del made[begin:]
        case _:
            _another_number(chance, made)


def _another_number(chance: random.Random, made: bytearray) -> None:
    found = list(_NUMBERS.finditer(made))
    if found:
        place = chance.choice(found)
        number = chance.choice((b"0", b"-1", b"1", b"2147483648", b"9223372036854775808", b"9" * 40, b"1e9", b"00"))
        made[place.start() : place.end()] = number


def rejsoned(chance: random.Random, example: bytes, others: Sequence[bytes]) -> bytes:
    """A line of the example, as JSON, with odd values in one to three of its places; else as `mutated`."""
    lines = example.split(b"\n")
    place = chance.randrange(len(lines))
    try:
        told = json.loads(lines[place])
    except ValueError:
        return mutated(chance, example, others)
    for _ in range(chance.choice((1, 1, 2, 3))):
        told = _replaced(chance, told)
    # Numbers beyond every machine's are written as they are, not as JSON would have them refused.
    lines[place] = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _replaced(chance: random.Random, value: Any) -> Any:
    """The value with one place in it changed, dropped or doubled."""
    if not isinstance(value, dict | list) or not value or chance.random() < 0.15:
        return chance.choice((*VALUES, chance.choice(TEXTS)))
    key = chance.choice(list(value)) if isinstance(value, dict) else chance.randrange(len(value))
    if chance.random() < 0.1:
        made = value.copy()
        del made[key]
        return made
    if isinstance(value, dict):
        return {**value, key: _replaced(chance, value[key])}
    return [*value[:key], _replaced(chance, value[key]), *value[key:]] if chance.random() < 0.3 else [
        _replaced(chance, each) if place == key else each for place, each in enumerate(value)
    ]  # fmt: skip


def repacked(chance: random.Random, example: bytes, others: Sequence[bytes]) -> bytes:
    """A package with one of its parts mutated, so that what is inside is reached; now and then the package itself."""
    if chance.random() < 0.25:
        return mutated(chance, example, others)
    try:
        with zipfile.ZipFile(io.BytesIO(example)) as package:
            parts = {name: package.read(name) for name in package.namelist()}
    except zipfile.BadZipFile:
        return mutated(chance, example, others)
    name = chance.choice(sorted(parts))
    parts[name] = mutated(chance, parts[name], sorted(parts.values()))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for each, content in parts.items():
            package.writestr(each, content)
    return made.getvalue()
