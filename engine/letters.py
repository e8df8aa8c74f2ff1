"""Puts messages together from their pieces: to whom, in which language, with greeting and signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.canonical import instant, micros
from engine.errors import DeliveryFailed
from engine.organisation import Organisation
from engine.pieces import DAYS, Desk, Found, Piece, said
from engine.ports import Message
from engine.store.owed_rows import OwedRow
from engine.telling import mailbox_of
from engine.vocabulary import Text

GROUP_SUBJECT = Text("{count} ärenden väntar på dig", "{count} cases are waiting for you")
GROUP_INTRO = Text("Det här är försenat eller ska snart vara klart:", "Overdue, or due soon:")
FORWARD = Text(
    "Partnern {partner} har ingen e-postadress i registret. Skicka gärna detta vidare:",
    "The partner {partner} has no e-mail address in the register. Please pass this on:",
)
GREETING = Text("Hej {name}!", "Dear {name},")
SIGNED = Text("Hälsningar\n{from_name}", "Kind regards\n{from_name}")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes. `note` stands above the text, where it is to be passed on."""

    name: str
    email: str
    language: str
    note: str | None = None


@dataclass(frozen=True)
class CaseLetters:
    """A batch of messages, ready to be written; `found` is by institution."""

    desk: Desk
    found: Mapping[str, Found]

    def write(self, rows: Sequence[OwedRow]) -> Message | None:
        """One message for all rows. Raises DeliveryFailed where there is no address."""
        first, found = rows[0], self.found[rows[0].institution]
        pieces = [Piece(self.desk, found, row, found.cases[row.case]) for row in rows if row.case in found.cases]
        pieces = [piece for piece in pieces if not piece.erased]
        if not pieces:
            return None
        address = _address(found, first, pieces[0])
        written = [piece.written(address.language) for piece in pieces]
        subject, text = written[0] if len(written) == 1 else _together(written, address)
        return Message(
            key=first.id,
            institution=first.institution,
            to_name=address.name,
            to_address=address.email,
            from_name=self.desk.head.from_name,
            from_address=self.desk.head.from_address,
            subject=subject,
            text=_letter(text, address, self.desk.head.from_name),
            language=address.language,
            written_at=instant(first.created_at),
        )

    def next_day(self, row: OwedRow) -> int:
        """When the recipient's first working window after today opens."""
        found = self.found[row.institution]
        calendar = found.organisation.calendar(found.cases[row.case].unit)
        kind, _, person = row.recipient.partition(":")
        tomorrow = calendar.end_of(calendar.local_date(self.desk.now))
        return micros(
            calendar.next_window(
                tomorrow,
                works_on=lambda day: kind != "person" or found.organisation.works_on(person, day),
            )
        )


def _address(found: Found, row: OwedRow, piece: Piece) -> Address:
    kind, _, name = row.recipient.partition(":")
    if kind == "person":
        card = found.people.get(name)
        if card is None or not card.email:
            raise DeliveryFailed("the person has no e-mail address any more", permanent=True)
        return Address(card.name or "", card.email, _spoken(card.language))
    if kind == "unit":
        return _mailbox(found.organisation, name)
    partner = found.partners.get(name)
    if partner is None or not partner.email:
        box = _mailbox(found.organisation, piece.case.unit)
        note = said(FORWARD, box.language).format(partner=piece.partner())
        return Address(box.name, box.email, box.language, note)
    return Address(partner.name, partner.email, _spoken(partner.language))


def _mailbox(organisation: Organisation, unit: str) -> Address:
    row = mailbox_of(organisation, unit)
    if row is None or row.mailbox is None:
        raise DeliveryFailed("neither the unit nor one above it has a mailbox", permanent=True)
    language = _spoken(str(organisation.settings(row.code).get("language", "sv")))
    return Address(row.name_sv if language == "sv" else row.name_en, row.mailbox, language)


def _spoken(language: str) -> str:
    """The language we write in: the recipient's where we know it, else English."""
    return language if language in DAYS else "en"


def _together(pieces: Sequence[tuple[str, str]], address: Address) -> tuple[str, str]:
    subject = said(GROUP_SUBJECT, address.language).format(count=len(pieces))
    parts = [f"{number}. {head}\n\n{body}" for number, (head, body) in enumerate(pieces, 1)]
    return subject, "\n\n".join((said(GROUP_INTRO, address.language), *parts))


def _letter(text: str, address: Address, from_name: str) -> str:
    greeting = said(GREETING, address.language).format(name=address.name)
    signed = said(SIGNED, address.language).format(from_name=from_name)
    parts = (greeting, address.note, text, signed)
    return "\n\n".join(part for part in parts if part) + "\n"
