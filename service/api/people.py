"""Who is who: the caller, the units, the people who hold roles."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, Request
from starlette.responses import Response

from engine.organisation import Organisation, UnitRow
from service.answering import page, plain
from service.auth import SignedIn, TheHouse
from service.compose import House
from service.models import Me, PersonPage, PersonRead, RoleRead, UnitList, UnitRead, Words
from service.openapi import NEXT, answers
from service.problems import NotAllowed
from service.reading import ROOT
from service.shapes import Cursor, Limit

router = APIRouter(prefix=ROOT, tags=["people"])


@router.get("/me", response_model=Me, responses=answers(), operation_id="read_me")
def read_me(caller: SignedIn, house: TheHouse) -> Response:
    """Read who you are, and which roles you hold today."""
    person = house.queries.person(caller.institution, caller.person)
    return plain(
        Me(
            id=caller.person,
            name=person.name if person else None,
            email=person.email if person else None,
            language=person.language if person else "sv",
            roles=_roles(house, house.queries.organisation(caller.institution), caller.person),
        )
    )


@router.get("/units", response_model=UnitList, responses=answers(), operation_id="list_units")
def list_units(caller: SignedIn, house: TheHouse) -> Response:
    """List the units, each after its parent."""
    organisation = house.queries.organisation(caller.institution)
    return plain(UnitList(items=[_unit(row) for row in _tree(organisation, None)]))


@router.get("/people", response_model=PersonPage, responses=answers(403, headers=NEXT), operation_id="list_people")
def list_people(
    request: Request, caller: SignedIn, house: TheHouse, cursor: Cursor = None, limit: Limit = 50
) -> Response:
    """List those who hold a role today, by name. Only for those who hold one themselves."""
    if not house.queries.holds(caller.institution, caller.person):
        raise NotAllowed
    found = house.queries.list_people(caller.institution, cursor=cursor, limit=limit)
    organisation = house.queries.organisation(caller.institution)
    items = [
        PersonRead(id=each.id, name=each.name, email=each.email, roles=_roles(house, organisation, each.id))
        for each in found.items
    ]
    return page(request, PersonPage(items=items, next_cursor=found.next_cursor))


def _roles(house: House, organisation: Organisation, person: str) -> list[RoleRead]:
    day = organisation.calendar(organisation.institution).day_at(house.queries.now())
    return [
        RoleRead(role=held.role, unit=held.unit, starts_on=held.span.starts_on, ends_on=held.span.ends_on)
        for held in organisation.roles_of(person, day)
    ]


def _tree(organisation: Organisation, parent: str | None) -> Iterator[UnitRow]:
    for unit in sorted(organisation.units.values(), key=lambda unit: unit.code):
        if unit.parent == parent:
            yield unit
            yield from _tree(organisation, unit.code)


def _unit(row: UnitRow) -> UnitRead:
    return UnitRead(code=row.code, name=Words(sv=row.name_sv, en=row.name_en), parent=row.parent, mailbox=row.mailbox)
