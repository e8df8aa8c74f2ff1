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


@pytest.mark.parametrize("text", [b'"\\ud800"', b'{"text":"a\\u0000b"}', b'{"\\u0000":1}', b'["\\udc00\\ud800"]'])
def test_a_text_that_is_none_is_refused_in_words(text: bytes) -> None:
    """A NUL, or half of a surrogate pair: no database keeps it."""
    assert parsed(b'"\\ud834\\udd1e"') == ("\N{MUSICAL SYMBOL G CLEF}", None)
    _, fault = parsed(text)
    assert fault is not None
    assert fault.message.en == "body: holds characters that are no text."


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b'{"n":[-Infinity]}'])
def test_a_number_that_is_none_is_refused_in_words(number: bytes) -> None:
    """Python reads them, and RFC 8259 knows none of them (section 6)."""
    _, fault = parsed(number)
    assert fault is not None
    assert fault.message.en == "body: must be JSON (RFC 8259)."
