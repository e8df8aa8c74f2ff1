"""Calendars to subscribe to: a secret address for one's own deadlines or a saved view, and what stands there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from adapters.calendars import MEDIA_TYPE, Day, calendar
from engine.canonical import instant
from engine.errors import BadFields
from engine.feeds import Entry, Feed, entries
from engine.model import Case
from engine.vocabulary import Reason
from service.auth import house_of
from service.compose import House
from service.pages.filters import ME, NOBODY, read_query
from service.pages.posting import Posted, Posting
from service.pages.views import POOL, saved_by
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere
from service.sent import is_text

router = APIRouter(include_in_schema=False)

MOST_CASES: Final = 1_000
"""Cases in one calendar, those that are due first."""

AT_ONCE: Final = 200
MINE: Final = f"open=open&waits={ME}"


@router.get("/feeds")
def feeds(visit: Visiting) -> Response:
    """Show the addresses somebody has, and make new ones."""
    return _page(visit)


@router.post("/feeds")
async def make(form: Posting) -> Response:
    """Make an address. It is shown in the answer and never again."""

    def work(visit: Visit) -> Response:
        try:
            query = _query_of(visit, form)
            secret = visit.house.feeds.make(visit.caller, name=form.one("name"), query=query)
        except BadFields as refused:
            return _page(visit, reasons=refused.reasons, form=form)
        return _page(visit, made=f"{visit.house.settings.base_url}/feeds/{secret}.ics")

    return await form.run(work)


@router.post("/feeds/{feed}/revoke")
async def revoke(form: Posting, feed: str) -> Response:
    """Close an address; whoever asks there finds nothing from now on."""

    def work(visit: Visit) -> Response:
        if not is_text(feed) or not visit.house.feeds.revoke(visit.caller, feed):
            raise NotHere
        return visit.go("/feeds")

    return await form.run(work)


@router.get("/feeds/{secret}.ics")
def fetch(request: Request, secret: str) -> Response:
    """The calendar itself, for a program without a session."""
    house = house_of(request)
    feed = house.feeds.find(secret)
    if feed is None:
        raise NotHere
    days = [_day(house, feed, entry) for entry in entries(house.catalogue, _cases(house, feed))]
    return Response(calendar(feed.name, days, language=feed.language), media_type=MEDIA_TYPE)


def _cases(house: House, feed: Feed) -> Iterator[Case]:
    """The open cases of the list behind a feed, as its owner may read them now."""
    chosen = read_query(house.catalogue, feed.query).having(open="open")
    narrowed, cursor = chosen.narrowed(feed.caller.person), None
    for _ in range(MOST_CASES // AT_ONCE):
        page = house.queries.list_cases(
            feed.caller.institution, feed.caller.person, narrowed=narrowed, sort="due", cursor=cursor, limit=AT_ONCE
        )
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def _day(house: House, feed: Feed, entry: Entry) -> Day:
    label = entry.label.sv if feed.language == "sv" else entry.label.en
    return Day(
        uid=entry.uid,
        day=entry.day,
        words=f"{entry.number}: {label}",
        url=f"{house.settings.base_url}/cases/{entry.number}",
        version=entry.version,
        changed_at=instant(entry.changed_at),
    )


def _query_of(visit: Visit, form: Posted) -> str:
    """What the calendar is to hold: one's own tasks, or one of the views one sees. Raises NotHere."""
    wanted = form.one("view")
    if not wanted:
        return MINE
    cards = visit.house.saved_views.of(visit.organisation, visit.person)
    card = next((each for each in cards if each.id == wanted), None)
    if card is None:
        raise NotHere
    chosen = read_query(visit.house.catalogue, card.query)
    if card.page == "/tasks":
        pool = f"{POOL}=1" in card.query.split("&")
        chosen = chosen.having(waits=ME, **({"assignee": NOBODY} if pool else {}))
    return chosen.having(open="open").query


def _page(
    visit: Visit, *, made: str | None = None, reasons: tuple[Reason, ...] = (), form: Posted | None = None
) -> Response:
    return visit.page(
        "feeds.html",
        422 if reasons else 200,
        feeds=visit.house.feeds.of(visit.caller),
        views=[view for view in saved_by(visit) if not view.href.startswith("/waiting")],
        made=made,
        reasons=reasons,
        typed={name: form.one(name) if form else "" for name in ("name", "view")},
    )
