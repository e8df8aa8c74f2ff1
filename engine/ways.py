"""How processes really run, from the own histories: times, whom is waited for, ways, rework, bottlenecks.

Counted over the cases somebody may read that were opened in a period. Read as a stream, one case
in memory at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from engine.asking import Asking, asking
from engine.canonical import micros
from engine.cases import Cases
from engine.dashboards import label_of
from engine.eventlog import LogEvent, Trace
from engine.scope import Scope
from engine.store import report_rows
from engine.store.report_rows import Wanted
from engine.variants import Tally, Variant
from engine.vocabulary import Role, Text

TOP: Final = 10
"""How many ways are told of each process."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A state: how long visits lasted, in microseconds, and how many cases stand there or came back.

    `role` is whom the state waits for. `waited` is all the time cases have stood there together,
    those that stand there still until now; `share` of all waiting, in per cent, None where the
    process says that the state waits for nothing (a stay runs, an agreement is in force).
    """

    state: str
    label: Text
    role: Role | None
    visits: int
    median: int
    ninetieth: int
    standing: int
    waited: int
    share: float | None
    again: int


@dataclass(frozen=True, slots=True)
class WaitedFor:
    """How long cases have waited for a role, together, in microseconds; `share` of all waiting, in per cent."""

    role: Role
    waited: int
    share: float


@dataclass(frozen=True, slots=True)
class Way:
    """A way through the process: states in order, how many cases took it, their share in per cent.

    `median` is the time from the first state to the last, None where none has come to its end.
    """

    states: tuple[Text, ...]
    cases: int
    share: float
    median: int | None


@dataclass(frozen=True, slots=True)
class Rework:
    """Something done again: the words for it, and in how many cases."""

    words: Text
    cases: int


@dataclass(frozen=True, slots=True)
class Told:
    """What the histories of one process tell. `stays`: most waiting first, those that wait for nothing last."""

    workflow: str
    label: Text
    cases: int
    events: int
    stays: tuple[Stay, ...]
    waiting: tuple[WaitedFor, ...]
    ways: tuple[Way, ...]
    different: int
    reworked: int
    again: tuple[Rework, ...]
    undone: tuple[Rework, ...]
    repeated: tuple[Rework, ...]


@dataclass(frozen=True)
class Ways:
    """Tells how processes run. `reader` None: whoever runs the installation, who may read everything."""

    cases: Cases

    def told(
        self,
        institution: str,
        reader: str | None,
        *,
        workflow: tuple[str, ...] = (),
        unit: tuple[str, ...] = (),
        since: date | None = None,
        until: date | None = None,
    ) -> tuple[Told, ...]:
        """Tell of each process with cases opened in the period (local days, both included), by name."""
        with asking(self.cases, institution, reader or "") as asked:
            everything = Scope(institution, "", tuple(asked.organisation.units), everything=True)
            wanted = Wanted(
                unit=unit,
                since=micros(asked.calendar.start_of(since)) if since else None,
                before=micros(asked.calendar.end_of(until)) if until else None,
            )
            scope = everything if reader is None else asked.scope
            names = [name for name in self.cases.catalogue.names if not workflow or name in workflow]
            tallies = ((name, self._tally(asked, scope, wanted, name)) for name in names)
            return tuple(self._told(name, tally) for name, tally in tallies if tally.cases)

    def _tally(self, asked: Asking, scope: Scope, wanted: Wanted, name: str) -> Tally:
        mine = Wanted(workflow=(name,), unit=wanted.unit, since=wanted.since, before=wanted.before)
        found = Tally(asked.now, self._finals(name))
        for trace in traces(report_rows.paths(asked.connection, scope, mine)):
            found.add(trace)
        return found

    def _finals(self, name: str) -> frozenset[str]:
        versions = self.cases.catalogue.versions(name)
        return frozenset(state.name for each in versions for state in each.workflow.states if state.final)

    def _told(self, name: str, tally: Tally) -> Told:
        stays = tuple(self._stays(name, tally))
        return Told(
            workflow=name,
            label=self.cases.catalogue.current(name).workflow.label,
            cases=tally.cases,
            events=tally.events,
            stays=stays,
            waiting=_waited_for(stays),
            ways=tuple(self._way(name, each, tally.cases) for each in tally.variants(TOP)),
            different=tally.ways + tally.other_ways,
            reworked=tally.reworked,
            again=tuple(
                Rework(label_of(self.cases, name, state), told.again)
                for state, told in sorted(tally.states.items(), key=lambda pair: (-pair[1].again, pair[0]))
                if told.again
            ),
            undone=tuple(
                Rework(self._back(name, *pair), count) for pair, count in sorted(tally.undone.items(), key=_most)
            ),
            repeated=tuple(
                Rework(self._step(name, trigger), count) for trigger, count in sorted(tally.repeated.items(), key=_most)
            ),
        )

    def _stays(self, name: str, tally: Tally) -> Iterator[Stay]:
        found = tally.bottlenecks()
        resting, owners = self._resting(name), self._owners(name)
        all_waiting = sum(told.waited for state, told in found if state not in resting)
        for state, told in sorted(found, key=lambda pair: pair[0] in resting):
            yield Stay(
                state=state,
                label=label_of(self.cases, name, state),
                role=owners.get(state),
                visits=told.ended.count,
                median=told.ended.median,
                ninetieth=told.ended.rank(90),
                standing=told.standing.count,
                waited=told.waited,
                share=None if state in resting else _share(told.waited, all_waiting),
                again=told.again,
            )

    def _resting(self, name: str) -> frozenset[str]:
        """The states that wait for nothing by a written reason; the newest definition says so."""
        states = self.cases.catalogue.current(name).workflow.states
        return frozenset(state.name for state in states if state.waits_because is not None)

    def _owners(self, name: str) -> dict[str, Role]:
        """Whom each state waits for; the newest definition that has it says so."""
        return {
            state.name: state.owner_role.role
            for definition in reversed(self.cases.catalogue.versions(name))
            for state in definition.workflow.states
            if state.owner_role is not None
        }

    def _way(self, name: str, variant: Variant, cases: int) -> Way:
        states = tuple(label_of(self.cases, name, state) for state in variant.states)
        return Way(states, variant.cases, _share(variant.cases, cases), variant.median)

    def _back(self, name: str, there: str, here: str) -> Text:
        one, other = label_of(self.cases, name, there), label_of(self.cases, name, here)
        return Text(f"{one.sv} → {other.sv}", f"{one.en} → {other.en}")

    def _step(self, name: str, trigger: str) -> Text:
        versions = self.cases.catalogue.versions(name)
        steps = (step for each in versions for step in each.by_trigger.get(trigger, ()))
        return next((step.label for step in steps), Text(trigger, trigger))


def traces(rows: Iterable[tuple[Any, ...]]) -> Iterator[Trace]:
    """Make traces of the rows of `report_rows.paths`, one case at a time."""
    for case, events in groupby(rows, key=lambda row: row[0]):
        yield Trace(case, tuple(_event(row) for row in events))


def _event(row: tuple[Any, ...]) -> LogEvent:
    _, _, sequence, kind, trigger, _, to_state, role, at = row
    return LogEvent(trigger or kind, at, sequence, role, {"kind": kind, "to": to_state})


def _waited_for(stays: Iterable[Stay]) -> tuple[WaitedFor, ...]:
    waited: Counter[Role] = Counter()
    for stay in stays:
        if stay.role is not None and stay.share is not None:
            waited[stay.role] += stay.waited
    whole = waited.total()
    return tuple(WaitedFor(role, many, _share(many, whole)) for role, many in waited.most_common())


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def _most(pair: tuple[Any, int]) -> tuple[int, Any]:
    return (-pair[1], pair[0])
