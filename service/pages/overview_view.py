"""How many cases stand where in a process, as pages show it: each number with the list it counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from engine.store.state_counts import MOST, StateCount
from engine.vocabulary import Text
from service.pages.filters import ME, Chosen, states_of
from service.pages.lists_view import bulk_steps
from service.pages.visiting import Visit


@dataclass(frozen=True, slots=True)
class Number:
    """How many there are; with `more`, there are more than so many."""

    value: int
    more: bool

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self.value > 0


@dataclass(frozen=True, slots=True)
class Counted:
    """Some cases: how many, how many are overdue and wait for the reader, for how many days the first has stood there.

    `oldest` is None where none is open. The addresses lead to the lists of exactly those cases.
    """

    count: Number
    overdue: Number
    mine: Number
    oldest: int | None
    href: str
    overdue_href: str
    mine_href: str


@dataclass(frozen=True, slots=True)
class BulkLink:
    """A step that can be asked for all cases of a state, and where that begins."""

    label: Text
    href: str


@dataclass(frozen=True, slots=True)
class StateLine:
    """A state of a process with its cases. `share` is the length of its bar, of a hundred."""

    label: Text
    final: bool
    cases: Counted
    share: int
    steps: tuple[BulkLink, ...]


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """A process with its open cases."""

    name: str
    label: Text
    purpose: Text
    href: str
    cases: Counted


@dataclass(frozen=True)
class Counting:
    """Makes lines of counts, for one reader and the units they chose."""

    visit: Visit
    units: tuple[str, ...]

    def process(self, name: str, states: Sequence[StateCount]) -> ProcessLine:
        """A process: its open cases, whatever their state."""
        workflow = self.visit.house.catalogue.current(name).workflow
        kept = [each for each in states if not self._final(each)]
        href = f"/overview/{name}" + (f"?{urlencode(self._of_units())}" if self.units else "")
        return ProcessLine(name, workflow.label, workflow.purpose, href, self._counted(name, kept, ("open", "open")))

    def states(self, name: str, states: Sequence[StateCount]) -> tuple[StateLine, ...]:
        """The states of a process, in the order declared."""
        labels = states_of(self.visit.house.catalogue, name)
        most = max((each.count for each in states if not self._final(each)), default=0)
        return tuple(self._state(each, labels.get(each.state, Text(each.state, each.state)), most) for each in states)

    def _state(self, each: StateCount, label: Text, most: int) -> StateLine:
        chosen = Chosen((("workflow", each.workflow), ("state", each.state), *self._of_units()))
        bulk = bulk_steps(self.visit, chosen, each.count)
        steps = (
            BulkLink(step.label, f"/bulk?{urlencode((*chosen.pairs, ('trigger', step.trigger)))}")
            for step in (bulk.steps if bulk else ())
        )
        share = min(100, -(-100 * each.count // most)) if most else 0
        cases = self._counted(each.workflow, [each], ("state", each.state))
        return StateLine(label, self._final(each), cases, share, tuple(steps))

    def _counted(self, workflow: str, states: Iterable[StateCount], narrowed: tuple[str, str]) -> Counted:
        there = list(states)
        entered = [each.oldest_entered_at for each in there if each.oldest_entered_at is not None]
        pairs = (("workflow", workflow), narrowed, *self._of_units())
        return Counted(
            count=together(each.count for each in there),
            overdue=together(each.overdue for each in there),
            mine=together(each.mine for each in there),
            oldest=self._days(min(entered)) if entered else None,
            href=_list(pairs),
            overdue_href=_list((*pairs, ("overdue", "1"))),
            mine_href=_list((*pairs, ("waits", ME))),
        )

    def _days(self, since: int) -> int:
        speech = self.visit.speech
        return (speech.today - speech.local(since).date()).days

    def _of_units(self) -> tuple[tuple[str, str], ...]:
        return tuple(("unit", unit) for unit in self.units)

    def _final(self, each: StateCount) -> bool:
        versions = self.visit.house.catalogue.versions(each.workflow)
        return next((known.states[each.state].final for known in versions if each.state in known.states), False)


THOUSAND: Final = 1000


def together(counts: Iterable[int]) -> Number:
    """Add up numbers of which each was counted to a bound: thousands in whole hundreds where there are more."""
    several = list(counts)
    value, more = sum(min(count, MOST) for count in several), any(count > MOST for count in several)
    # `more than 16,983` would look exact.
    return Number(value - value % 100 if more and value > THOUSAND else value, more)


def _list(pairs: Sequence[tuple[str, str]]) -> str:
    return f"/cases?{urlencode(pairs)}"
