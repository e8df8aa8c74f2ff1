"""Checks rules on histories: whose, and written by whom, does not matter.

A rule's automaton reads the activities of a case; where it breaks, where a case ends as it
must not, and where a time limit passed, the events concerned are kept. So one reading gives
every place at which the case left the rule, not only the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from engine.calendar import Calendar
from engine.declare.automata import FIRST, OTHER, THEN, Automaton, automaton_of, template_of
from engine.eventlog import LogEvent, Trace
from engine.vocabulary import HoldsNoPlace, Relates, Rule, Template, Within


class Outcome(StrEnum):
    """How a case stands to a rule."""

    KEPT = "kept"
    VACUOUS = "vacuous"
    """Kept, because what the rule is about never happened."""
    OPEN = "open"
    """Something is still owed, and the case is under way."""
    BROKEN = "broken"
    UNTOLD = "untold"
    """The log does not tell what the rule asks: instants, or who holds places."""


class How(StrEnum):
    """In which way a rule is broken."""

    AT_EVENT = "at_event"
    AT_END = "at_end"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Fault:
    """A place at which a case left a rule.

    `events` are those concerned, oldest first: the last is the one at fault where the rule is broken at an
    event, those that wait for an answer where it is broken at the end. `letter` tells which side of the rule
    the event at fault is on (see `engine.declare.automata`); `last_on` is the last local day in time.
    """

    how: How
    events: tuple[LogEvent, ...]
    letter: int = OTHER
    last_on: date | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """One rule on one case."""

    rule: Rule
    outcome: Outcome
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Checker:
    """A rule made ready to be checked on many cases.

    Days of time limits are those of `calendar`. `today` is the local day up to which an open case has been
    watched: what is owed by an earlier day is late. Without it nothing is late before it happened.
    """

    rule: Rule
    calendar: Calendar = field(default_factory=Calendar)
    today: date | None = None
    automaton: Automaton = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "automaton", automaton_of(self.rule))

    def judge(self, trace: Trace, *, over: bool = True) -> Judged:
        """Check one case. `over` says whether it has come to its end; else what is owed may still come."""
        if isinstance(self.rule, HoldsNoPlace):
            return Judged(self.rule, Outcome.UNTOLD)
        reading = _Reading(self, _within(self.rule))
        for event in trace.events:
            reading.read(event)
        return reading.judged(trace, over=over)


def check(checkers: Sequence[Checker], trace: Trace, *, over: bool = True) -> Iterator[Judged]:
    """Check all rules on one case."""
    return (checker.judge(trace, over=over) for checker in checkers)


ANSWERING: Final = frozenset({
    Template.RESPONSE, Template.SUCCESSION, Template.ALTERNATE_RESPONSE, Template.ALTERNATE_SUCCESSION,
    Template.CHAIN_RESPONSE, Template.CHAIN_SUCCESSION,
})  # fmt: skip
"""Templates in which the first side waits for the other; a time limit runs from the one that waits longest."""

NEEDING: Final = frozenset({
    Template.PRECEDENCE, Template.SUCCESSION, Template.ALTERNATE_PRECEDENCE, Template.ALTERNATE_SUCCESSION,
    Template.CHAIN_PRECEDENCE, Template.CHAIN_SUCCESSION,
})  # fmt: skip
"""Templates in which the other side needs the first before it; a time limit runs from the latest of those."""


def _within(rule: Rule) -> Within | None:
    return rule.within if isinstance(rule, Relates) else None


class _Reading:
    """What is remembered of a case while it is read."""

    def __init__(self, checker: Checker, within: Within | None) -> None:
        self._checker, self._within = checker, within
        self._meaning = checker.automaton.meaning
        self._letters = checker.automaton.letters
        self._template = template_of(checker.rule)
        self._state = 0
        self._entered_by: LogEvent | None = None
        self._waiting: list[LogEvent] = []
        """What has come since the case could last have ended well."""
        self._last_first: LogEvent | None = None
        self._activated = not self._meaning.activated_by
        self._undated = False
        self._faults: list[Fault] = []

    def read(self, event: LogEvent) -> None:
        letter = self._letters.get(event.name, OTHER)
        self._activated = self._activated or bool(letter & self._meaning.activated_by)
        to = self._meaning.table[self._state][letter]
        broken = to < 0
        if self._within is not None and letter:
            self._undated = self._undated or event.at is None
            if letter == THEN:
                self._time(event, self._within, broken=broken)
        if broken:
            to = ~to
            before = (self._entered_by,) if self._state and self._entered_by else ()
            self._faults.append(Fault(How.AT_EVENT, (*before, event), letter))
        self._remember(event, letter, to, broken=broken)

    def _remember(self, event: LogEvent, letter: int, to: int, *, broken: bool) -> None:
        ends_well = to in self._meaning.accepting
        if ends_well or broken:
            self._waiting.clear()
        if letter and not ends_well:
            self._waiting.append(event)
        # What was forbidden and came all the same does not become what forbids the next.
        if to != self._state or (broken and not ends_well):
            self._entered_by = event
        if letter & FIRST:
            self._last_first = event
        self._state = to

    def _time(self, event: LogEvent, within: Within, *, broken: bool) -> None:
        """Measure what the other side of a rule answers, and what it needed."""
        earlier = self._waiting if self._template in ANSWERING else []
        if self._template in NEEDING and self._last_first is not None and not broken:
            earlier = [*earlier, *(() if self._last_first in earlier else (self._last_first,))]
        for first in earlier:
            last_on = self._last_day(first, within)
            if last_on is not None and event.at is not None and self._day(event.at) > last_on:
                self._faults.append(Fault(How.LATE, (first, event), THEN, last_on))

    def judged(self, trace: Trace, *, over: bool) -> Judged:
        owing = self._state not in self._meaning.accepting
        if owing and over:
            self._faults.append(Fault(How.AT_END, tuple(self._waiting) or trace.events[-1:]))
        elif owing and self._within is not None and self._checker.today is not None:
            self._faults.extend(self._overdue(self._within, self._checker.today))
        return Judged(self._checker.rule, self._outcome(owing=owing), tuple(self._faults))

    def _outcome(self, *, owing: bool) -> Outcome:
        if self._faults:
            return Outcome.BROKEN
        if self._undated:
            return Outcome.UNTOLD
        if owing:
            return Outcome.OPEN
        return Outcome.KEPT if self._activated else Outcome.VACUOUS

    def _overdue(self, within: Within, today: date) -> Iterator[Fault]:
        for first in self._waiting:
            last_on = self._last_day(first, within)
            if last_on is not None and today > last_on:
                yield Fault(How.LATE, (first,), FIRST, last_on)

    def _last_day(self, event: LogEvent, within: Within) -> date | None:
        if event.at is None:
            return None
        calendar, day = self._checker.calendar, self._day(event.at)
        return calendar.nth_counted_day(day, within.count, unit=within.unit.value, internal=False)

    def _day(self, at: int) -> date:
        return self._checker.calendar.day_at(at)
