"""What a client sent is judged before anything looks inside, and not only by what happens to trip over it."""

from __future__ import annotations

import pytest

from service.sent import DEEPEST, parsed


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


def test_what_is_nested_without_end_is_refused_in_words() -> None:
    assert parsed(nested(DEEPEST))[1] is None
    for depth in (DEEPEST + 2, 100_000):
        _, fault = parsed(nested(depth))
        assert fault is not None
        assert fault.message.en == "body: is nested too deeply."


@pytest.mark.parametrize("number", [b"9007199254740993", b"-9007199254740993", b"1e300"])
def test_a_number_that_is_another_in_other_programs_is_refused(number: bytes) -> None:
    """Beyond 2 to the 53rd (RFC 8259 section 6)."""
    assert parsed(b'{"n":9007199254740992}')[1] is None
    _, fault = parsed(b'{"n":' + number + b"}")
    assert fault is not None
    assert fault.message.en == "body: holds a number that is too large."
