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
from typing import Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
GENESIS = "0" * 64
"""The previous hash of a case's first event."""

_MICROSECOND = timedelta(microseconds=1)
_encode = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
).encode


def _refuse_floats(value: Any) -> None:
    for item in value.values() if type(value) is dict else value:
        kind = type(item)
        if kind is float:
            raise TypeError("a float has no single written form; use an integer or a string")
        if kind is dict or kind is list or kind is tuple:
            _refuse_floats(item)


def canonical(value: Mapping[str, Any]) -> bytes:
    """Write a mapping as canonical JSON. Raises TypeError on a float or a foreign type."""
    _refuse_floats(value)
    return _encode(value).encode()


def micros(instant: datetime) -> int:
    """Count the microseconds from 1970-01-01 UTC to an aware instant."""
    return (instant - EPOCH) // _MICROSECOND


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
    digest = hashlib.sha256("\x1f".join(str(part) for part in parts).encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))
