"""Who may do what, read off the declarations by somebody with a pencil: no function of the engine is asked.

The rule (PROCESSES 0, DESIGN 4 and 8): a role is held in a unit and reaches the units below it. Whoever does
casework, and the auditor, reads what lies within reach, and what is linked to a case within reach. A step is
taken by the roles it names, where it names them. What a student or partner does is entered by a coordinator
or an officer. A case that may not be read is not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from tests.security.university import HERE

PARENT: Final = {"GRUPP": "STAT", "STAT": "FAK", "HIST": "FAK", "FAK": "umu.se", "umu.se": None}
CASEWORK: Final = {"coordinator", "reviewer", "head", "officer", "admissions", "recogniser", "signatory"}
READS: Final = CASEWORK | {"auditor"}
ENTERS: Final = {"coordinator", "officer"}
OUTSIDE: Final = {"student", "partner"}

NOT_THERE, NOT_YOURS, NOT_FROM_HERE, JUDGED = 404, 403, 409, 422
"""What may come: the case is not there; the role does not do this; the step does not leave this state; or whoever
asks is let through to the judgement of what they sent, which the tests make fail, so that nothing is changed.
"""


@dataclass(frozen=True)
class Lies:
    """Where a case lies: its unit, and the unit of the case linked to it by each name."""

    unit: str
    linked: dict[str, str]

    def at(self, where: str) -> str | None:
        """The unit that a declaration means by `case` or by the name of a link."""
        return self.unit if where == "case" else self.linked.get(where)

    @property
    def units(self) -> list[str]:
        """All of them."""
        return [self.unit, *self.linked.values()]


def reached(unit: str | None) -> bool:
    """Whether a role held in STAT reaches a unit: STAT is the unit itself, or lies above it."""
    while unit is not None:
        if unit == HERE:
            return True
        unit = PARENT[unit]
    return False


def reads(role: str, lies: Lies) -> bool:
    """Whether somebody with the role in STAT reads a case."""
    return role in READS and any(reached(unit) for unit in lies.units)


def named(role: str, lies: Lies, declared: Iterable[Any]) -> bool:
    """Whether one of the declared roles is theirs, where it is declared."""
    for each in declared:
        name, where = (str(each.role), each.where) if hasattr(each, "where") else (str(each), "case")
        if name == role and reached(lies.at(where)):
            return True
    return False


def takes(role: str, lies: Lies, transition: Any) -> bool:
    """Whether they may take a step, or enter it for a student or partner."""
    outside = any(str(getattr(each, "role", each)) in OUTSIDE for each in transition.by)
    enters = outside and role in ENTERS and any(reached(unit) for unit in lies.units)
    return enters or named(role, lies, transition.by)


def step(role: str, lies: Lies, state: str, trigger: str, workflow: Any) -> int:
    """What answers somebody who asks for a step of a case in a state."""
    if not reads(role, lies):
        return NOT_THERE
    arrows = [each for each in workflow.transitions if each.trigger == trigger]
    if not any(takes(role, lies, each) for each in arrows):
        return NOT_YOURS
    here = [each for each in arrows if state in ((each.source,) if isinstance(each.source, str) else each.source)]
    if not here:
        return NOT_FROM_HERE
    return JUDGED if takes(role, lies, here[0]) else NOT_YOURS


def note(role: str, lies: Lies, kind: str, workflow: Any) -> int:
    """What answers somebody who corrects an open case, comments on it, assigns it or links it."""
    if not reads(role, lies):
        return NOT_THERE
    if kind == "corrections":
        return JUDGED if named(role, lies, workflow.corrected_by) else NOT_YOURS
    return JUDGED if role in CASEWORK else NOT_YOURS
