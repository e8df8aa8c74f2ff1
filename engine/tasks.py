"""What waits for somebody: the rule for one case put to a whole institution at once.

An open case waits for whoever it is assigned to; where that person is on leave, also for
the substitute they have named. A case that nobody is assigned to waits for those who
would be told of it (PROCESSES 0): the nearest holders of the role that owns its state,
looked up in the unit where that role is held, then upwards; and for the substitutes of
those of them who are on leave. A role at the root is nearest only where nobody below
holds it. A state that waits for the student or the partner waits for nobody here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.catalogue import Catalogue
from engine.organisation import Organisation
from engine.rights import OUTSIDERS
from engine.vocabulary import Role, Who


@dataclass(frozen=True, slots=True)
class Group:
    """Unassigned cases that wait: of a workflow, in these states, by the unit of the case or of a linked one.

    `where` is "case", or the name of the link whose newest case's unit counts. `units` is
    None where that is every unit. `definitions` are hashes; empty is any definition.
    """

    workflow: str
    states: tuple[str, ...]
    where: str
    units: tuple[str, ...] | None
    definitions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person: cases assigned to any of `people` (they, and those they stand in for), and groups."""

    institution: str
    person: str
    people: tuple[str, ...]
    groups: tuple[Group, ...]


def waiting_for(organisation: Organisation, catalogue: Catalogue, person: str, now: int) -> Waiting:
    """Describe what waits for a person at an instant."""
    owners = tuple(_owners(catalogue))
    units: dict[Role, tuple[str, ...] | None] = {
        role: _units(organisation, person, role, now) for role in {group[0].role for group in owners}
    }
    groups = (
        Group(workflow, states, who.where, units[who.role], definitions)
        for who, workflow, states, definitions in owners
        if units[who.role] != ()
    )
    return Waiting(organisation.institution, person, _stands_for(organisation, person, now), tuple(groups))


def _stands_for(organisation: Organisation, person: str, now: int) -> tuple[str, ...]:
    """The person, then those on leave whose named substitute they are."""
    day = organisation.calendar(organisation.institution).day_at(now)
    away = {absence.person for absence in organisation.absences if absence.substitute == person}
    others = (
        each
        for each in sorted(away - {person})
        if organisation.on_leave(each, day) and organisation.substitute(each, day) == person
    )
    return (person, *others)


def _units(organisation: Organisation, person: str, role: Role, now: int) -> tuple[str, ...] | None:
    """The units in which the person, or somebody they stand in for, is a nearest holder; None: all of them."""
    if role in OUTSIDERS:
        return ()
    return organisation.kept(("nearest", person, role), now, lambda: _nearest(organisation, person, role, now))


def _nearest(organisation: Organisation, person: str, role: Role, now: int) -> tuple[str, ...] | None:
    people = set(_stands_for(organisation, person, now))
    found = tuple(
        code
        for code in organisation.units
        if not people.isdisjoint(organisation.nearest(role, code, organisation.calendar(code).day_at(now)))
    )
    return None if found and len(found) == len(organisation.units) else found


def _owners(catalogue: Catalogue) -> Iterator[tuple[Who, str, tuple[str, ...], tuple[str, ...]]]:
    """Each owner with its workflow, states and definitions; the latter only where versions differ about a state."""
    for workflow in catalogue.names:
        versions = catalogue.versions(workflow)
        held: dict[tuple[Who, tuple[str, ...]], list[str]] = {}
        for state in dict.fromkeys(name for version in versions for name in version.states):
            said: dict[Who | None, list[str]] = {}
            for version in versions:
                if state in version.states:
                    said.setdefault(version.states[state].owner_role, []).append(version.hash)
            for who, hashes in said.items():
                if who is not None:
                    held.setdefault((who, () if len(said) == 1 else tuple(hashes)), []).append(state)
        yield from ((who, workflow, tuple(states), hashes) for (who, hashes), states in held.items())
