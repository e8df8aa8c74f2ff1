"""For auditors: what happened across all cases, who read what, who changed rights and units. All of it is only read."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.auditing import Audit, EventFilter
from engine.model import Kind
from engine.people import wrong
from engine.vocabulary import Role, Text
from service.pages.admin import about
from service.pages.visiting import Visit, Visiting
from service.sent import is_text
from service.shapes import is_id

router = APIRouter(prefix="/audit", include_in_schema=False)

PAGE: Final = 50
LONGEST: Final = 40
"""Characters of a number; no case has a longer one."""

KINDS: Final[dict[Kind, Text]] = {
    Kind.OPENED: Text("öppnat", "opened"),
    Kind.MOVED: Text("steg taget", "step taken"),
    Kind.RECORDED: Text("antecknat", "noted"),
    Kind.CORRECTED: Text("rättat", "corrected"),
    Kind.COMMENTED: Text("kommenterat", "commented"),
    Kind.ASSIGNED: Text("tilldelat", "assigned"),
    Kind.LINKED: Text("kopplat", "linked"),
    Kind.RUNG_FIRED: Text("påminnelse eller eskalering", "reminder or escalation"),
    Kind.DEADLINE_CHANGED: Text("frist ändrad", "deadline changed"),
    Kind.PLACE_TAKEN: Text("plats tagen", "place taken"),
    Kind.PLACE_FREED: Text("plats frigjord", "place freed"),
    Kind.REOPENED: Text("återupptaget", "reopened"),
    Kind.MIGRATED: Text("överfört till ny version", "carried over to a new version"),
    Kind.ERASED: Text("uppgifter raderade", "details erased"),
    Kind.RESTORED: Text("återställt", "restored"),
}
"""What happened, in words."""


def _day(written: str | None, name: str) -> date | None:
    try:
        return date.fromisoformat(written) if written else None
    except ValueError:
        raise wrong(name, "ska vara ett datum, ÅÅÅÅ-MM-DD.", "must be a date, YYYY-MM-DD.") from None


def _text(written: str | None, name: str) -> str | None:
    """A case's number as it was typed. Raises BadFields for what no database can look for."""
    text = (written or "").strip()
    if len(text) > LONGEST or not is_text(text):
        raise wrong(name, f"högst {LONGEST} tecken text.", f"at most {LONGEST} characters of text.")
    return text or None


@router.get("")
def events(
    *,
    visit: Visiting,
    workflow: str | None = None,
    kind: str | None = None,
    party: str | None = None,
    number: str | None = None,
    since: str | None = None,
    until: str | None = None,
    cursor: str | None = None,
) -> Response:
    """Show what happened across the cases the reader may read, newest first."""
    visit.must_hold(Role.AUDITOR, Role.ADMIN, Role.OFFICER)
    narrowed = EventFilter(
        workflow=(workflow,) if workflow in visit.house.catalogue.names else (),
        kind=(kind,) if kind in set(Kind) else (),
        party=party if party in {"clock", "import"} or (party and is_id(party)) else None,
        number=_text(number, "number"),
        from_day=_day(since, "since"),
        to_day=_day(until, "until"),
    )
    found = Audit(visit.house.cases).events(
        visit.institution, visit.person, narrowed=narrowed, cursor=cursor, limit=PAGE
    )
    return visit.page("audit.html", entries=found.items, cursor=found.next_cursor, kinds=KINDS, **_choices(visit))


@router.get("/readings")
def readings(
    *,
    visit: Visiting,
    case: str | None = None,
    person: str | None = None,
    since: str | None = None,
    until: str | None = None,
    cursor: str | None = None,
) -> Response:
    """Show who read which case on which day: everybody's to auditors, one's own to others."""
    number = _text(case, "case")
    found = Audit(visit.house.cases).readings(
        visit.institution,
        visit.person,
        case=visit.house.queries.numbered(visit.institution, visit.person, number) if number else None,
        reader=person if person and is_id(person) else None,
        from_day=_day(since, "since"),
        to_day=_day(until, "until"),
        cursor=cursor,
        limit=PAGE,
    )
    return visit.page("audit_readings.html", rows=found.items, cursor=found.next_cursor, **_choices(visit))


@router.get("/organisation")
def organisation(visit: Visiting) -> Response:
    """Show who changed roles, units, absences and the calendar, and when."""
    visit.must_hold(Role.AUDITOR, Role.ADMIN)
    changes = visit.house.directory.changes(visit.institution, limit=200)
    names = visit.house.directory.people(visit.institution, {each.by for each in changes})
    return visit.page("audit_organisation.html", changes=changes, names=names, about=about)


def _choices(visit: Visit) -> dict[str, Any]:
    """What the filters offer."""
    catalogue = visit.house.catalogue
    return {
        "workflows": [(name, catalogue.current(name).workflow.label) for name in catalogue.names],
        "given": visit.request.query_params,
    }
