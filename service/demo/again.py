"""Meets a visitor who comes back: the office is there already, and stays as it was left."""

from __future__ import annotations

from engine.organisation import Organisation
from engine.vocabulary import Role
from service.compose import House
from service.demo.welcome import Visitor, people_to_be

VISITED = (
    Role.REVIEWER, Role.COORDINATOR, Role.OFFICER, Role.ADMISSIONS, Role.HEAD, Role.RECOGNISER, Role.AUDITOR,
    Role.ADMIN,
)  # fmt: skip
DEMO_DOMAIN = ".example.org"
"""Domains under example.org belong to nobody (RFC 2606)."""


def welcome_back(house: House) -> str:
    """Say who one may be, with new tokens: the old ones are kept nowhere.

    Where the database holds no demo but an office of its own, nobody is given a token.
    """
    institution = house.settings.institution
    organisation = house.directory.organisation(institution)
    found = [_visitor(house, organisation, role) for role in VISITED]
    visitors = [visitor for visitor in found if visitor is not None]
    if not visitors:
        return "The database is not empty, and holds no demo office; it stays as it is."
    opens = f"  {house.settings.base_url}/openapi.json            every call, described"
    return (
        "The demo office is there already and stays as it was left. To begin anew, remove its database.\n\n"
        f"Open\n{opens}\n\n{people_to_be(visitors)}"
    )


def _visitor(house: House, organisation: Organisation, role: Role) -> Visitor | None:
    """Somebody who holds the role and comes from the demo: its people have addresses nobody else has."""
    day = organisation.calendar(organisation.institution).local_date(house.clock.now())
    for held in organisation.memberships:
        if held.role is not role or not held.span.covers(day):
            continue
        card = house.directory.person(organisation.institution, held.person)
        if card and card.name and card.email and card.email.endswith(DEMO_DOMAIN):
            token = house.directory.issue_token(organisation.institution, card.id, "demo")
            return Visitor(card.id, card.name, card.email, (role,), held.unit, token)
    return None
