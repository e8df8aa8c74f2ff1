"""The administration's front page, the messages owed, the deadlines, and the trial office's clock."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.responses import Response

from engine.errors import BadFields
from engine.people import wrong
from engine.store.worklists import DeadlineFilter
from engine.testclock import ClockRefused
from engine.vocabulary import Reason, Role, Text
from service.health import readiness
from service.pages.administering import needed_day
from service.pages.posting import Posted, Posting
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere
from service.shapes import is_id

router = APIRouter(prefix="/admin", include_in_schema=False)

PAGE: Final = 50
STATES: Final = {
    "waiting": Text("väntar på att skickas", "waiting to be sent"),
    "sent": Text("skickat", "sent"),
    "dead": Text("gick inte att skicka", "could not be sent"),
}
"""The states of a message owed, in words."""

CHANGES: Final = {
    "person": Text("person", "person"),
    "roles": Text("roller", "roles"),
    "mandates": Text("delegationer", "mandates"),
    "absences": Text("frånvaro", "absences"),
    "keys": Text("åtkomstnycklar", "access keys"),
    "sessions": Text("utloggning av någon", "somebody signed out"),
    "unit": Text("enhet", "unit"),
    "units": Text("enheter", "units"),
    "closing days": Text("stängda dagar", "closing days"),
    "partner": Text("partner", "partner"),
    "demo office": Text("provkontoret", "trial office"),
}
"""What a change of the organisation was about, in words."""


@router.get("")
def front(visit: Visiting) -> Response:
    """Show how things stand: messages, the clock's last look, what was changed by whom."""
    visit.must_hold(Role.ADMIN)
    changes = visit.house.directory.changes(visit.institution, limit=20)
    names = visit.house.directory.people(visit.institution, {each.by for each in changes})
    return visit.page(
        "admin.html",
        ready=readiness(visit.house),
        owed=visit.house.queries.outbox_counts_for(visit.institution, visit.person),
        changes=[(each, names[each.by].name if each.by in names else None, about(each.what)) for each in changes],
    )


def about(what: str) -> Text:
    """What a change was about; what comes from elsewhere is shown as it was noted."""
    return CHANGES.get(what, Text(what, what))


@router.get("/outbox")
def outbox(visit: Visiting, state: str | None = None, cursor: str | None = None) -> Response:
    """List messages, newest first; those that could not be sent can be sent again."""
    visit.must_hold(Role.ADMIN, Role.OFFICER)
    queries = visit.house.queries
    chosen = state if state in STATES else None
    found = queries.list_outbox(visit.institution, visit.person, state=chosen, cursor=cursor, limit=PAGE)
    titles = queries.titles(visit.institution, [row["case_id"] for row in found.items])
    return visit.page(
        "admin_outbox.html",
        rows=found.items,
        cursor=found.next_cursor,
        titles=titles,
        whom=_recipients(visit, [str(row["recipient"]) for row in found.items]),
        states=STATES,
        chosen=chosen,
    )


def _recipients(visit: Visit, recipients: list[str]) -> dict[str, str]:
    """Who each message is to, by the recipient's code."""
    pairs = {each: each.partition(":")[::2] for each in recipients}
    people = visit.house.directory.people(visit.institution, {to for kind, to in pairs.values() if kind == "person"})
    found: dict[str, str] = {}
    for code, (kind, to) in pairs.items():
        if kind == "person":
            found[code] = (people[to].name if to in people else None) or "–"
        elif kind == "unit":
            found[code] = visit.unit_name(to)
        elif kind == "partner":
            partner = visit.house.directory.partner(visit.institution, to)
            found[code] = partner.name if partner else "–"
    return found


@router.post("/outbox/{owed}/retry")
async def retry(form: Posting, owed: str) -> Response:
    """Send a message again that could not be sent."""

    def work(visit: Visit) -> Response:
        visit.must_hold(Role.ADMIN, Role.OFFICER)
        known = is_id(owed) and visit.house.queries.owed(visit.institution, visit.person, owed) is not None
        if not known or not visit.house.outbox.retry(visit.institution, owed):
            raise NotHere
        return visit.go("/admin/outbox?state=dead")

    return await form.run(work)


@router.get("/deadlines")
def deadlines(visit: Visiting, overdue: bool | None = None, cursor: str | None = None) -> Response:  # noqa: FBT001 - a query has names
    """List running deadlines, the soonest first."""
    visit.must_hold(Role.ADMIN, Role.OFFICER, Role.AUDITOR)
    found = visit.house.queries.list_deadlines(
        visit.institution, visit.person, narrowed=DeadlineFilter(overdue=overdue), cursor=cursor, limit=PAGE
    )
    catalogue = visit.house.catalogue
    labels = {
        (name, deadline.name): deadline.label
        for name in catalogue.names
        for deadline in catalogue.current(name).workflow.deadlines
    }
    return visit.page(
        "admin_deadlines.html", rows=found.items, cursor=found.next_cursor, labels=labels, overdue=overdue
    )


@router.get("/messages")
def messages(visit: Visiting) -> Response:
    """Show every text that is sent by itself, in both languages, as it is written in the processes."""
    visit.must_hold(Role.ADMIN, Role.OFFICER, Role.AUDITOR)
    catalogue = visit.house.catalogue
    return visit.page("admin_messages.html", processes=[catalogue.current(name).workflow for name in catalogue.names])


@router.get("/clock")
def clock(visit: Visiting) -> Response:
    """Show where the trial office's clock stands."""
    return _clock(visit, (), {})


def _clock(visit: Visit, reasons: tuple[Reason, ...], typed: dict[str, Any], fired: int | None = None) -> Response:
    visit.must_hold(Role.ADMIN)
    if visit.house.mover is None:
        raise NotHere
    status = 422 if reasons else 200
    return visit.page("admin_clock.html", status, reasons=reasons, typed=typed, fired=fired)


@router.post("/clock")
async def move_clock(form: Posting) -> Response:
    """Move the trial office's clock forward; everything due on the way happens at its own instant."""

    def work(visit: Visit) -> Response:
        visit.must_hold(Role.ADMIN)
        if visit.house.mover is None:
            raise NotHere
        try:
            fired = visit.house.mover.move(_instant(visit, form))
        except BadFields as refused:
            return _clock(visit, refused.reasons, {"day": form.one("day"), "time": form.one("time")})
        except ClockRefused as refused:
            return _clock(
                visit, (Reason("field:day", refused.text),), {"day": form.one("day"), "time": form.one("time")}
            )
        return visit.go(f"/admin/clock?fired={fired}")

    return await form.run(work)


def _instant(visit: Visit, form: Posted) -> datetime:
    """The local day and time that were given, as an instant. Raises BadFields."""
    try:
        wall = time.fromisoformat(form.one("time") or "09:00")
    except ValueError:
        raise wrong("time", "ska vara ett klockslag, TT:MM.", "must be a time of day, HH:MM.") from None
    return datetime.combine(needed_day(form, "day"), wall, ZoneInfo(visit.speech.calendar.zone))
