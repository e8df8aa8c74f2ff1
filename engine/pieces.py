"""What one message owed says: the placeholders of its text, filled from what has been looked up.

A text names what it wants told by placeholders (`engine.vocabulary.MessageText`); each is
worked out only where a text asks for it, and no database is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol

from engine.catalogue import Catalogue
from engine.errors import DeliveryFailed
from engine.house_messages import COMMENT, NO_MAILBOX, OF_THE_HOUSE, REPLY
from engine.model import Case
from engine.organisation import Organisation
from engine.partners import Partner
from engine.people import PersonCard
from engine.store.owed_rows import Cause, OwedRow
from engine.telling import mailbox_of
from engine.vocabulary import MessageText, Text

DAYS = {
    "sv": ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MONTHS = {
    "sv": ("jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
LONGEST_LATE = timedelta(days=3653)
DAY = Text("arbetsdag", "working day")
WORKING_DAYS = Text("arbetsdagar", "working days")


class Doors(Protocol):
    """Makes a way to a page of the service that lets one person in. Asks no database."""

    def door(self, institution: str, person: str, path: str, *, about: str) -> str: ...


@dataclass(frozen=True)
class Letterhead:
    """Who writes. `base_url` is where the service is reached."""

    base_url: str
    from_address: str
    from_name: str
    doors: Doors | None


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked up for an institution's messages.

    `cases`, `people` and `partners` are by id, `causes` by the id of the row; `partner_of` has
    the partner's id by the case's, for the cases whose messages tell of it.
    """

    organisation: Organisation
    cases: Mapping[str, Case]
    causes: Mapping[str, Cause]
    partner_of: Mapping[str, str | None]
    people: Mapping[str, PersonCard]
    partners: Mapping[str, Partner]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every message of a batch is written with. `now` is when the batch was taken."""

    catalogue: Catalogue
    head: Letterhead
    now: datetime


class Piece:
    """What one row says: fills the placeholders of its text, in one language."""

    def __init__(self, desk: Desk, found: Found, row: OwedRow, case: Case) -> None:
        self.desk, self.found, self.row, self.case = desk, found, row, case
        self.cause = found.causes.get(row.id)
        self.language = "en"

    def __getitem__(self, placeholder: str) -> str:
        return WORDS[placeholder](self)

    @property
    def erased(self) -> bool:
        """Whether what was to be passed on has been erased since; then there is nothing to send."""
        return self.row.template == COMMENT and (self.cause is None or self.cause.told is None)

    def written(self, language: str) -> tuple[str, str]:
        """Subject and text."""
        self.language = language
        text = text_of(self.desk.catalogue, self.case, self.row)
        if text is None:
            raise DeliveryFailed(f"{self.case.workflow} has no message {self.row.template} any more", permanent=True)
        subject = said(text.subject, language).format_map(self)
        body = said(text.body, language).format_map(self)
        if self.row.template in OF_THE_HOUSE:
            # What somebody wrote is passed on just as they wrote it.
            return subject, body
        # A text stands below a greeting of its own line, so it begins with a capital.
        return subject, body[:1].upper() + body[1:]

    @property
    def outside(self) -> bool:
        """Whether the message goes to somebody who has no page of the case: its student, or the partner."""
        return self.row.recipient == f"person:{self.case.subject}" or self.row.recipient.startswith("partner:")

    def told(self, name: str) -> str:
        """What stands under a name in the detail of the event that owes the message."""
        told = self.cause.told if self.cause else None
        return str((told or {}).get(name) or "")

    def state(self) -> str:
        state = self.desk.catalogue.by_hash(self.case.definition).states[self.case.state]
        return said((state.subject_label if self.outside else None) or state.label, self.language)

    def unit(self) -> str:
        unit = self.found.organisation.units.get(self.case.unit)
        return (unit.name_sv if self.language == "sv" else unit.name_en) if unit else self.case.unit

    def person(self, person: str | None) -> str:
        card = self.found.people.get(person) if person else None
        return (card.name if card else None) or "–"

    def partner(self) -> str:
        """The name the case itself knows, else the register's for the partner it goes to."""
        partner = self.found.partners.get(self.found.partner_of.get(self.case.id) or "")
        return str(self.case.facts.get("partner_name") or (partner.name if partner else "–"))

    def url(self) -> str:
        """The way to the case for whoever the row is written to; staff are let in by it, where that is wished."""
        case, head, path = self.case, self.desk.head, f"/cases/{self.case.number}"
        kind, _, person = self.row.recipient.partition(":")
        if kind == "person" and person != case.subject and head.doors is not None:
            path = head.doors.door(case.institution, person, path, about=self.row.id)
        return f"{head.base_url.rstrip('/')}{path}"

    def due_on(self) -> str:
        day = self._due()
        return written_day(day, self.language) if day else "–"

    def days_late(self) -> str:
        calendar = self.found.organisation.calendar(self.case.unit)
        today, day = calendar.local_date(self.desk.now), self._due()
        # A day far back is a slip of the pen; the days since are not worth counting one by one.
        since = max(day, today - LONGEST_LATE) if day else today
        late = max(calendar.working_days_between(since, today), 0)
        return f"{late} {said(DAY if late == 1 else WORKING_DAYS, self.language)}"

    def _due(self) -> date | None:
        asked = self.row.deadline
        days = (row.due_on for row in self.case.deadlines if asked is None or row.name == asked)
        return min((day for day in days if day is not None), default=None)

    def sender(self) -> str:
        """Who wrote; an erased person, or what is no person, writes in the name of the house."""
        card = self.found.people.get(self.cause.party) if self.cause else None
        return (card.name if card else None) or self.desk.head.from_name

    def way(self) -> str:
        """The way to the case; of whoever has no page of it, where an answer goes."""
        if not self.outside:
            return self.url()
        text = REPLY if mailbox_of(self.found.organisation, self.case.unit) else NO_MAILBOX
        return said(text, self.language).format_map(self)

    def mailbox(self) -> str:
        box = mailbox_of(self.found.organisation, self.case.unit)
        return (box.mailbox if box else None) or ""


WORDS: Final[Mapping[str, Callable[[Piece], str]]] = {
    "number": lambda piece: piece.case.number,
    "title": lambda piece: piece.case.title,
    "state": Piece.state,
    "unit": Piece.unit,
    "name": lambda piece: piece.person(piece.case.subject),
    "assignee": lambda piece: piece.person(piece.case.assignee),
    "url": Piece.url,
    "reason": lambda piece: piece.told("reason") or "–",
    "partner": Piece.partner,
    "due_on": Piece.due_on,
    "days_late": Piece.days_late,
    "sender": Piece.sender,
    "text": lambda piece: piece.told("text").strip(),
    "way": Piece.way,
    "mailbox": Piece.mailbox,
}
"""What stands for each placeholder."""


def text_of(catalogue: Catalogue, case: Case, row: OwedRow) -> MessageText | None:
    """The text of a row, as the newest file has it; None where there is none any more."""
    texts = catalogue.current(case.workflow).workflow.messages
    declared = next((text for text in texts if text.name == row.template), None)
    return OF_THE_HOUSE.get(row.template, declared)


def said(text: Text, language: str) -> str:
    """The text in one of the two languages."""
    return text.sv if language == "sv" else text.en


def written_day(day: date, language: str) -> str:
    """A day as people write it: `mån 4 maj 2026`, `Mon 4 May 2026`."""
    month = MONTHS[language][day.month - 1]
    return f"{DAYS[language][day.weekday()]} {day.day} {month} {day.year}"
