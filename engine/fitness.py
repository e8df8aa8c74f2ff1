"""How well what was really done fits a declared process: each case replayed on its graph.

A step fits where the graph allows it from the state the case stands in. Where it does not, the
case has left the process: what happened, where it stood and what was expected there is kept,
and the replay goes on from where that step would have led, so that one detour is not
counted for every step after it. Guards, roles and deadlines are not asked: a log tells
nothing of them. The share of steps that fit is the fitness (0 to 1) of a case and of a log.

Token-based replay gives the same for a graph without parallel branches, which a state machine
is: W. van der Aalst, "Process Mining", 2nd ed., 2016, 8.2; but jumping where it counts missing
tokens.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from engine.declare.histories import STEPS
from engine.declare.naming import Naming
from engine.definition import Definition
from engine.eventlog import LogEvent, Trace
from engine.model import Kind
from engine.vocabulary import Transition


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a case left the process: at an event, from a state. `expected` are the triggers allowed there.

    `unknown` is true where the name is no step and no state of the process.
    """

    event: LogEvent
    state: str
    expected: tuple[str, ...]
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """One case replayed. `ended_in` is the state it came to, `finished` whether that is an end."""

    case: str
    fitting: int
    steps: int
    ended_in: str
    finished: bool
    departures: tuple[Departure, ...]

    @property
    def share(self) -> float:
        """The share of steps that fit; 1 where nothing was done."""
        return self.fitting / self.steps if self.steps else 1.0


@dataclass
class Fitness:
    """A declared process against traces: add up what `replay` gives."""

    cases: int = 0
    fitting_cases: int = 0
    finished: int = 0
    fitting: int = 0
    steps: int = 0
    left_at: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often cases left the process, by state and the log's name of what happened."""
    unknown: Counter[str] = field(default_factory=Counter)

    def add(self, fit: Fit) -> None:
        """Count a case."""
        self.cases += 1
        self.fitting_cases += not fit.departures
        self.finished += fit.finished
        self.fitting += fit.fitting
        self.steps += fit.steps
        for each in fit.departures:
            if each.unknown:
                self.unknown[each.event.name] += 1
            else:
                self.left_at[each.state, each.event.name] += 1

    @property
    def share(self) -> float:
        """The share of all steps that fit; 1 where nothing was done."""
        return self.fitting / self.steps if self.steps else 1.0


def replay(definition: Definition, trace: Trace, naming: Naming | None = None) -> Fit:
    """Replay one case of a log of another system: names are read by `naming`."""
    naming = naming or Naming()
    walk = _Walk(definition)
    for event in trace.events:
        if event.name in naming.ignored:
            continue
        if event.name in naming.states:
            walk.enter(event, naming.states[event.name])
        else:
            walk.take(event, naming.trigger(event.name))
    return walk.fit(trace.case)


def replay_own(definition: Definition, trace: Trace) -> Fit:
    """Replay one case of ours (see `engine.logs`) on a definition, which need not be the one it was under.

    It begins where it was opened or carried over to, if the definition has that state.
    """
    walk = _Walk(definition)
    for event in trace.events:
        kind, to = event.attributes["kind"], event.attributes["to"]
        if kind in {Kind.OPENED, Kind.MIGRATED} and to in definition.states:
            walk.state = to
        elif kind in STEPS:
            walk.take(event, event.name)
    return walk.fit(trace.case)


class _Walk:
    """A case on its way over a graph."""

    def __init__(self, definition: Definition) -> None:
        self._definition = definition
        self.state = definition.workflow.initial
        self._fitting = self._steps = 0
        self._departures: list[Departure] = []

    def take(self, event: LogEvent, trigger: str) -> None:
        """Take a step, allowed or not."""
        step = self._definition.steps.get((self.state, trigger))
        self._steps += 1
        if step is not None:
            self._fitting += 1
            self.state = step.target(self.state)
            return
        self._leave(event, unknown=trigger not in self._definition.by_trigger)
        self.state = self._led_to(trigger)

    def enter(self, event: LogEvent, state: str) -> None:
        """Come to a state: by any step that leads there, or by staying."""
        self._steps += 1
        if state == self.state or any(step.target(self.state) == state for step in self._offered()):
            self._fitting += 1
        else:
            self._leave(event, unknown=False)
        self.state = state

    def fit(self, case: str) -> Fit:
        finished = self._definition.states[self.state].final
        return Fit(case, self._fitting, self._steps, self.state, finished, tuple(self._departures))

    def _offered(self) -> tuple[Transition, ...]:
        return self._definition.offered[self.state]

    def _leave(self, event: LogEvent, *, unknown: bool) -> None:
        expected = tuple(dict.fromkeys(step.trigger for step in self._offered()))
        self._departures.append(Departure(event, self.state, expected, unknown))

    def _led_to(self, trigger: str) -> str:
        """Where a step leads that was not allowed here: its one target, else nowhere."""
        steps = self._definition.by_trigger.get(trigger, ())
        targets = {step.to for step in steps if not step.recorded}
        return targets.pop() if len(targets) == 1 else self.state
