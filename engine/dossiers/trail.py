"""When each fact of a case became known, and when each step was taken: told from its history alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Final

from engine.dossiers.values import Evidence, Subject
from engine.store.event_rows import Written

UNKNOWN: Final[tuple[object, ...]] = (None, "", [], {})
"""What a fact holds while nobody knows it."""


@dataclass(frozen=True, slots=True)
class Turn:
    """An event that changed a fact, and to what."""

    event: Written
    value: Any

    @property
    def known(self) -> bool:
        """Whether it was known from then on."""
        return not is_unknown(self.value)


def is_unknown(value: object) -> bool:
    """Whether a fact's value says nothing."""
    return value in UNKNOWN


@dataclass(frozen=True)
class Trail:
    """The history of one case, looked at by fact and by step."""

    subject: Subject

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """The facts as they now are."""
        return self.subject.case.facts

    @cached_property
    def states(self) -> frozenset[str]:
        """Every state the case has ever been in."""
        return frozenset(event.body["to"] for event in self.subject.events if event.body)

    @cached_property
    def erased(self) -> tuple[Written, ...]:
        """The events whose details have been erased."""
        return tuple(event for event in self.subject.events if is_erased(event))

    @cached_property
    def _turns(self) -> Mapping[str, tuple[Turn, ...]]:
        found: dict[str, list[Turn]] = {}
        for event in self.subject.events:
            for name, value in ((event.told or {}).get("changes") or {}).items():
                if value not in UNKNOWN or name in found:
                    found.setdefault(name, []).append(Turn(event, value))
        return {name: tuple(turns) for name, turns in found.items()}

    def turns(self, fact: str) -> tuple[Turn, ...]:
        """Every change of a fact, oldest first; that nobody knew it at the start is no change."""
        return self._turns.get(fact, ())

    def learned(self, fact: str, *, ever: bool = False) -> Written | None:
        """The event from which on the fact has been known without a break; with `ever`, the first of all."""
        began: Written | None = None
        for turn in self.turns(fact):
            if not turn.known and not ever:
                began = None
            elif turn.known and began is None:
                began = turn.event
        return began

    def known_once(self, fact: str) -> bool:
        """Whether the fact was known at any time."""
        return any(turn.known for turn in self.turns(fact))

    def taken(self, steps: Iterable[str]) -> tuple[Written, ...]:
        """The events of these steps, oldest first."""
        wanted = {*steps}
        return tuple(event for event in self.subject.events if event.body.get("trigger") in wanted)

    def evidence(self, event: Written) -> Evidence:
        """An event of this case as evidence."""
        return Evidence(self.subject.case.number, event.sequence, event.body["at"], event.hash)

    def day(self, fact: str) -> date | None:
        """The day a fact holds, if it holds one."""
        return next(days_in(self.facts.get(fact)), None)


def is_erased(event: Written) -> bool:
    """Whether an event had details that are gone."""
    return event.body.get("detail") is not None and event.detail is None


def days_in(value: object) -> Iterator[date]:
    """Every day in a JSON value: the value itself, or those of its parts."""
    if isinstance(value, str):
        try:
            yield date.fromisoformat(value)
        except ValueError:
            return
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from days_in(each)
    elif isinstance(value, Sequence):
        for each in value:
            yield from days_in(each)
