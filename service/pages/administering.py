"""What the pages of the administration share: one change of the organisation, made by somebody who may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from starlette.responses import Response

from engine.administration import may_administer_person, works_here
from engine.changing import Change
from engine.errors import BadFields
from engine.people import PersonCard, wrong
from engine.recounting import recount
from engine.vocabulary import Reason, Role
from service.pages.posting import Posted
from service.pages.visiting import Visit
from service.problems import NotHere

Again = Callable[[Visit, tuple[Reason, ...], dict[str, str]], Response]


async def change(
    form: Posted,
    what: str,
    work: Callable[[Visit, Change], object],
    *,
    roles: tuple[Role, ...] = (Role.ADMIN,),
    back: Callable[[Visit], str],
    again: Again,
) -> Response:
    """Change the organisation as the person signed in, who must hold one of the roles when it happens.

    What cannot be read is shown again with what was typed; else the browser goes `back`.
    Deadlines that rest on a calendar or figure that moved are worked out anew.
    """

    def done(visit: Visit) -> Response:
        visit.must_hold(*roles)
        directory = visit.house.directory
        try:
            with directory.change(visit.institution, by=visit.person, what=what) as made:
                made.must_hold(visit.person, *roles)
                work(visit, made)
        except BadFields as refused:
            return again(visit, refused.reasons, {name: values[-1] for name, values in form.values.items()})
        if made.concerned:
            recount(visit.house.cases, directory.organisation(visit.institution))
        return visit.go(back(visit))

    return await form.run(done)


def day(form: Posted, name: str) -> date | None:
    """A day as a date field sends it; None where it was left empty. Raises BadFields."""
    written = form.one(name).strip()
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise wrong(name, "ska vara ett datum, ÅÅÅÅ-MM-DD.", "must be a date, YYYY-MM-DD.") from None


def needed_day(form: Posted, name: str) -> date:
    """A day that must be given. Raises BadFields."""
    found = day(form, name)
    if found is None:
        raise wrong(name, "måste fyllas i.", "must be given.")
    return found


def colleagues(visit: Visit, person: str) -> list[PersonCard]:
    """Who could stand in: everybody who holds a role in one of the person's units, by name."""
    organisation, today = visit.organisation, visit.speech.today
    units = {held.unit for held in organisation.roles_of(person, today)}
    ids = {held.person for held in organisation.memberships if held.unit in units and held.span.covers(today)}
    cards = visit.house.directory.people(visit.institution, ids - {person}).values()
    return sorted(cards, key=lambda card: card.name or "")


def must_be_there(visit: Visit, person: str) -> None:
    """Raise NotHere where somebody who works nowhere is not the visitor's business: a student, say.

    Whoever is new, or worked only where the visitor is an administrator, can be given a role by them.
    """
    organisation, today = visit.organisation, visit.speech.today
    theirs = may_administer_person(organisation, visit.person, person, today)
    if theirs or works_here(organisation, person, today):
        return
    worked = {each.unit for each in organisation.memberships if each.person == person}
    elsewhere = any(not organisation.holds(visit.person, Role.ADMIN, unit, today) for unit in worked)
    if elsewhere or visit.house.erasures.about(visit.institution, person):
        raise NotHere
