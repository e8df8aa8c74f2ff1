"""Which cases a person may read, as a set of units (as a condition on rows: `engine.store.scope`).

The rule is `engine.rights.may_read` (PROCESSES 0): any staff role in the case's unit or
above it, or in a linked case's unit; auditors. Here it is put to a whole table at once;
a test holds the two against each other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine import rights
from engine.organisation import Organisation
from engine.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Scope:
    """The units whose cases a person may read. `everything` is true where that is all of them."""

    institution: str
    person: str
    units: tuple[str, ...]
    everything: bool


def scope_of(organisation: Organisation, person: str, now: int) -> Scope:
    """Work out the scope at an instant. A root role reaches every unit."""
    return organisation.kept(("scope", person), now, lambda: _worked_out(organisation, person, now))


def _worked_out(organisation: Organisation, person: str, now: int) -> Scope:
    units = tuple(
        code
        for code in organisation.units
        if rights.reads_in(organisation, person, code, organisation.calendar(code).day_at(now))
    )
    return _of(organisation, person, units)


def scope_of_roles(organisation: Organisation, person: str, now: int, *roles: Role) -> Scope:
    """That part of the scope in which the person holds one of the roles, in the unit or above it."""
    units = tuple(
        code
        for code in scope_of(organisation, person, now).units
        if organisation.holds_any(person, roles, code, organisation.calendar(code).day_at(now))
    )
    return _of(organisation, person, units)


def _of(organisation: Organisation, person: str, units: tuple[str, ...]) -> Scope:
    return Scope(organisation.institution, person, units, bool(units) and len(units) == len(organisation.units))


def kept_scope(organisation: Organisation, person: str, now: int) -> Scope | None:
    """The units whose messages a person sees to: those they read in or administer. None: the whole institution."""
    kept = frozenset(
        code
        for code in organisation.units
        if organisation.holds(person, Role.ADMIN, code, organisation.calendar(code).day_at(now))
    )
    if organisation.institution in kept:
        return None
    read = scope_of(organisation, person, now)
    return replace(read, units=tuple(code for code in organisation.units if code in kept or code in read.units))


def units_held(organisation: Organisation, person: str, now: int) -> tuple[str, ...]:
    """The units in which the person holds a role today, in order of code."""
    day = organisation.calendar(organisation.institution).day_at(now)
    return tuple(sorted({held.unit for held in organisation.roles_of(person, day)}))


def holds_anywhere(organisation: Organisation, person: str, now: int, *roles: Role) -> bool:
    """Whether the person holds one of the roles (none named: any role) in some unit today."""
    day = organisation.calendar(organisation.institution).day_at(now)
    held = organisation.roles_of(person, day)
    return any(not roles or membership.role in roles for membership in held)
