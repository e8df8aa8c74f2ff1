"""A small office to be killed in: one unit, a reviewer, admissions, a head, an officer."""

from __future__ import annotations

from service.compose import House

INSTITUTION = "crash.example"
UNIT = "crash.example"
ROLES = ("reviewer", "admissions", "head", "officer")


def people_the_office(house: House) -> dict[str, str]:
    """Make the unit and its people; a token a role."""
    people: dict[str, str] = {}
    with house.directory.change(INSTITUTION, by="crash", what="office") as change:
        change.root()
        change.unit(UNIT, name_sv="Kraschuniversitetet", name_en="Crash University", mailbox="io@example.org")
        for role in ROLES:
            card = change.person(email=f"{role}@example.org", name=role.title(), language="sv")
            change.member(card.id, role, UNIT)
            people[role] = card.id
    return {role: house.directory.issue_token(INSTITUTION, people[role]) for role in ROLES}
