"""A random sample that anybody can draw again: by a seed, from a written list of cases.

Each case of the population is given SHA-256 over the seed in UTF-8 followed by the case's
id (36 characters of ASCII). In the order of these values the first N are the sample. So a
sample of N is the beginning of that of N+1, and no order of the list plays a part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

MOST = 500
"""No sample is larger: a folder a case is made of it."""


@dataclass(frozen=True, slots=True)
class Member:
    """A case that can be drawn."""

    id: str
    number: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A case that was drawn, with the value that put it in its place (64 hexadecimal characters)."""

    id: str
    number: str
    value: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn, in order, by which seed, from how many.

    `population` is SHA-256 over the sorted ids of all that could be drawn, a line each.
    """

    seed: str
    drawn: tuple[Drawn, ...]
    size: int
    population: str


def value_of(seed: str, case: str) -> str:
    """The place of a case in the draw."""
    return hashlib.sha256(seed.encode() + case.encode()).hexdigest()


def draw(members: Iterable[Member], seed: str, number: int) -> Sample:
    """Draw so many; all, where there are fewer."""
    listed = list(members)
    ordered = sorted((Drawn(each.id, each.number, value_of(seed, each.id)) for each in listed), key=_place)
    lines = "".join(f"{case}\n" for case in sorted(each.id for each in listed))
    return Sample(seed, tuple(ordered[:number]), len(listed), hashlib.sha256(lines.encode()).hexdigest())


def _place(drawn: Drawn) -> tuple[str, str]:
    return drawn.value, drawn.id
