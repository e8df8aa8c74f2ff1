"""Who may open audit folders and draw samples of them, and what is told: by the roles held where a case lies.

Other applicants' places in the order stand in a folder, so reading the case is not enough; and a
role that opens folders in one department opens none in another, where one only reads.
"""

from __future__ import annotations

from typing import Final

from engine.auditing import Sight
from engine.scope import Scope, scope_of, scope_of_roles
from engine.vocabulary import Role
from service.pages.visiting import Visit

READERS: Final = (Role.AUDITOR, Role.ADMIN, Role.OFFICER, Role.COORDINATOR, Role.HEAD)
"""Who may open the folder of a case they may read."""

DRAWERS: Final = (Role.AUDITOR, Role.ADMIN, Role.OFFICER)
"""Who may draw a sample."""


def may_open(visit: Visit, case: str) -> bool:
    """Whether the visitor, who may read the case, may open its folder."""
    held = _held(visit, READERS)
    # Most hold such a role wherever they read, and then nothing need be asked.
    return held == scope_of(visit.organisation, visit.person, visit.now) or visit.house.queries.within(held, case)


def drawn_from(visit: Visit) -> Scope:
    """The units the visitor may draw a sample from."""
    return _held(visit, DRAWERS)


def sight_of(visit: Visit) -> Sight:
    """What the visitor's folders tell of other cases, and of which everybody's readings: of those they audit."""
    told = scope_of(visit.organisation, visit.person, visit.now)
    return Sight(told, _held(visit, (Role.AUDITOR,)))


def _held(visit: Visit, roles: tuple[Role, ...]) -> Scope:
    return scope_of_roles(visit.organisation, visit.person, visit.now, *roles)
