"""Writes the messages that are owed, in the recipient's language, from the cases as they now are.

No personal data waits in the outbox: names, addresses and words are looked up here, at
delivery (DESIGN 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from engine.canonical import instant, micros
from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.errors import DeliveryFailed
from engine.history import History
from engine.house_messages import COMMENT, NO_MAILBOX, OF_THE_HOUSE, REPLY
from engine.model import Case, Snapshot
from engine.organisation import Organisation
from engine.partners import Partner
from engine.people import PersonCard
from engine.ports import Message
from engine.store import partner_rows, person_rows
from engine.store.event_rows import Written
from engine.store.ledger import Plan
from engine.store.owed_rows import OwedRow
from engine.store.rows import read_organisation
from engine.store.store import Store
from engine.telling import mailbox_of, partner_of
from engine.views import Lens
from engine.vocabulary import MessageText, Text

DAYS = {
    "sv": ("mån", "tis", "ons", "tors", "fre", "lör", "sön"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
MONTHS = {
    "sv": ("jan", "feb", "mars", "april", "maj", "juni", "juli", "aug", "sep", "okt", "nov", "dec"),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
GROUP_SUBJECT = Text("{count} ärenden väntar på dig", "{count} cases are waiting for you")
GROUP_INTRO = Text("Det här är försenat eller ska snart vara klart:", "Overdue, or due soon:")
FORWARD = Text(
    "Partnern {partner} har ingen e-postadress i registret. Skicka gärna detta vidare:",
    "The partner {partner} has no e-mail address in the register. Please pass this on:",
)
LONGEST_LATE = timedelta(days=3653)
DAY = Text("arbetsdag", "working day")
WORKING_DAYS = Text("arbetsdagar", "working days")
GREETING = Text("Hej {name}!", "Dear {name},")
SIGNED = Text("Hälsningar\n{from_name}", "Kind regards\n{from_name}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes. `note` stands above the text, where it is to be passed on."""

    name: str
    email: str
    language: str
    note: str | None = None


class Doors(Protocol):
    """Makes a way to a page of the service that lets one person in."""

    def door(self, institution: str, person: str, path: str, *, about: str) -> str: ...


@dataclass(frozen=True)
class Writer:
    """Renders what the outbox owes. `base_url` is where the service is reached."""

    store: Store
    catalogue: Catalogue
    base_url: str
    from_address: str
    from_name: str = "Färdplan"
    doors: Doors | None = None

    def render(self, rows: Sequence[OwedRow], now: datetime) -> Message | None:
        """One message for all rows. Raises DeliveryFailed where there is no address."""
        first = rows[0]
        organisation, cases = self._as_now(first.institution, (row.case for row in rows))
        rows = [row for row in rows if row.case in cases and not self._erased(row)]
        if not rows:
            return None
        lens = Lens(self.catalogue, Snapshot(micros(now), organisation, cases))
        case = cases[rows[0].case]
        address = self._address(first, lens, case)
        today = organisation.calendar(case.unit).local_date(now)
        pieces = [self._piece(row, cases[row.case], lens, address, today) for row in rows]
        subject, text = pieces[0] if len(pieces) == 1 else self._together(pieces, address)
        return Message(
            key=first.id,
            institution=first.institution,
            to_name=address.name,
            to_address=address.email,
            from_name=self.from_name,
            from_address=self.from_address,
            subject=subject,
            text=self._letter(text, address),
            language=address.language,
            written_at=instant(first.created_at),
        )

    def next_day(self, row: OwedRow, now: datetime) -> int:
        """When the recipient's first working window after today opens."""
        organisation, cases = self._as_now(row.institution, (row.case,))
        calendar = organisation.calendar(cases[row.case].unit)
        kind, _, person = row.recipient.partition(":")
        tomorrow = calendar.end_of(calendar.local_date(now))
        return micros(
            calendar.next_window(
                tomorrow,
                works_on=lambda day: kind != "person" or organisation.works_on(person, day),
            )
        )

    def _as_now(self, institution: str, cases: Iterable[str]) -> tuple[Organisation, Mapping[str, Case]]:
        """The organisation and these cases, as they are at delivery."""
        with self.store.step() as ledger:
            organisation = read_organisation(institution, ledger.organisation_rows(institution))
            return organisation, ledger.read(Plan(institution, tuple(dict.fromkeys(cases)))).cases

    # Who it goes to.

    def _address(self, row: OwedRow, lens: Lens, case: Case) -> Address:
        kind, _, name = row.recipient.partition(":")
        if kind == "person":
            return self._person(row.institution, name)
        if kind == "unit":
            return _mailbox(lens.organisation, name)
        found = self._partner(row.institution, name)
        if found is None or not found.email:
            mailbox = _mailbox(lens.organisation, case.unit)
            note = _said(FORWARD, mailbox.language).format(partner=self._partner_name(lens, case))
            return Address(mailbox.name, mailbox.email, mailbox.language, note)
        return Address(found.name, found.email, _spoken(found.language))

    def _person(self, institution: str, person: str) -> Address:
        found = self._card(institution, person)
        if found is None or not found.email:
            raise DeliveryFailed("the person has no e-mail address any more", permanent=True)
        return Address(found.name or "", found.email, _spoken(found.language))

    def _card(self, institution: str, person: str) -> PersonCard | None:
        with self.store.reads() as connection:
            return person_rows.by_id(connection, institution, [person]).get(person)

    def _partner(self, institution: str, partner: str) -> Partner | None:
        with self.store.reads() as connection:
            return partner_rows.get(connection, institution, partner)

    # What it says.

    def _piece(
        self,
        row: OwedRow,
        case: Case,
        lens: Lens,
        address: Address,
        today: date,
    ) -> tuple[str, str]:
        if row.template in OF_THE_HOUSE:
            return self._comment(row, case, lens, address.language)
        text = _template(self.catalogue.current(case.workflow), row.template)
        calendar = lens.organisation.calendar(case.unit)
        due_on = _due_on(case, row.deadline)
        # A day far back is a slip of the pen; the days since are not worth counting one by one.
        since = max(due_on, today - LONGEST_LATE) if due_on else today
        late = max(calendar.working_days_between(since, today), 0)
        words = {
            **self._words(row, case, lens, address.language),
            "due_on": written_day(due_on, address.language) if due_on else "–",
            "days_late": f"{late} {_said(DAY if late == 1 else WORKING_DAYS, address.language)}",
        }
        subject = _said(text.subject, address.language).format_map(words)
        body = _said(text.body, address.language).format_map(words)
        # A text stands below a greeting of its own line, so it begins with a capital.
        return subject, body[:1].upper() + body[1:]

    def _comment(self, row: OwedRow, case: Case, lens: Lens, language: str) -> tuple[str, str]:
        """What somebody wrote, just as they wrote it, and the way to the case or to an answer."""
        event = self._event(row)
        told = (event.told or {}) if event else {}
        text = OF_THE_HOUSE[row.template]
        words = {
            **self._words(row, case, lens, language),
            "sender": self._sender(case.institution, event.body["party"]) if event else self.from_name,
            "text": str(told.get("text", "")).strip(),
        }
        words["way"] = self._reply(case, lens, language, words) if _outside(row, case) else words["url"]
        return _said(text.subject, language).format_map(words), _said(text.body, language).format_map(words)

    def _sender(self, institution: str, party: str) -> str:
        """Who wrote; an erased person, or what is no person, writes in the name of the house."""
        found = self._card(institution, party)
        return (found.name if found else None) or self.from_name

    def _reply(self, case: Case, lens: Lens, language: str, words: Mapping[str, str]) -> str:
        """Where an answer goes, of whoever has no page of the case."""
        box = mailbox_of(lens.organisation, case.unit)
        if box is None:
            return _said(NO_MAILBOX, language).format_map(words)
        return _said(REPLY, language).format_map({**words, "mailbox": box.mailbox or ""})

    def _erased(self, row: OwedRow) -> bool:
        """Whether what was to be passed on has been erased since; then there is nothing to send."""
        if row.template != COMMENT:
            return False
        event = self._event(row)
        return event is None or event.told is None

    def _words(
        self,
        row: OwedRow,
        case: Case,
        lens: Lens,
        language: str,
    ) -> Mapping[str, str]:
        state = lens.definition(case).states[case.state]
        label = (state.subject_label if _outside(row, case) else None) or state.label
        unit = lens.organisation.units.get(case.unit)
        return {
            "number": case.number,
            "title": case.title,
            "state": _said(label, language),
            "unit": (unit.name_sv if language == "sv" else unit.name_en) if unit else case.unit,
            "name": self._name(case.institution, case.subject),
            "url": self._url(row, case),
            "assignee": self._name(case.institution, case.assignee),
            "reason": self._reason(row),
            "partner": self._partner_name(lens, case),
        }

    def _url(self, row: OwedRow, case: Case) -> str:
        """The way to the case for whoever the row is written to; staff are let in by it, where that is wished."""
        path = f"/cases/{case.number}"
        kind, _, person = row.recipient.partition(":")
        if kind == "person" and person != case.subject and self.doors is not None:
            path = self.doors.door(case.institution, person, path, about=row.id)
        return f"{self.base_url.rstrip('/')}{path}"

    def _name(self, institution: str, person: str | None) -> str:
        found = self._card(institution, person) if person else None
        return (found.name or "–") if found else "–"

    def _partner_name(self, lens: Lens, case: Case) -> str:
        """The name the case itself knows, else the register's for the partner it goes to."""
        partner = partner_of(lens, case)
        found = self._partner(case.institution, partner) if partner else None
        return str(case.facts.get("partner_name") or (found.name if found else "–"))

    def _reason(self, row: OwedRow) -> str:
        event = self._event(row)
        told = event.told if event else None
        return str((told or {}).get("reason") or "–")

    def _event(self, row: OwedRow) -> Written | None:
        """The event that owes the message."""
        events = History(self.store, self.catalogue).events(row.institution, row.case, after=row.sequence - 1, limit=1)
        return events[0] if events else None

    def _together(self, pieces: Sequence[tuple[str, str]], address: Address) -> tuple[str, str]:
        subject = _said(GROUP_SUBJECT, address.language).format(count=len(pieces))
        parts = [f"{number}. {head}\n\n{body}" for number, (head, body) in enumerate(pieces, 1)]
        return subject, "\n\n".join((_said(GROUP_INTRO, address.language), *parts))

    def _letter(self, text: str, address: Address) -> str:
        greeting = _said(GREETING, address.language).format(name=address.name)
        signed = _said(SIGNED, address.language).format(from_name=self.from_name)
        parts = (greeting, address.note, text, signed)
        return "\n\n".join(part for part in parts if part) + "\n"


def _spoken(language: str) -> str:
    """The language we write in: the recipient's where we know it, else English."""
    return language if language in DAYS else "en"


def _mailbox(organisation: Organisation, unit: str) -> Address:
    row = mailbox_of(organisation, unit)
    if row is None or row.mailbox is None:
        raise DeliveryFailed("neither the unit nor one above it has a mailbox", permanent=True)
    language = _spoken(str(organisation.settings(row.code).get("language", "sv")))
    return Address(row.name_sv if language == "sv" else row.name_en, row.mailbox, language)


def _outside(row: OwedRow, case: Case) -> bool:
    """Whether the message goes to somebody who has no page of the case: its student, or the partner."""
    return row.recipient == f"person:{case.subject}" or row.recipient.startswith("partner:")


def _template(definition: Definition, name: str) -> MessageText:
    for text in definition.workflow.messages:
        if text.name == name:
            return text
    raise DeliveryFailed(f"{definition.name} has no message {name} any more", permanent=True)


def _due_on(case: Case, deadline: str | None) -> date | None:
    days = [
        row.due_on for row in case.deadlines if row.due_on is not None and (deadline is None or row.name == deadline)
    ]
    return min(days, default=None)


def _said(text: Text, language: str) -> str:
    return text.sv if language == "sv" else text.en


def written_day(day: date, language: str) -> str:
    """A day as people write it: `mån 4 maj 2026`, `Mon 4 May 2026`."""
    month = MONTHS[language][day.month - 1]
    return f"{DAYS[language][day.weekday()]} {day.day} {month} {day.year}"
