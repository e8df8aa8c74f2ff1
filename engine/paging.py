"""Pages of long lists: a cursor names the last row shown, so that no row is shown twice or left out.

A cursor is opaque to whoever holds it: URL-safe base64 over a small JSON list. It holds
sort keys and ids, never names.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.errors import BadFields
from engine.vocabulary import Reason, Text

Item = TypeVar("Item")
Value = int | str

LONGEST = 500
LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, the cursor of the next page (None: this was the last), and how many there are in all, if counted.

    With `more` there are more than `total`: they are counted only as far as it costs little.
    """

    items: tuple[Item, ...]
    next_cursor: str | None
    total: int | None = None
    more: bool = False


def seal(*values: Value) -> str:
    """Write a cursor."""
    raw = json.dumps(values, separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unseal(cursor: str, *kinds: type[Value]) -> tuple[Value, ...]:
    """Read a cursor whose values are of these kinds. Raises BadFields for anything else."""
    values = _read(cursor)
    if len(values) != len(kinds) or not all(map(_fits, values, kinds)):
        raise bad_cursor()
    return tuple(values)


def _read(cursor: str) -> list[Value]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise bad_cursor() from None
    if len(cursor) > LONGEST or not isinstance(values, list):
        raise bad_cursor()
    return values


def _fits(value: object, kind: type) -> bool:
    if kind is int:
        return type(value) is int and abs(value) <= LARGEST
    return isinstance(value, str) and "\0" not in value and value == value.encode(errors="ignore").decode()


def bad_cursor() -> BadFields:
    """Say that a cursor is none of ours."""
    text = Text(
        "cursor: ska vara det next_cursor du fick med förra sidan.",
        "cursor: must be the next_cursor that came with the page before.",
    )
    return BadFields(text, (Reason("field:cursor", text),))
