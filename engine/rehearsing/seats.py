"""Roles that a file newly needs and nobody holds in a unit that has open cases.

A step needs one of the roles that may take it; a reminder, an escalation or a message each role it
goes to; a hand-over one of those it may go to. What a student or partner does is entered by others,
and the clock is always there. What the file in force needs just the same is no news.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from engine.archive import Kept
from engine.definition import Definition
from engine.organisation import Organisation
from engine.rehearsing.report import Unheld
from engine.rehearsing.shelf import Shelf
from engine.vocabulary import CASE, Deadline, HandOver, Role, Text, Who, Whom

ALWAYS_THERE: Final = frozenset({Role.STUDENT, Role.PARTNER, Role.CLOCK})


@dataclass(frozen=True, slots=True)
class Need:
    """What somebody must be there for: one of some roles, each where it is asked for."""

    name: str
    who: tuple[Who, ...]


def needs(definition: Definition) -> dict[Need, Text]:
    """Everything a definition needs somebody for, with the words for it."""
    found = {need: label for need, label in _needs(definition) if need.who}
    return {need: label for need, label in found.items() if not ALWAYS_THERE & {who.role for who in need.who}}


def _needs(definition: Definition) -> Iterator[tuple[Need, Text]]:
    workflow = definition.workflow
    yield Need("open", workflow.openers), Text("Öppna ärenden", "Open cases")
    for state in workflow.states:
        if state.owner_role is not None:
            yield Need(f"state:{state.name}", (state.owner_role,)), state.label
    for step in workflow.transitions:
        yield Need(f"step:{step.trigger}:{step.to}", step.who), step.label
        for tell in step.tells:
            yield from _told(f"message:{step.trigger}:{tell.message}", tell.whom, step.label)
    for deadline in workflow.deadlines:
        yield from _of_deadline(deadline)


def _of_deadline(deadline: Deadline) -> Iterator[tuple[Need, Text]]:
    for rung in deadline.ladder:
        name = f"deadline:{deadline.name}:{rung.name}"
        for whom in rung.whom:
            yield from _told(name, whom, deadline.label)
        if isinstance(rung.does, HandOver):
            yield Need(f"{name}:hand_over", tuple(map(Who, rung.does.to))), deadline.label


def _told(name: str, whom: Whom, label: Text) -> Iterator[tuple[Need, Text]]:
    if isinstance(whom, Who):
        yield Need(f"{name}:{whom.role}@{whom.where}", (whom,)), label


@dataclass
class Seats:
    """Counts the units open cases need people in, and says at the end who is missing."""

    file: Definition
    before: Definition | None
    _units: Counter[tuple[tuple[str, str], ...]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        known = needs(self.before) if self.before is not None else {}
        self._new = {need: label for need, label in needs(self.file).items() if need not in known}
        self._places = sorted({who.where for need in self._new for who in need.who})

    def note(self, shelf: Shelf, institution: str, kept: Kept) -> None:
        """Count the units of an open case: its own, and those of its links that roles are asked for in."""
        case = kept.row
        if case is None:
            return
        units = {CASE: case.unit}
        for where in self._places:
            linked = shelf.get(institution, case.link(where) or "").row if case.link(where) else None
            if linked is not None:
                units[where] = linked.unit
        self._units[tuple(sorted(units.items()))] += 1

    def unheld(self, organisation: Organisation, day: date) -> Iterator[Unheld]:
        """What nobody is there for on a local day, in the order of the file, then by unit."""
        for need, label in self._new.items():
            missing: Counter[str] = Counter()
            for units, cases in self._units.items():
                places = [(who.role, dict(units)[who.where]) for who in need.who if who.where in dict(units)]
                if places and not any(organisation.nearest(role, unit, day) for role, unit in places):
                    missing[places[0][1]] += cases
            roles = tuple(dict.fromkeys(who.role.value for who in need.who))
            for unit in sorted(missing):
                yield Unheld(roles, unit, need.name, label, missing[unit])
