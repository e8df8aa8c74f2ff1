"""What an administrator may change: their units, those below, and the people who work there alone.

Judged inside the very change that is being made, by the rows as it finds them. Without this an
administrator of a department could make themselves one of the whole institution.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from engine.changing import Change, covers
from engine.errors import NotYourTurn
from engine.organisation import Membership, Organisation
from engine.vocabulary import Role, Text

NOT_YOUR_UNIT = Text(
    "Du är administratör i en annan del av organisationen; den som är det här, eller ovanför, kan ändra detta.",
    "You are an administrator of another part of the organisation; whoever is one here, or above, can change this.",
)


def must_administer(made: Change, admin: str, *units: str) -> None:
    """Raise NotYourTurn unless somebody is an administrator of each unit, there or above it."""
    if not _administers(made, admin, units):
        raise NotYourTurn(NOT_YOUR_UNIT)


def must_administer_person(made: Change, admin: str, person: str) -> None:
    """Raise NotYourTurn unless `administers_person`."""
    if not administers_person(made, admin, person):
        raise NotYourTurn(NOT_YOUR_UNIT)


def administers_person(made: Change, admin: str, person: str) -> bool:
    """Whether somebody is an administrator of all units in which a person holds a role, or will.

    Whoever holds none is the whole institution's.
    """
    day = made.today()
    held = made.rows.present("membership", person=person)
    units = {row["unit"] for row in held if row["ends_on"] is None or row["ends_on"] >= day}
    return _administers(made, admin, units or {made.institution})


def may_administer_person(organisation: Organisation, admin: str, person: str, day: date) -> bool:
    """The same for a page that changes nothing, by the organisation as it was read, on a local day."""
    units = {held.unit for held in works_here(organisation, person, day)}
    return all(organisation.holds(admin, Role.ADMIN, unit, day) for unit in units or {organisation.institution})


def works_here(organisation: Organisation, person: str, day: date) -> tuple[Membership, ...]:
    """The roles somebody holds on a local day, or will later."""
    return tuple(
        held
        for held in organisation.memberships
        if held.person == person and (held.span.ends_on is None or held.span.ends_on >= day)
    )


def _administers(made: Change, admin: str, units: Collection[str]) -> bool:
    day = made.today()
    held = made.rows.present("membership", person=admin, role=Role.ADMIN)
    seats = {row["unit"] for row in held if covers(row, day)}
    return all(seats & _upwards(made, unit) for unit in units)


def _upwards(made: Change, unit: str) -> set[str]:
    """The unit and those above it; of one that is not there, the institution."""
    found, step = {made.institution}, unit
    while known := next(iter(made.rows.present("unit", code=step)), None):
        found.add(step)
        if known["parent"] is None or known["parent"] in found:
            break
        step = known["parent"]
    return found
