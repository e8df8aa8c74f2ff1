"""The directory: people, units, roles, mandates, absences, closing days, partners, tokens.

The organisation is versioned: whatever changes of it is one change under one new
version, with a note of who made it, when, and what kind of thing (no names or
addresses there). People, partners and tokens are ordinary rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from engine import partners
from engine.canonical import micros
from engine.changing import HELD, Change, Written
from engine.errors import BadFields
from engine.organisation import Organisation
from engine.partners import Partner
from engine.people import PersonCard, folded_email, wrong
from engine.ports import Clock, Ids
from engine.store import partner_rows, person_rows, recount_rows, registers
from engine.store.registers import Rows
from engine.store.store import Session, Store
from engine.tokens import UNTIL_REVOKED, Caller, TokenCard, Tokens, TokenTerms

__all__ = [
    "HELD", "Caller", "Change", "Changed", "Directory", "Partner", "PersonCard", "TokenCard",
    "Written", "folded_email",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Changed:
    """That the organisation became `version`: the instant, whose doing, and what kind of thing."""

    version: int
    at: int
    by: str
    what: str


@dataclass
class Directory:
    """Reads and changes who is who in an institution.

    `figures` maps the settings that workflows know ("WORKFLOW.NAME") to their defaults;
    a unit's settings are checked against it.
    """

    store: Store
    clock: Clock
    ids: Ids
    figures: Mapping[str, Any] = field(default_factory=dict)
    terms: TokenTerms = UNTIL_REVOKED

    def __post_init__(self) -> None:
        self._known: dict[str, Organisation] = {}
        self._tokens = Tokens(self.store, self.clock)

    # The organisation.

    def organisation(self, institution: str) -> Organisation:
        """The organisation as it now is; an empty one where there is none."""
        with self.store.reads() as connection:
            version = registers.version_of(connection, institution)
            known = self._known.get(institution)
            if known is None or known.version != version:
                known = registers.at_version(connection, institution, version)
                self._known[institution] = known
        return known

    def as_of(self, institution: str, version: int) -> Organisation:
        """The organisation as it was at a version; the key of replay. 0 is the empty one."""
        return registers.as_of(self.store, institution, version)

    def changes(self, institution: str, *, limit: int = 100) -> list[Changed]:
        """The newest changes of the organisation first."""
        with self.store.reads() as connection:
            rows = registers.changes(connection, institution, limit=limit)
        return [Changed(row["version"], row["at"], row["by"], row["what"]) for row in rows]

    @contextmanager
    def change(self, institution: str, *, by: str, what: str, dry_run: bool = False) -> Iterator[Change]:
        """Change the organisation: everything inside becomes one version, or nothing does.

        `by` is a person's id, "import" or "installation"; `what` is the kind of thing. An
        error inside undoes all of it; a `dry_run` undoes all of it at the end. Whether
        anything was changed stands in `version`, which is None where nothing was.
        """
        # The clock may be a row in this very database, so it is read before a write is open.
        now = self.clock.now()
        with self.store.writes(undo=dry_run) as connection:
            version = registers.hold(connection, institution) + 1
            rows = Rows(connection, institution, version)
            change = Change(connection, institution, rows, self.ids, now, self.figures)
            yield change
            if change.touched:
                rows.finish(at=micros(now), by=by, what=what)
                recount_rows.owe(connection, institution, version, change.concerned, at=micros(now))
                change.version = version

    # People and partners.

    def put_person(
        self, institution: str, *, email: str, name: str | None = None, language: str | None = None
    ) -> PersonCard:
        """Add a person, or put name and language right. Raises BadFields."""
        with self.change(institution, by="installation", what="person") as change:
            return change.person(email=email, name=name, language=language)

    def person(self, institution: str, person: str) -> PersonCard | None:
        """The person of this id, or None."""
        return self.people(institution, [person]).get(person)

    def people(self, institution: str, ids: Collection[str]) -> dict[str, PersonCard]:
        """The people of these ids, by id; unknown ones are left out."""
        with self.store.reads() as connection:
            return person_rows.by_id(connection, institution, ids)

    def person_by_email(self, institution: str, email: str) -> PersonCard | None:
        """The person of this address in any writing, or None."""
        try:
            folded = folded_email(email)
        except BadFields:
            return None
        with self.store.reads() as connection:
            return person_rows.by_email(connection, institution, folded)

    def put_partner(self, institution: str, **given: Any) -> Partner:
        """Add a partner, or write what is given over what is known. Raises BadFields."""
        with self.change(institution, by="installation", what="partner") as change:
            return change.partner(**given)[0]

    def partner(self, institution: str, partner: str) -> Partner | None:
        """The partner of this id, or None."""
        with self.store.reads() as connection:
            return partner_rows.get(connection, institution, partner)

    def partners(self, institution: str, ids: Collection[str]) -> dict[str, Partner]:
        """The partners of these ids, by id; unknown ones are left out."""
        with self.store.reads() as connection:
            return partner_rows.by_id(connection, institution, ids)

    def find_partner(
        self,
        institution: str,
        *,
        erasmus_code: str | None = None,
        pic: str | None = None,
        name: str | None = None,
    ) -> Partner | None:
        """The partner known by Erasmus code, else PIC, else name. Raises BadFields on a wrong code."""
        keys = partners.cleaned({"erasmus_code": erasmus_code, "pic": pic, "name": name})
        with self.store.reads() as connection:
            return partner_rows.find(connection, institution, **keys)

    def search_partners(self, institution: str, words: str = "", *, limit: int = 100) -> list[Partner]:
        """Partners whose name or code holds the words, or whose PIC begins so; all without words."""
        with self.store.reads() as connection:
            return partner_rows.search(connection, institution, words, limit=limit)

    # Tokens.

    def issue_token(
        self,
        institution: str,
        person: str,
        label: str = "",
        expires_on: date | None = None,
        *,
        reads_only: bool = False,
        within: Session | None = None,
    ) -> str:
        """A new token of a person, good through `expires_on` (local day); None: for as long as the terms say.

        Written `within` a transaction, or in its own. Raises BadFields.
        """
        if self.person(institution, person) is None:
            raise wrong("person", "personen finns inte.", "there is no such person.")
        caller, ends = Caller(institution, person), self._token_ends(institution, expires_on)
        return self._tokens.issue(caller, label=label, expires_at=ends, reads_only=reads_only, within=within)

    def _token_ends(self, institution: str, expires_on: date | None) -> int | None:
        """The instant at which a token issued now ends: after the day named, or the terms' own. Raises BadFields."""
        calendar = self.organisation(institution).calendar(institution)
        today = calendar.local_date(self.clock.now())
        last, furthest = expires_on or self.terms.last_day(today), self.terms.furthest(today)
        if last is None:
            return None
        if last < today:
            raise wrong("expires_on", "dagen är förbi.", "that day has passed.")
        if furthest is not None and last > furthest:
            raise wrong("expires_on", f"ange senast {furthest}.", f"give {furthest} at the latest.")
        return micros(calendar.end_of(last))

    def authenticate(self, token: str) -> Caller | None:
        """Whose token it is; None where it is unknown, expired or revoked."""
        return self._tokens.authenticate(token)

    def tokens(self, institution: str, person: str) -> list[TokenCard]:
        """The person's tokens, oldest first; the tokens themselves are not kept."""
        return self._tokens.of(Caller(institution, person))

    def revoke(
        self, institution: str, person: str, token_id: str | None = None, *, within: Session | None = None
    ) -> int:
        """Revoke one token of a person (by the id `tokens` gives), or all; how many were good."""
        return self._tokens.revoke(Caller(institution, person), token_id, within=within)
