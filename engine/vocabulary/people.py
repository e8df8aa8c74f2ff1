"""Who may do something, who is told, and who is handed work."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from engine.vocabulary.words import Role

CASE = "case"
"""The place of a role held in the case's own unit, or above it."""


@dataclass(frozen=True, slots=True)
class Who:
    """A role, and where it is held: in the case's own unit, or in the unit of a linked case."""

    role: Role
    where: str = CASE


class Person(StrEnum):
    """Somebody the case itself names."""

    ASSIGNEE = "assignee"
    """Whoever the case is assigned to; where nobody is, all holders of the state's owner role."""


ASSIGNEE = Person.ASSIGNEE
Whom: TypeAlias = Who | Person


def at(link: str, role: Role) -> Who:
    """Name a role held in the unit of the case linked under `link` (or above that unit)."""
    return Who(role, link)


def owner(role: Role) -> Who:
    """Name a role held in the unit that owns the linked agreement."""
    return Who(role, "agreement")


def either(role: Role) -> tuple[Who, Who]:
    """Name a role held in the case's own unit or in the unit that owns the linked agreement."""
    return Who(role), owner(role)


def as_who(spec: Role | Who) -> Who:
    """Read a bare role as held in the case's own unit."""
    return Who(spec) if isinstance(spec, Role) else spec


def as_whom(spec: Role | Whom) -> Whom:
    """Read a bare role as its holders in the case's own unit."""
    return Who(spec) if isinstance(spec, Role) else spec
