"""Writes days as a calendar that others can subscribe to (RFC 5545, RFC 7986)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from icalendar import Event

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
MAKER: Final = "-//Färdplan//Färdplan//SV"
ASK_AGAIN: Final = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Day:
    """One whole day in the calendar. `uid` is its name for good; `changed_at` is aware."""

    uid: str
    day: date
    words: str
    url: str
    version: int
    changed_at: datetime


def calendar(name: str, days: Iterable[Day], *, language: str) -> bytes:
    """The calendar as it is fetched. Whole days block nobody's time."""
    # Read in with the first calendar: it takes a thirtieth of a start.
    from icalendar import Calendar, vText  # noqa: PLC0415

    made = Calendar()
    made.add("prodid", MAKER)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    # The library takes these two for values of no kind and would write them as they are (RFC 5545 3.3.11).
    made.add("name", vText(name, params={"LANGUAGE": language}))
    made.add("x-wr-calname", vText(name))
    made.add("refresh-interval", ASK_AGAIN, {"value": "DURATION"})
    for each in days:
        made.add_component(_event(each, language))
    return bytes(made.to_ical())


def _event(each: Day, language: str) -> Event:
    from icalendar import Event  # noqa: PLC0415 - as above

    event = Event()
    event.add("uid", each.uid)
    event.add("dtstamp", each.changed_at)
    event.add("last-modified", each.changed_at)
    event.add("sequence", each.version)
    event.add("dtstart", each.day)
    event.add("dtend", each.day + timedelta(days=1))
    event.add("summary", each.words, {"language": language})
    event.add("url", each.url)
    event.add("transp", "TRANSPARENT")
    return event
