"""Which cases a person may read, as a set of units and as a condition on rows.

The rule is `engine.rights.may_read` (PROCESSES 0): any staff role in the case's unit or
above it, or in a linked case's unit; auditors. Here it is put to a whole table at once;
a test holds the two against each other.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from engine import rights
from engine.canonical import instant
from engine.organisation import Organisation
from engine.tables import CaseRecord, LinkRecord, table_of
from engine.vocabulary import Role

case_table = table_of(CaseRecord)
_link = table_of(LinkRecord)
_other = case_table.alias("linked_case")


@dataclass(frozen=True, slots=True)
class Scope:
    """The units whose cases a person may read. `everything` is true where that is all of them."""

    institution: str
    person: str
    units: tuple[str, ...]
    everything: bool

    def condition(self) -> sa.ColumnElement[bool]:
        """Hold for the rows of case_record that the person may read."""
        mine = case_table.c.institution == self.institution
        if self.everything:
            return mine
        linked = sa.exists().where(
            _link.c.institution == case_table.c.institution,
            _link.c.from_case == case_table.c.id,
            _other.c.institution == _link.c.institution,
            _other.c.id == _link.c.to_case,
            _other.c.unit.in_(self.units),
        )
        return sa.and_(mine, sa.or_(case_table.c.unit.in_(self.units), linked))


def scope_of(organisation: Organisation, person: str, now: int) -> Scope:
    """Work out the scope at an instant. A root role reaches every unit."""
    at = instant(now)
    units = tuple(
        code
        for code in organisation.units
        if rights.reads_in(organisation, person, code, organisation.calendar(code).local_date(at))
    )
    everything = bool(units) and len(units) == len(organisation.units)
    return Scope(organisation.institution, person, units, everything)


def holds_anywhere(organisation: Organisation, person: str, now: int, *roles: Role) -> bool:
    """Whether the person holds one of the roles (none named: any role) in some unit today."""
    day = organisation.calendar(organisation.institution).local_date(instant(now))
    held = organisation.roles_of(person, day)
    return any(not roles or membership.role in roles for membership in held)
