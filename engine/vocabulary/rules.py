"""Rules on every path, in the words of process mining (DECLARE).

Source: M. Pesic, H. Schonenberg, W. van der Aalst, "DECLARE: Full Support for
Loosely-Structured Processes", EDOC 2007. A rule speaks of triggers; `holds_no_place`
speaks of final states. They are proved over every path from start to an end when the
file loads, guards taken as free.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from engine.vocabulary.templates import Occurs, Relates


@dataclass(frozen=True, slots=True)
class Precedes:
    """`then` happens only after one of `first` has happened."""

    first: tuple[str, ...]
    then: str


@dataclass(frozen=True, slots=True)
class AnsweredBy:
    """After every `first`, sooner or later one of `then` happens before the end."""

    first: str
    then: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeverAfter:
    """Once `first` has happened, `then` never does."""

    first: str
    then: str


@dataclass(frozen=True, slots=True)
class AtMostOnce:
    """`trigger` happens at most once."""

    trigger: str


@dataclass(frozen=True, slots=True)
class ExactlyOnce:
    """`trigger` happens once on every path to an end."""

    trigger: str


@dataclass(frozen=True, slots=True)
class NotTogether:
    """No path holds both."""

    one: str
    other: str


@dataclass(frozen=True, slots=True)
class HoldsNoPlace:
    """No case that ends in one of `states` holds a place."""

    states: tuple[str, ...]


Rule: TypeAlias = (
    Precedes | AnsweredBy | NeverAfter | AtMostOnce | ExactlyOnce | NotTogether | HoldsNoPlace | Occurs | Relates
)
"""The last two are the standard templates (`engine.vocabulary.templates`)."""


def precedes(first: str | tuple[str, ...], then: str) -> Precedes:
    """Hold that `then` happens only after (one of) `first`."""
    return Precedes((first,) if isinstance(first, str) else first, then)


def answered_by(first: str, *then: str) -> AnsweredBy:
    """Hold that every `first` is followed by one of `then` before the end."""
    return AnsweredBy(first, then)


def never_after(first: str, then: str) -> NeverAfter:
    """Hold that `then` never happens once `first` has."""
    return NeverAfter(first, then)


def at_most_once(trigger: str) -> AtMostOnce:
    """Hold that a trigger happens at most once."""
    return AtMostOnce(trigger)


def exactly_once(trigger: str) -> ExactlyOnce:
    """Hold that a trigger happens exactly once on every path to an end."""
    return ExactlyOnce(trigger)


def not_together(one: str, other: str) -> NotTogether:
    """Hold that no path contains both triggers."""
    return NotTogether(one, other)


def holds_no_place(*states: str) -> HoldsNoPlace:
    """Hold that no case that ends in one of these states holds a place."""
    return HoldsNoPlace(states)
