"""Words in a picture: in which language, how wide, and broken into which lines."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from engine.vocabulary import Text

Language: TypeAlias = Literal["sv", "en"]

# Widths in ems of a common sans-serif, rounded up: a box may be a little wide, never narrow.
NARROW: Final = frozenset("iljtfrI.,:;'|!()[]-· ")
WIDE: Final = frozenset("mwMW@%→←–…")
NARROW_EMS: Final = 0.36
WIDE_EMS: Final = 0.95
CAPITAL_EMS: Final = 0.74
OTHER_EMS: Final = 0.6


def said(text: Text, language: Language) -> str:
    """Give a text in one language."""
    return text.sv if language == "sv" else text.en


def width_of(text: str, size: float) -> float:
    """Estimate how wide a text is at a font size, in the same unit."""
    return sum(_ems(character) for character in text) * size


def wrapped(text: str, size: float, widest: float) -> tuple[str, ...]:
    """Break a text between words so that no line is wider than asked, single words excepted."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size) <= widest:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines)


def _ems(character: str) -> float:
    """Estimate the width of one character in ems."""
    if character in NARROW:
        return NARROW_EMS
    if character in WIDE:
        return WIDE_EMS
    return CAPITAL_EMS if character.isupper() else OTHER_EMS
