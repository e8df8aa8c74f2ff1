"""Saved views: lists kept under a name, and those that come with a role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from fastapi import APIRouter
from starlette.responses import Response

from engine.errors import BadFields
from engine.vocabulary import Reason, Role, Text
from service.pages.filters import read_query
from service.pages.posting import Posted, Posting
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere
from service.shapes import is_id

router = APIRouter(include_in_schema=False)

PAGES: Final = ("/tasks", "/cases", "/waiting")
POOL: Final = "pool"


@dataclass(frozen=True, slots=True)
class Default:
    """A view that comes with a role. `query` is that of the page."""

    role: Role
    name: Text
    page: str
    query: str


DEFAULTS: Final = (
    Default(Role.REVIEWER, Text("Att bedöma", "To assess"), "/tasks",
        "workflow=eligibility_review&state=requested&state=under_review"),
    Default(Role.REVIEWER, Text("Att ta", "To take"), "/tasks", "pool=1"),
    Default(Role.HEAD, Text("Granskningar som är försenade", "Reviews that are overdue"), "/cases",
        "workflow=eligibility_review&due=overdue"),
    Default(Role.HEAD, Text("Avtal att utvärdera", "Agreements to evaluate"), "/cases",
        "workflow=agreement_renewal&state=evaluating"),
    Default(Role.COORDINATOR, Text("Att nominera", "To nominate"), "/cases",
        "workflow=outgoing_exchange&state=place_accepted"),
    Default(Role.COORDINATOR, Text("Nomineringar att besvara", "Nominations to answer"), "/cases",
        "workflow=incoming_nomination&state=nominated"),
    Default(Role.COORDINATOR, Text("Learning Agreement på väg", "Learning agreements under way"), "/cases",
        "workflow=outgoing_exchange&state=accepted_by_partner"),
    Default(Role.OFFICER, Text("Försenat", "Overdue"), "/cases", "due=overdue"),
    Default(Role.OFFICER, Text("Utan handläggare", "Without an assignee"), "/cases", "assignee=none&open=open"),
    Default(Role.OFFICER, Text("Avtal under beredning", "Agreements under review"), "/cases",
        "workflow=agreement&state=under_review"),
    Default(Role.ADMISSIONS, Text("Beslut att föra in", "Decisions to enter"), "/cases",
        "workflow=eligibility_review&state=eligible&state=ineligible"),
    Default(Role.ADMISSIONS, Text("Inresande under prövning", "Incoming under review"), "/cases",
        "workflow=incoming_nomination&state=under_review"),
    Default(Role.RECOGNISER, Text("Tillgodoräknanden att besluta", "Recognition to decide"), "/cases",
        "workflow=outgoing_exchange&state=transcript_received&state=recognition_pending"),
    Default(Role.SIGNATORY, Text("Att underteckna", "To sign"), "/cases",
        "workflow=agreement&state=awaiting_signature"),
    Default(Role.AUDITOR, Text("Nyligen avslutade", "Closed lately"), "/cases", "open=closed&sort=-updated"),
)  # fmt: skip
"""The views that come along, by role, in the order of the day's work."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A view as a link. `unit` is the unit's name where it is one's unit's; `mine` whether the reader may change it."""

    id: str
    name: str
    href: str
    unit: str | None
    mine: bool
    current: bool


def defaults_of(visit: Visit) -> tuple[Shown, ...]:
    """The views that come with the reader's roles, for processes this installation has."""
    names = visit.house.catalogue.names
    return tuple(
        _shown(visit, "", visit.speech.text(each.name), each.page, each.query)
        for each in DEFAULTS
        if each.role in visit.roles and all(v in names for n, v in parse_qsl(each.query) if n == "workflow")
    )


def saved_by(visit: Visit) -> tuple[Shown, ...]:
    """The views the reader sees, their own and their units'; one statement."""
    cards = visit.house.saved_views.of(visit.organisation, visit.person)
    return tuple(
        _shown(visit, card.id, card.name, card.page, card.query, unit=card.unit, mine=card.owner == visit.person)
        for card in cards
    )


def _shown(
    visit: Visit, view: str, name: str, page: str, query: str, *, unit: str | None = None, mine: bool = False
) -> Shown:
    request = visit.request
    here = request.url.path == page and sorted(parse_qsl(request.url.query)) == sorted(parse_qsl(query))
    row = visit.organisation.units.get(unit) if unit else None
    called = visit.speech.text(Text(row.name_sv, row.name_en)) if row else unit
    return Shown(view, name, f"{page}?{query}" if query else page, called, mine, here)


@router.get("/views")
def views(visit: Visiting) -> Response:
    """Show all views the reader has, to be renamed and removed."""
    return _page(visit)


@router.post("/views")
async def save(form: Posting) -> Response:
    """Keep the list somebody looks at, under a name."""

    def work(visit: Visit) -> Response:
        page, unit = form.one("page"), form.one("unit") or None
        if page not in PAGES:
            raise NotHere
        try:
            query = clean_query(visit, form.one("query"))
            visit.house.saved_views.save(
                visit.organisation, visit.person, name=form.one("name"), page=page, query=query, unit=unit
            )
        except BadFields as refused:
            return _page(visit, refused.reasons, form)
        return visit.go(f"{page}?{query}" if query else page)

    return await form.run(work)


@router.post("/views/{view}/rename")
async def rename(form: Posting, view: str) -> Response:
    """Give one's own view another name."""

    def work(visit: Visit) -> Response:
        try:
            if not is_id(view):
                raise NotHere
            if not visit.house.saved_views.rename(visit.institution, visit.person, view, name=form.one("name")):
                raise NotHere
        except BadFields as refused:
            return _page(visit, refused.reasons)
        return visit.go("/views")

    return await form.run(work)


@router.post("/views/{view}/remove")
async def remove(form: Posting, view: str) -> Response:
    """Remove one's own view."""

    def work(visit: Visit) -> Response:
        if not is_id(view) or not visit.house.saved_views.remove(visit.institution, visit.person, view):
            raise NotHere
        return visit.go("/views")

    return await form.run(work)


def clean_query(visit: Visit, query: str) -> str:
    """The filters of a query string and nothing else of it. Raises BadFields."""
    kept = read_query(visit.house.catalogue, query).query
    pool = dict(parse_qsl(query[:2_000])).get(POOL) == "1"
    return "&".join(part for part in (kept, f"{POOL}=1" if pool else "") if part)


def units_to_save_for(visit: Visit) -> list[tuple[str, Text]]:
    """The units the reader may save a view for: code and name."""
    units = visit.organisation.units
    codes = visit.house.saved_views.units_of(visit.organisation, visit.person)
    return [(code, Text(units[code].name_sv, units[code].name_en)) for code in codes if code in units]


def _page(visit: Visit, reasons: tuple[Reason, ...] = (), form: Posted | None = None) -> Response:
    typed = {name: form.one(name) for name in ("name", "page", "query", "unit")} if form else None
    return visit.page(
        "views.html",
        422 if reasons else 200,
        saved=saved_by(visit),
        defaults=defaults_of(visit),
        units=units_to_save_for(visit),
        reasons=reasons,
        typed=typed,
    )
