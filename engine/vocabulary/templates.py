"""The standard templates of DECLARE, for rules on every path and on any history.

Sources: M. Pesic, H. Schonenberg, W. van der Aalst, "DECLARE: Full Support for
Loosely-Structured Processes", EDOC 2007; C. Di Ciccio, M. Montali, "Declarative Process
Specifications: Reasoning, Discovery, Monitoring", Process Mining Handbook, 2022, section 2
(the meaning of each in LTLf, which stands beside it below: `a` is `first`, `b` is `then`).
What each means for a machine stands once, in `engine.declare.automata`.

Where several names are given, any of them counts (branching). A time limit (`within`) is
counted as a deadline is: the starting day never counts. A graph tells no days, so a rule
with one is not proved when the file loads, only checked on histories.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from engine.vocabulary.deadlines import Unit


class Template(StrEnum):
    """The templates, each with what it means in LTLf, read over the events of one case."""

    EXISTENCE = "existence"  # ◇(a ∧ ○◇(a ∧ …)), n times
    ABSENCE = "absence"  # ¬existence(n, a)
    EXACTLY = "exactly"  # existence(n, a) ∧ absence(n + 1, a)
    INIT = "init"  # a
    END = "end"  # ◇(a ∧ ¬○⊤)
    RESPONSE = "response"  # □(a → ◇b)
    PRECEDENCE = "precedence"  # ¬b W a
    SUCCESSION = "succession"  # response ∧ precedence
    ALTERNATE_RESPONSE = "alternate_response"  # □(a → ○(¬a U b))
    ALTERNATE_PRECEDENCE = "alternate_precedence"  # (¬b W a) ∧ □(b → ●(¬b W a)), ● the weak ○
    ALTERNATE_SUCCESSION = "alternate_succession"  # both
    CHAIN_RESPONSE = "chain_response"  # □(a → ○b)
    CHAIN_PRECEDENCE = "chain_precedence"  # ¬b ∧ □(○b → a)
    CHAIN_SUCCESSION = "chain_succession"  # both
    RESPONDED_EXISTENCE = "responded_existence"  # ◇a → ◇b
    CO_EXISTENCE = "co_existence"  # ◇a ↔ ◇b
    NOT_SUCCESSION = "not_succession"  # □(a → ¬◇b)
    NOT_CHAIN_SUCCESSION = "not_chain_succession"  # □(a → ¬○b)
    NOT_CO_EXISTENCE = "not_co_existence"  # ¬(◇a ∧ ◇b)


OF_ONE: Final = frozenset(
    {Template.EXISTENCE, Template.ABSENCE, Template.EXACTLY, Template.INIT, Template.END}
)
"""Templates about one activity; `COUNTED` are those of them that count it."""

COUNTED: Final = OF_ONE - {Template.INIT, Template.END}

TIMED: Final = frozenset(
    {
        Template.RESPONSE, Template.PRECEDENCE, Template.SUCCESSION,
        Template.ALTERNATE_RESPONSE, Template.ALTERNATE_PRECEDENCE, Template.ALTERNATE_SUCCESSION,
        Template.CHAIN_RESPONSE, Template.CHAIN_PRECEDENCE, Template.CHAIN_SUCCESSION,
    }
)  # fmt: skip
"""Templates that may have a time limit: those in which one event answers or needs another."""

MOST_TIMES: Final = 1000
"""How often a rule may count; no case does anything more often, and an automaton has a state for each."""


@dataclass(frozen=True, slots=True)
class Within:
    """So many local days, working days or all: the last on which something is in time.

    The day it is counted from never counts.
    """

    count: int
    unit: Unit = Unit.WORKING_DAYS

    def __post_init__(self) -> None:
        if self.unit not in {Unit.WORKING_DAYS, Unit.DAYS}:
            raise ValueError(f"a rule's time limit is in working_days or days, not in {self.unit}")
        if self.count < 0:
            raise ValueError(f"a time limit of {self.count} days cannot be kept")


@dataclass(frozen=True, slots=True)
class Occurs:
    """How often, or where in a case, one of `names` happens. `count` is read where the template counts."""

    template: Template
    names: tuple[str, ...]
    count: int = 1

    def __post_init__(self) -> None:
        if self.template not in OF_ONE:
            raise ValueError(f"{self.template} is about two activities")
        if not 1 <= self.count <= MOST_TIMES:
            raise ValueError(f"{self.template} counts from 1 to {MOST_TIMES}, not {self.count}")


@dataclass(frozen=True, slots=True)
class Relates:
    """What one of `first` means for one of `then`. No name stands on both sides."""

    template: Template
    first: tuple[str, ...]
    then: tuple[str, ...]
    within: Within | None = None

    def __post_init__(self) -> None:
        if self.template in OF_ONE:
            raise ValueError(f"{self.template} is about one activity")
        for name in self.first:
            if name in self.then:
                raise ValueError(f"{self.template} names {name} on both sides")
        if self.within is not None and self.template not in TIMED:
            raise ValueError(f"{self.template} knows no time limit")


Names: TypeAlias = str | tuple[str, ...]
Limit: TypeAlias = Within | int | None
"""A bare number is in working days."""


def existence(names: Names, count: int = 1) -> Occurs:
    """Hold that it happens at least `count` times."""
    return Occurs(Template.EXISTENCE, _several(names), count)


def absence(names: Names, count: int = 1) -> Occurs:
    """Hold that it happens fewer than `count` times; with 1: never."""
    return Occurs(Template.ABSENCE, _several(names), count)


def exactly(names: Names, count: int = 1) -> Occurs:
    """Hold that it happens `count` times, no more and no less."""
    return Occurs(Template.EXACTLY, _several(names), count)


def init(names: Names) -> Occurs:
    """Hold that a case begins with it."""
    return Occurs(Template.INIT, _several(names))


def end(names: Names) -> Occurs:
    """Hold that a case ends with it."""
    return Occurs(Template.END, _several(names))


def response(first: Names, then: Names, *, within: Limit = None) -> Relates:
    """Hold that every `first` is followed by a `then`, sooner or later."""
    return _relates(Template.RESPONSE, first, then, within)


def precedence(first: Names, then: Names, *, within: Limit = None) -> Relates:
    """Hold that a `then` happens only after a `first`."""
    return _relates(Template.PRECEDENCE, first, then, within)


def succession(first: Names, then: Names, *, within: Limit = None) -> Relates:
    """Hold both response and precedence."""
    return _relates(Template.SUCCESSION, first, then, within)


def alternate_response(first: Names, then: Names, *, within: Limit = None) -> Relates:
    """Hold that every `first` is followed by a `then` before the next `first`."""
    return _relates(Template.ALTERNATE_RESPONSE, first, then, within)


def alternate_precedence(first: Names, then: Names, *, within: Limit = None) -> Relates:
    """Hold that every `then` has a `first` of its own before it, since the last `then`."""
    return _relates(Template.ALTERNATE_PRECEDENCE, first, then, within)


def alternate_succession(first: Names, then: Names, *, within: Limit = None) -> Relates:
    """Hold both alternate forms: they take turns, `first` first."""
    return _relates(Template.ALTERNATE_SUCCESSION, first, then, within)


def chain_response(first: Names, then: Names, *, within: Limit = None) -> Relates:
    """Hold that the very next thing after every `first` is a `then`."""
    return _relates(Template.CHAIN_RESPONSE, first, then, within)


def chain_precedence(first: Names, then: Names, *, within: Limit = None) -> Relates:
    """Hold that the last thing before every `then` is a `first`."""
    return _relates(Template.CHAIN_PRECEDENCE, first, then, within)


def chain_succession(first: Names, then: Names, *, within: Limit = None) -> Relates:
    """Hold both chain forms: neither happens but directly beside the other."""
    return _relates(Template.CHAIN_SUCCESSION, first, then, within)


def responded_existence(first: Names, then: Names) -> Relates:
    """Hold that a case with a `first` has a `then` too, before or after it."""
    return _relates(Template.RESPONDED_EXISTENCE, first, then)


def co_existence(first: Names, then: Names) -> Relates:
    """Hold that a case has both or neither."""
    return _relates(Template.CO_EXISTENCE, first, then)


def not_succession(first: Names, then: Names) -> Relates:
    """Hold that no `then` comes after a `first`."""
    return _relates(Template.NOT_SUCCESSION, first, then)


def not_chain_succession(first: Names, then: Names) -> Relates:
    """Hold that no `then` comes directly after a `first`."""
    return _relates(Template.NOT_CHAIN_SUCCESSION, first, then)


def not_co_existence(first: Names, then: Names) -> Relates:
    """Hold that no case has both."""
    return _relates(Template.NOT_CO_EXISTENCE, first, then)


def _relates(template: Template, first: Names, then: Names, within: Limit = None) -> Relates:
    limit = Within(within) if isinstance(within, int) else within
    return Relates(template, _several(first), _several(then), limit)


def _several(names: Names) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names
