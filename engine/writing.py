"""Looks up what the messages owed need, from the cases as they now are; `engine.letters` writes them.

No personal data waits in the outbox: names, addresses and words are looked up here, at
delivery (DESIGN 6), for a whole batch in as many statements as for one message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import chain
from string import Formatter

from engine.canonical import micros
from engine.catalogue import Catalogue
from engine.letters import CaseLetters
from engine.model import Case, Snapshot
from engine.organisation import Organisation
from engine.pieces import Desk, Doors, Found, Letterhead, text_of
from engine.store import owed_rows, partner_rows, person_rows
from engine.store.ledger import Ledger, Plan
from engine.store.owed_rows import Cause, OwedRow
from engine.store.rows import read_organisation
from engine.store.store import Store
from engine.telling import partner_of
from engine.views import Lens
from engine.vocabulary import MessageText

LINKS_DEEP = 2
"""How far a ledger follows links from a case where nothing else is asked for."""


@dataclass(frozen=True)
class Writer:
    """Renders what the outbox owes. `base_url` is where the service is reached."""

    store: Store
    catalogue: Catalogue
    base_url: str
    from_address: str
    from_name: str = "Färdplan"
    doors: Doors | None = None
    _organisations: dict[str, Organisation] = field(default_factory=dict, init=False, repr=False, compare=False)

    def look_up(self, rows: Sequence[OwedRow], now: datetime) -> CaseLetters:
        """Everything these rows need; the organisation is read again only where it has changed."""
        by_institution: dict[str, list[OwedRow]] = {}
        for row in rows:
            by_institution.setdefault(row.institution, []).append(row)
        found = {name: self._found(name, some, now) for name, some in by_institution.items()}
        head = Letterhead(self.base_url, self.from_address, self.from_name, self.doors)
        return CaseLetters(Desk(self.catalogue, head, now), found)

    def _found(self, institution: str, rows: Sequence[OwedRow], now: datetime) -> Found:
        with self.store.reads() as connection:
            ledger = self.store.ledger_on(connection)
            reading = ledger.read(Plan(institution, tuple(dict.fromkeys(row.case for row in rows))))
            organisation = self._organisation(ledger, institution, reading.organisation_version)
            causes = owed_rows.causes(connection, institution, [row.id for row in rows])
            partners = self._partners_of(rows, Snapshot(micros(now), organisation, reading.cases))
            to_partners = _recipients(rows, "partner:")
            return Found(
                organisation=organisation,
                cases=reading.cases,
                causes=causes,
                partner_of=partners,
                people=person_rows.by_id(connection, institution, _people(rows, reading.cases, causes)),
                partners=partner_rows.by_id(connection, institution, {*to_partners, *filter(None, partners.values())}),
            )

    def _organisation(self, ledger: Ledger, institution: str, version: int) -> Organisation:
        """The organisation at its present version, kept in memory until that moves on."""
        known = self._organisations.get(institution)
        if known is None or known.version != version:
            known = read_organisation(institution, ledger.organisation_rows(institution))
            self._organisations[institution] = known
        return known

    def _partners_of(self, rows: Iterable[OwedRow], snapshot: Snapshot) -> Mapping[str, str | None]:
        """The partners of the cases whose messages tell of it: telling it takes a whole view of the case."""
        asked = {row.case for row in rows if row.case in snapshot.cases and self._tells_partner(row, snapshot.cases)}
        return {case: self._partner_of(snapshot, case) for case in asked}

    def _tells_partner(self, row: OwedRow, cases: Mapping[str, Case]) -> bool:
        text = text_of(self.catalogue, cases[row.case], row)
        return row.recipient.startswith("partner:") or (text is not None and "partner" in placeholders(text))

    def _partner_of(self, snapshot: Snapshot, case: str) -> str | None:
        # Only what the case itself leads to: what else is in the batch must not be seen from it.
        near = Snapshot(snapshot.now, snapshot.organisation, _with_linked(snapshot.cases, case))
        return partner_of(Lens(self.catalogue, near), snapshot.cases[case])


@lru_cache(maxsize=1024)
def placeholders(text: MessageText) -> frozenset[str]:
    """What a text wants told, in either language."""
    parts = (text.subject.sv, text.subject.en, text.body.sv, text.body.en)
    return frozenset(name for part in parts for _, name, _, _ in Formatter().parse(part) if name)


def _recipients(rows: Iterable[OwedRow], kind: str) -> set[str]:
    """The ids of the recipients of a kind, which its name with a colon begins."""
    return {row.recipient.removeprefix(kind) for row in rows if row.recipient.startswith(kind)}


def _people(rows: Sequence[OwedRow], cases: Mapping[str, Case], causes: Mapping[str, Cause]) -> set[str]:
    """Whoever may be written to or named."""
    told = (cases[row.case] for row in rows if row.case in cases)
    named = chain.from_iterable((case.subject, case.assignee) for case in told)
    return {*filter(None, named), *_recipients(rows, "person:"), *(cause.party for cause in causes.values())}


def _with_linked(cases: Mapping[str, Case], case: str) -> Mapping[str, Case]:
    """The case and those it is linked to, as a ledger would have found them from it alone."""
    found, edge = {case: cases[case]}, [cases[case]]
    for _ in range(LINKS_DEEP):
        linked = {to for each in edge for _, to in each.links if to in cases and to not in found}
        edge = [cases[to] for to in linked]
        found.update((each.id, each) for each in edge)
    return found
