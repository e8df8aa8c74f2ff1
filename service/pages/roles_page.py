"""What is in my role? Read off the processes: what waits for a role, what it does, answers and is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.duties import Duties, duties
from engine.vocabulary import Role, Text
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere

router = APIRouter(include_in_schema=False)

HELD: Final = tuple(role for role in Role if role not in {Role.STUDENT, Role.PARTNER, Role.CLOCK})
"""The roles somebody can hold in a unit."""

BEYOND: Final = {
    Role.AUDITOR: Text(
        "Du läser alla ärenden och deras historik, och ser vem som har läst vad. Du ändrar ingenting.",
        "You read all cases and their histories, and see who has read what. You change nothing.",
    ),
    Role.ADMIN: Text(
        "Du sköter personer, enheter, roller, delegationer, frånvaro och utskick. Ärenden handlägger du inte.",
        "You look after people, units, roles, mandates, absences and messages. You do no casework.",
    ),
}
"""What a role does that stands in no process."""


@dataclass(frozen=True, slots=True)
class RolePage:
    """A role with its duties in every process, and where the reader holds it today."""

    role: Role
    units: tuple[Text, ...]
    beyond: Text | None
    duties: tuple[Duties, ...]


@router.get("/my-role")
def my_role(visit: Visiting, role: str = "") -> Response:
    """Show the roles the reader holds today, or the one asked for."""
    asked = _asked(role)
    held = [each for each in HELD if each in visit.roles]
    shown = [asked] if asked else held
    return visit.page("my_role.html", pages=[page_of(visit, each) for each in shown], asked=asked, held=held, all=HELD)


def page_of(visit: Visit, role: Role) -> RolePage:
    """What a role does, for the reader."""
    units = visit.organisation.units
    where = tuple(
        Text(units[each.unit].name_sv, units[each.unit].name_en)
        for each in visit.organisation.roles_of(visit.person, visit.speech.today)
        if each.role is role
    )
    return RolePage(role, where, BEYOND.get(role), duties(visit.house.catalogue, role))


def _asked(role: str) -> Role | None:
    """The role named in the address. Raises NotHere for one that nobody can hold."""
    found = next((each for each in HELD if each == role), None)
    if role and found is None:
        raise NotHere
    return found
