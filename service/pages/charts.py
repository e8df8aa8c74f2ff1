"""Small bars that stand beside the numbers of a table and show them at a glance.

A bar is a hundred units wide. The table says all that a bar shows, so bars are passed over
by whoever has the page read out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

WIDTH: Final = 100
"""Units from one end of a bar to the other."""

_DECIMALS: Final = 1


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a bar: where it begins, how wide it is, and the class its colour comes from."""

    x: float
    width: float
    kind: str


def stacked(values: Sequence[int], most: int, kinds: Sequence[str]) -> tuple[Stretch, ...]:
    """Values one after the other; `most` fills the bar. Empty ones leave nothing."""
    begins = [0, *accumulate(values)]
    pieces = zip(begins, values, kinds, strict=False)
    return tuple(_stretch(before, value, most, kind) for before, value, kind in pieces if value > 0)


def single(value: int, most: int, kind: str) -> tuple[Stretch, ...]:
    """One value; `most` fills the bar."""
    return stacked((value,), most, (kind,))


def reaching(value: int, further: int, most: int) -> tuple[Stretch, ...]:
    """A value, and how far something beyond it reaches; `most` fills the bar."""
    return stacked((value, max(further - value, 0)), most, ("near", "far"))


def apart(left: int, right: int, most: int) -> tuple[Stretch, ...]:
    """Two values from the middle outwards; `most` fills one half."""
    middle = WIDTH / 2
    halves = (_stretch(0, value, most, kind) for value, kind in ((left, "left"), (right, "right")))
    one, other = (Stretch(0, round(half.width / 2, _DECIMALS), half.kind) for half in halves)
    pieces = (Stretch(middle - one.width, one.width, one.kind), Stretch(middle, other.width, other.kind))
    return tuple(piece for piece in pieces if piece.width > 0)


def longest(values: Iterable[int]) -> int:
    """The value that fills a bar: the largest there is."""
    return max(values, default=0)


def _stretch(before: int, value: int, most: int, kind: str) -> Stretch:
    # What is more than the bar holds ends with the bar.
    scale = WIDTH / max(most, 1)
    begins = min(before * scale, WIDTH)
    width = min(value * scale, WIDTH - begins)
    return Stretch(round(begins, _DECIMALS), round(max(width, 0), _DECIMALS), kind)
