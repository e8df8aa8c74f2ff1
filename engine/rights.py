"""Who may read, who may act, and in which role (PROCESSES 0).

A role is held in a unit. Any holder in the case's unit or above it may act; the
nearest holders are told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.model import Case
from engine.organisation import STAFF, Organisation
from engine.views import Lens
from engine.vocabulary import Actor, Role, Transition, Who

READERS = frozenset((*STAFF, Role.AUDITOR))
OUTSIDERS = (Role.STUDENT, Role.PARTNER)
ENTERED_BY = (Role.COORDINATOR, Role.OFFICER)
"""Who may enter what a student or partner did: a coordinator of either unit, or an officer."""


def today(lens: Lens, unit: str) -> date:
    """The local day of the unit."""
    return lens.organisation.calendar(unit).day_at(lens.snapshot.now)


def units_of(lens: Lens, case: Case) -> Iterator[str]:
    """The case's own unit, then those of the cases it is linked to (which are then seen)."""
    yield case.unit
    for _, to in case.links:
        if to in lens.cases:
            lens.seen.add(to)
            yield lens.cases[to].unit


def may_read(lens: Lens, person: str, case: Case) -> bool:
    """Any staff role in the case's unit or above, or in a linked case's unit; auditors."""
    day = today(lens, case.unit)
    return any(
        reads_in(lens.organisation, person, unit, day) for unit in units_of(lens, case)
    )


def reads_in(organisation: Organisation, person: str, unit: str, day: date) -> bool:
    """Whether the person holds a role in the unit or above it that lets them read cases."""
    return organisation.holds_any(person, READERS, unit, day)


def staff_role(lens: Lens, person: str, case: Case) -> Role | None:
    """The first role of casework the person holds in the case's or a linked unit."""
    day = today(lens, case.unit)
    return next(
        (
            role
            for unit in units_of(lens, case)
            for role in STAFF
            if lens.organisation.holds(person, role, unit, day)
        ),
        None,
    )


def role_among(lens: Lens, person: str, case: Case, who: tuple[Who, ...]) -> Role | None:
    """The first of the given roles that the person holds where it is asked for."""
    day = today(lens, case.unit)
    for spec in who:
        unit = lens.unit_of(case, spec.where)
        if unit is not None and lens.organisation.holds(person, spec.role, unit, day):
            return spec.role
    return None


def entering_role(lens: Lens, person: str, case: Case) -> Role | None:
    """The role in which the person may enter what a student or partner did, if any."""
    day = today(lens, case.unit)
    return next(
        (
            role
            for unit in units_of(lens, case)
            for role in ENTERED_BY
            if lens.organisation.holds(person, role, unit, day)
        ),
        None,
    )


def actor_for(lens: Lens, person: str, case: Case, transition: Transition) -> Actor | None:
    """In which role the person may take the step, or None. A role of one's own comes first."""
    own = role_among(lens, person, case, transition.who)
    if own is not None:
        return Actor(person, own)
    outside = next((who.role for who in transition.who if who.role in OUTSIDERS), None)
    entering = entering_role(lens, person, case) if outside else None
    return Actor(person, entering, on_behalf_of=outside) if entering else None


def shares_eyes(
    organisation: Organisation, person: str, earlier: tuple[str, ...]
) -> bool:
    """Whether the person did the earlier step, or stands in for whoever did (four eyes)."""
    return any(person == did or person in organisation.substitutes(did) for did in earlier)
