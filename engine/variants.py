"""What histories tell of a process: the ways taken, time in each state, waiting, rework. Pure, one trace at a time.

A `Tally` takes traces of one process as they come and keeps counts only, so that a million cases
need no more room than a thousand. A trace whose events name no states (`to` among their
attributes) is read by its activities: a case stands where its last activity left it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log
from typing import Final

from engine.eventlog import LogEvent, Trace

EXACT: Final = 2000
"""So many spans are kept as they are; of more, only how many lie in each hundredth of their size."""

WIDTH: Final = log(1.01)
MOST_VARIANTS: Final = 20_000
"""So many different ways are told apart; what comes after them is counted together."""


@dataclass(slots=True)
class Spans:
    """Spans of time in microseconds: how many, how long together, their ranks (to one per cent of many)."""

    count: int = 0
    total: int = 0
    _exact: list[int] = field(default_factory=list)
    _coarse: Counter[int] = field(default_factory=Counter)

    def add(self, span: int) -> None:
        """Add a span; one that runs backwards, as in foreign logs, counts as none."""
        span = max(span, 0)
        self.count, self.total = self.count + 1, self.total + span
        if self._coarse:
            self._coarse[_bucket(span)] += 1
            return
        self._exact.append(span)
        if len(self._exact) > EXACT:
            self._coarse.update(map(_bucket, self._exact))
            self._exact = []

    def rank(self, percent: int) -> int:
        """The span of the nearest rank; 0 where there is none."""
        place = (self.count * percent + 99) // 100
        if not self._coarse:
            return sorted(self._exact)[place - 1] if place else 0
        for bucket in sorted(self._coarse):
            place -= self._coarse[bucket]
            if place <= 0:
                return _size(bucket)
        return 0

    @property
    def median(self) -> int:
        """Half were no longer than this."""
        return self.rank(50)


def _bucket(span: int) -> int:
    return 0 if span < 1 else 1 + int(log(span) / WIDTH)


def _size(bucket: int) -> int:
    return 0 if bucket == 0 else round(1.01 ** (bucket - 0.5))


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay in a state; without an end, the case stands there still. Instants are UTC microseconds."""

    state: str
    entered_at: int
    left_at: int | None


@dataclass(slots=True)
class StateTold:
    """What is known of a state: visits that ended, cases standing in it now, cases that came back to it."""

    ended: Spans = field(default_factory=Spans)
    standing: Spans = field(default_factory=Spans)
    cases: int = 0
    again: int = 0

    @property
    def waited(self) -> int:
        """How long all cases have stood there together, in microseconds."""
        return self.ended.total + self.standing.total


@dataclass(frozen=True, slots=True)
class Variant:
    """A way through the process: the states in the order entered, how many took it, how long they took from end to end.

    `median` is None where none of them has come to its end.
    """

    states: tuple[str, ...]
    cases: int
    median: int | None


@dataclass(slots=True)
class Tally:
    """What the traces added so far tell. In `finals` nobody waits; other last states are waited in until `now`."""

    now: int
    finals: frozenset[str] = frozenset()
    cases: int = 0
    events: int = 0
    states: dict[str, StateTold] = field(default_factory=dict)
    repeated: Counter[str] = field(default_factory=Counter)
    undone: Counter[tuple[str, str]] = field(default_factory=Counter)
    reworked: int = 0
    other_ways: int = 0
    _ways: dict[tuple[str, ...], tuple[list[int], Spans]] = field(default_factory=dict)

    def add(self, trace: Trace) -> None:
        """Count a trace in. Events without an instant are passed over."""
        events = [event for event in trace.events if event.at is not None]
        if not events:
            return
        visits = visits_of(events)
        self.cases, self.events = self.cases + 1, self.events + len(events)
        self._stays(visits)
        self._way(visits)
        self._rework(visits, events)

    def _stays(self, visits: Sequence[Visit]) -> None:
        entered = Counter(visit.state for visit in visits)
        for state, times in entered.items():
            told = self.states.setdefault(state, StateTold())
            told.cases += 1
            told.again += times > 1
        for visit in visits:
            told = self.states[visit.state]
            if visit.left_at is not None:
                told.ended.add(visit.left_at - visit.entered_at)
            elif visit.state not in self.finals:
                told.standing.add(self.now - visit.entered_at)

    def _way(self, visits: Sequence[Visit]) -> None:
        states = tuple(visit.state for visit in visits)
        if states not in self._ways and len(self._ways) >= MOST_VARIANTS:
            self.other_ways += 1
            return
        count, spans = self._ways.setdefault(states, ([0], Spans()))
        count[0] += 1
        if states[-1] in self.finals or not self.finals:
            spans.add(visits[-1].entered_at - visits[0].entered_at)

    def _rework(self, visits: Sequence[Visit], events: Sequence[LogEvent]) -> None:
        again = {name for name, times in Counter(event.name for event in events if moves(event)).items() if times > 1}
        back = {
            (there.state, here.state)
            for before, there, here in zip(visits, visits[1:], visits[2:], strict=False)
            if before.state == here.state
        }
        self.repeated.update(again)
        self.undone.update(back)
        self.reworked += bool(back or len({visit.state for visit in visits}) < len(visits))

    def variants(self, most: int) -> tuple[Variant, ...]:
        """The ways most cases took, most first."""
        told = (
            Variant(states, count[0], spans.median if spans.count else None)
            for states, (count, spans) in self._ways.items()
        )
        return tuple(sorted(told, key=lambda each: (-each.cases, each.states))[:most])

    @property
    def ways(self) -> int:
        """How many different ways were taken, as far as they are told apart."""
        return len(self._ways)

    def bottlenecks(self) -> tuple[tuple[str, StateTold], ...]:
        """The states in which cases have waited, those in which most time lies first."""
        waited = ((state, told) for state, told in self.states.items() if told.waited and state not in self.finals)
        return tuple(sorted(waited, key=lambda pair: (-pair[1].waited, pair[0])))


def state_after(event: LogEvent) -> str:
    """Where a case stands after an event: the state it names, else the activity itself."""
    return str(event.attributes.get("to", event.name))


def moves(event: LogEvent) -> bool:
    """Whether an event is a step that moves a case: not what is only noted on it."""
    return event.attributes.get("kind", "moved") in {"moved", "reopened"}


def visits_of(events: Sequence[LogEvent]) -> tuple[Visit, ...]:
    """The stays in states one after the other, from events that have instants."""
    found: list[Visit] = []
    for event in events:
        state, at = state_after(event), event.at or 0
        if found and found[-1].state == state:
            continue
        if found:
            found[-1] = Visit(found[-1].state, found[-1].entered_at, at)
        found.append(Visit(state, at, None))
    return tuple(found)
