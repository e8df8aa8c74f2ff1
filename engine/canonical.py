"""One way to write a value as bytes, and the hashes over them.

Canonical JSON after RFC 8785: sorted keys, no white space, UTF-8. Numbers are
integers only (instants as UTC microseconds, decimals as strings), so that no two
programs can disagree about a digit.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GENESIS = "0" * 64
"""The previous hash of a case's first event."""

_MICROSECOND = timedelta(microseconds=1)
_SORTED: Final = orjson.OPT_SORT_KEYS
_PLAIN: Final = frozenset({str, int, bool, type(None)})
_spelled_out = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


def _refuse_foreign(value: Any) -> None:
    for item in value.values() if isinstance(value, dict) else value:
        kind = type(item)
        if kind in _PLAIN:
            continue
        if kind is dict or kind is list or kind is tuple:
            _refuse_foreign(item)
        elif not isinstance(item, str | int):
            raise TypeError(f"{kind.__name__} has no single written form; use an integer or a string")


def canonical(value: Mapping[str, Any]) -> bytes:
    """Write a mapping as canonical JSON. Raises TypeError on a float or a foreign type."""
    _refuse_foreign(value)
    try:
        return orjson.dumps(value, option=_SORTED)
    except TypeError:
        # It knows integers of 64 bits only, and keys that are texts; what it writes, it writes alike.
        return _spelled_out(value).encode()


def size_of(value: Any) -> int:
    """Count the bytes of a JSON value, written without white space in UTF-8: some microseconds for a case's facts."""
    try:
        return len(orjson.dumps(value))
    except TypeError:  # as in `canonical`
        return len(_spelled_out(value).encode())


def micros(instant: datetime) -> int:
    """Count the microseconds from 1970-01-01 UTC to an aware instant."""
    return span(instant - EPOCH)


def span(length: timedelta) -> int:
    """Count the microseconds of a length of time; less than one is left out."""
    return length // _MICROSECOND


def instant(at: int) -> datetime:
    """Read microseconds since 1970-01-01 UTC as an aware instant."""
    return EPOCH + timedelta(microseconds=at)


def chain(body: bytes, previous: str) -> str:
    """Link an event to the one before: SHA-256(0x00 ‖ body ‖ previous hash), in hex (DESIGN 7)."""
    return hashlib.sha256(b"\x00" + body + bytes.fromhex(previous)).hexdigest()


def commitment(nonce: bytes, detail: bytes) -> str:
    """Bind an event to a detail that can be erased: SHA-256(nonce ‖ detail), in hex."""
    return hashlib.sha256(nonce + detail).hexdigest()


def named_key(*parts: str | int) -> str:
    """Derive a key of 36 characters (in the shape of a UUID) that is the same for the same parts."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
