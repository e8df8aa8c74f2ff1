"""The bank of reasons: what one writes often, kept to be inserted; shared with a unit where one works."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from engine.errors import BadFields
from engine.reasons import ReasonCard, Wanted
from engine.vocabulary import Reason
from service.pages.form_shown import faults_of
from service.pages.posting import Posted, Posting
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere

router = APIRouter(include_in_schema=False)


@router.get("/reasons")
def reasons_page(visit: Visiting) -> Response:
    """Show the reasons one can insert, and add one."""
    return _page(visit, Wanted("", "", "", None))


@router.post("/reasons")
async def add_reason(form: Posting) -> Response:
    """Keep a new reason."""

    def work(visit: Visit) -> Response:
        wanted = _wanted(form)
        try:
            visit.house.reasons.add(visit.organisation, visit.person, wanted)
        except BadFields as refused:
            return _page(visit, wanted, refused.reasons, 422)
        return visit.go("/reasons?saved=1")

    return await form.run(work)


@router.get("/reasons/{reason}")
def reason_page(visit: Visiting, reason: str) -> Response:
    """Change or remove one's own reason."""
    card = _own(visit, reason)
    return _one(visit, card, Wanted(card.name, card.text_sv, card.text_en, card.unit))


@router.post("/reasons/{reason}")
async def change_reason(form: Posting, reason: str) -> Response:
    """Change one's own reason, or remove it."""

    def work(visit: Visit) -> Response:
        card, wanted = _own(visit, reason), _wanted(form)
        if form.one("do") == "remove":
            visit.house.reasons.remove(visit.institution, visit.person, card.id)
            return visit.go("/reasons?saved=1")
        try:
            visit.house.reasons.change(visit.organisation, visit.person, card.id, wanted)
        except BadFields as refused:
            return _one(visit, card, wanted, refused.reasons, 422)
        return visit.go("/reasons?saved=1")

    return await form.run(work)


def _wanted(form: Posted) -> Wanted:
    return Wanted(form.one("name"), form.one("text_sv"), form.one("text_en"), form.one("unit") or None)


def _own(visit: Visit, reason: str) -> ReasonCard:
    """One's own reason. Raises NotHere, also for somebody else's."""
    found = visit.house.reasons.of(visit.organisation, visit.person)
    card = next((card for card in found if card.id == reason and card.owner == visit.person), None)
    if card is None:
        raise NotHere
    return card


def _page(visit: Visit, wanted: Wanted, reasons: tuple[Reason, ...] = (), status: int = 200) -> Response:
    cards = visit.house.reasons.of(visit.organisation, visit.person)
    names = visit.house.queries.names(visit.institution, {card.owner for card in cards})
    return visit.page(
        "reasons.html",
        status,
        cards=cards,
        names=names,
        wanted=wanted,
        units=visit.house.reasons.units_of(visit.organisation, visit.person),
        reasons=reasons,
        faults=faults_of(reasons),
    )


def _one(
    visit: Visit, card: ReasonCard, wanted: Wanted, reasons: tuple[Reason, ...] = (), status: int = 200
) -> Response:
    return visit.page(
        "reasons_one.html",
        status,
        card=card,
        wanted=wanted,
        units=visit.house.reasons.units_of(visit.organisation, visit.person),
        reasons=reasons,
        faults=faults_of(reasons),
    )
