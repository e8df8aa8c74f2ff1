"""Handover on one page: for whoever takes over for good, and for a substitute. It prints on paper."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from fastapi import APIRouter
from starlette.responses import Response

from engine.administration import works_here
from engine.handing import LEADERS, Handover
from engine.partners import Partner
from engine.people import PersonCard
from engine.vocabulary import Role
from service.pages.handover_view import Leaving, absence_of, lines_of, partner_lines, unit_views
from service.pages.roles_page import page_of
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere
from service.shapes import is_id

router = APIRouter(include_in_schema=False)


@router.get("/handover")
def handover(visit: Visiting, giver: str = "", receiver: str = "") -> Response:
    """Show what somebody leaves (oneself, if nobody is named), and to whom."""
    handing, whose = visit.house.handing, giver or visit.person
    choices = handing.choices(visit.institution, visit.person, giver=whose)
    _must_be_among(choices.givers, whose)
    if receiver:
        _must_be_among(choices.receivers, receiver)
    found = handing.handover(visit.institution, visit.person, giver=whose, receiver=receiver or None)
    if found is None:
        raise NotHere
    knows_away = _may_know_away(visit, whose)
    if not receiver and not knows_away:
        found = replace(found, receiver=None, missing=(), out_of_reach=frozenset())
    leaving = _leaving(visit, found, knows_away=knows_away)
    return visit.page("handover.html", found=found, leaving=leaving, choices=choices, knows_away=knows_away)


def _must_be_among(cards: Collection[PersonCard], person: str) -> None:
    """Raise NotHere unless the person is one of them."""
    if not is_id(person) or all(card.id != person for card in cards):
        raise NotHere


def _may_know_away(visit: Visit, giver: str) -> bool:
    """Whether the visitor may know when somebody is away and who stands in: themselves, and who leads where they work.

    Whoever once led them hands over what they left, and is not told of their absences from another place.
    """
    organisation, today = visit.organisation, visit.speech.today
    units = {held.unit for held in works_here(organisation, giver, today)}
    return visit.person == giver or any(organisation.holds_any(visit.person, LEADERS, unit, today) for unit in units)


def _leaving(visit: Visit, found: Handover, *, knows_away: bool) -> Leaving:
    """What the page tells beside what is handed over itself."""
    lines = lines_of(visit, found)
    roles = tuple(role for role in Role if any(held.role is role for held in found.held))
    return Leaving(
        absence=absence_of(visit.organisation, found.giver.id, visit.speech.today) if knows_away else None,
        assigned=lines[: len(found.assigned)],
        pooled=lines[len(found.assigned) :],
        partners=partner_lines(found.partners, _partners(visit, found)),
        views=unit_views(visit, frozenset(held.unit for held in found.held)),
        roles=tuple(page_of(visit, role) for role in roles),
    )


def _partners(visit: Visit, found: Handover) -> dict[str, Partner]:
    ids = {partner.id for partner in found.partners if partner.id}
    return visit.house.directory.partners(visit.institution, ids)
