"""Reads all that bears on whom a page of cases waits for, in a fixed number of statements however many they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.canonical import micros
from engine.cases import Cases
from engine.chasing import Chaser, ready
from engine.house_messages import COMMENT
from engine.model import Case, Snapshot
from engine.organisation import Organisation
from engine.people import LANGUAGES
from engine.store import partner_rows, person_rows, waits
from engine.store.ledger import Plan, Reverse
from engine.store.store import Session
from engine.telling import mailbox_of
from engine.views import Lens
from engine.waiting import Times, Waits, relations, waits_of


@dataclass(frozen=True, slots=True)
class Survey:
    """Cases and all that is tied to them, as of one instant."""

    lens: Lens
    times: Times

    def find(self, case: str) -> Case | None:
        """One of the cases that were read."""
        return self.lens.cases.get(case)

    def waits(self, case: str, person: str) -> Waits:
        """What one of the cases waits for, as the person may see it."""
        return waits_of(self.lens, self.lens.cases[case], self.times, person)


def survey(cases: Cases, connection: Session, institution: str, ids: Sequence[str]) -> Survey:
    """Read the cases of these ids, those they are linked to, and those their milestones look for."""
    ledger = cases.store.ledger_on(connection)
    beside = waits.found_from(connection, institution, ids, _relations(cases))
    # What is looked for is read as a beginning too, so that its own links come along.
    reading = ledger.read(Plan(institution, tuple(dict.fromkeys((*ids, *beside)))))
    organisation = cases.organisation(ledger, institution, reading.organisation_version)
    known = tuple(reading.cases)
    times = Times(
        entered=waits.entered(connection, institution, known),
        told=waits.told(connection, institution, known, COMMENT),
    )
    now = micros(cases.clock.now())
    return Survey(Lens(cases.catalogue, Snapshot(now, organisation, reading.cases)), times)


def _relations(cases: Cases) -> tuple[Reverse, ...]:
    found = {
        Reverse(definition.name, related.workflow, related.link, related.states)
        for name in cases.catalogue.names
        for definition in cases.catalogue.versions(name)
        for related in relations(definition)
    }
    return tuple(sorted(found, key=repr))


def chaser_for(connection: Session, surveyed: Survey, waited: Waits, recipient: str) -> Chaser | None:
    """The ready question to somebody the case waits for; None where it waits for nothing of theirs."""
    case = waited.case
    items = [each for each in waited.items if each.case == case.id and recipient in each.whom.recipients]
    if not items:
        return None
    kind, _, who = recipient.partition(":")
    outside = kind == "partner" or (kind == "person" and who == case.subject)
    language = _language(connection, surveyed.lens.organisation, kind, who)
    return ready(items, recipient=recipient, language=language, outside=outside)


def _language(connection: Session, organisation: Organisation, kind: str, who: str) -> str:
    """The language a recipient is written to in: a person's or partner's own where we write it, else English."""
    if kind == "unit":
        box = mailbox_of(organisation, who)
        spoken = str(organisation.settings(box.code if box else who).get("language", "sv"))
    elif kind == "person":
        card = person_rows.by_id(connection, organisation.institution, [who]).get(who)
        spoken = card.language if card else "en"
    else:
        partner = partner_rows.get(connection, organisation.institution, who)
        spoken = partner.language if partner else "en"
    return spoken if spoken in LANGUAGES else "en"
