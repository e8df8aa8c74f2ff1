"""Our own histories as the rules read them: the steps taken, on every way to an end.

A rule speaks of steps, so what else is written in a history (comments, corrections,
reminders) is passed over. The rules are proved without `reconsider`: a case that is taken up
again goes on from where it stood, as if what came after had not been. So its history holds
one way for each time it was closed: up to the end it had come to, and from the
state it went back to. Every such way is a path of the graph, and a history that kept to the
graph breaks no rule that was proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from engine.calendar import Calendar
from engine.catalogue import Catalogue
from engine.declare.checking import Checker, Fault, How, Judged, Outcome
from engine.definition import Definition
from engine.eventlog import LogEvent, Trace
from engine.model import Kind
from engine.organisation import Organisation
from engine.vocabulary import HoldsNoPlace, Rule

STEPS: Final = frozenset({Kind.MOVED, Kind.RECORDED, Kind.REOPENED})
"""The kinds of events that a step of the graph is written as."""

_WORST_FIRST: Final = (Outcome.BROKEN, Outcome.UNTOLD, Outcome.OPEN, Outcome.KEPT, Outcome.VACUOUS)


@dataclass(frozen=True, slots=True)
class Way:
    """The steps of a case on its way to an end; `over` where it came to one, `to` where it stands."""

    trace: Trace
    over: bool
    to: str | None


def ways(trace: Trace, definition: Definition) -> Iterator[Way]:
    """Give each way a history went, the one it is on now last.

    `trace` is one of `engine.logs`: every event has `kind`, `to` and, but for the first, `from`.
    """
    steps: list[LogEvent] = []
    for event in trace.events:
        kind = event.attributes["kind"]
        if kind == Kind.REOPENED:
            yield _way(trace, steps, definition, event.attributes["from"])
            steps = _back_to(steps, event.attributes["to"])
        elif kind in STEPS:
            steps.append(event)
    yield _way(trace, steps, definition, trace.events[-1].attributes["to"] if trace.events else None)


def _way(trace: Trace, steps: list[LogEvent], definition: Definition, to: str | None) -> Way:
    state = definition.states.get(to) if to else None
    return Way(replace(trace, events=tuple(steps)), state is not None and state.final, to)


def _back_to(steps: list[LogEvent], state: str) -> list[LogEvent]:
    """Keep the steps up to where the case last stood in a state; all, where it never did."""
    for place in range(len(steps), 0, -1):
        if steps[place - 1].attributes["to"] == state:
            return steps[:place]
    return [] if steps and steps[0].attributes.get("from") == state else list(steps)


@dataclass(frozen=True)
class HistoryCheck:
    """Checks the rules of a workflow on cases of ours, each by the rules of the definition it is under.

    `rules` are judged instead, where given: those of a file that is not in force yet. Days are counted by
    the calendar of the case's unit.
    """

    catalogue: Catalogue
    organisation: Organisation
    today: date
    rules: tuple[Rule, ...] | None = None

    def judge(self, traces: Iterable[Trace]) -> Iterator[tuple[Trace, tuple[Judged, ...]]]:
        """Judge case after case, every rule once."""
        made: dict[tuple[Rule, str], Checker] = {}
        for trace in traces:
            definition = self.catalogue.by_hash(trace.attributes["definition"])
            rules = definition.workflow.rules if self.rules is None else self.rules
            unit = trace.attributes["unit"]
            for rule in rules:
                if (rule, unit) not in made:
                    made[rule, unit] = Checker(rule, self._calendar(unit), self.today)
            went = tuple(ways(trace, definition))
            yield trace, tuple(_judged(made[rule, unit], went, definition) for rule in rules)

    def _calendar(self, unit: str) -> Calendar:
        return self.organisation.calendar(unit)


def _judged(checker: Checker, went: tuple[Way, ...], definition: Definition) -> Judged:
    """One rule on all ways of a case: the worst of them counts, no fault twice."""
    if isinstance(checker.rule, HoldsNoPlace):
        return _about_places(checker.rule, went, definition)
    found = [checker.judge(way.trace, over=way.over) for way in went]
    worst = next(each for each in _WORST_FIRST if any(one.outcome is each for one in found))
    faults: Mapping[tuple[object, ...], Fault] = {
        (fault.how, *(event.sequence for event in fault.events)): fault for one in found for fault in one.faults
    }
    return Judged(checker.rule, worst, tuple(faults.values()))


def _about_places(rule: HoldsNoPlace, went: tuple[Way, ...], definition: Definition) -> Judged:
    """Whether a case holds a place is told by the state it stands in (see `engine.places`)."""
    ended = [way for way in went if way.over and way.to in rule.states]
    holding = [way for way in ended if way.to and definition.states[way.to].holds_place]
    if holding:
        faults = tuple(Fault(How.AT_END, way.trace.events[-1:]) for way in holding)
        return Judged(rule, Outcome.BROKEN, faults)
    return Judged(rule, Outcome.KEPT if ended else Outcome.VACUOUS)
