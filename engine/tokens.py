"""Access tokens: who may speak to the service. Only their SHA-256 is kept.

A token is `fp_` and 32 bytes from the operating system's chance, written for URLs; that
is too much to guess, so a plain hash without salt suffices. A token is its person's in
their institution, and may be issued for reading alone.

Source of the bounds: OWASP REST Security and Secrets Management Cheat Sheets (kept hashed, least
right, an end by itself, the last use to be seen); NIST SP 800-63B, 5.1.2 (why a secret of this
much chance needs no slow hash).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from engine.canonical import micros
from engine.ports import Clock
from engine.store import token_rows
from engine.store.outage import noted_if_it_can_be
from engine.store.store import Session, Store

PREFIX = "fp_"
LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Caller:
    """Who speaks: a person of an institution. `reads_only`: what they show lets them change nothing."""

    institution: str
    person: str
    reads_only: bool = False


@dataclass(frozen=True, slots=True)
class TokenTerms:
    """For how many days a token is good where no last day is named, and at most. None: until it is revoked."""

    days: int | None = None
    longest_days: int | None = None

    def last_day(self, today: date) -> date | None:
        """The last day of a token issued today for which none is named."""
        bounds = [days for days in (self.days, self.longest_days) if days is not None]
        return today + timedelta(days=min(bounds)) if bounds else None

    def furthest(self, today: date) -> date | None:
        """The last day that may be named today."""
        return None if self.longest_days is None else today + timedelta(days=self.longest_days)


UNTIL_REVOKED: Final = TokenTerms()
"""No bound."""


@dataclass(frozen=True, slots=True)
class TokenCard:
    """A token as it may be shown. `id` is the beginning of its hash; the token itself is gone.

    Instants are UTC microseconds.
    """

    id: str
    label: str
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_on: date | None
    reads_only: bool

    def is_good(self, now: int) -> bool:
        """Whether it still lets somebody in, at an instant in UTC microseconds."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def hashed(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True)
class Tokens:
    """Issues, knows again and revokes tokens."""

    store: Store
    clock: Clock

    def issue(
        self,
        caller: Caller,
        *,
        label: str,
        expires_at: int | None,
        reads_only: bool = False,
        within: Session | None = None,
    ) -> str:
        """A new token, which can be read here and never again; written `within` a transaction, or in its own."""
        token = PREFIX + secrets.token_urlsafe(32)
        now = micros(self.clock.now())
        row = {
            "hash": hashed(token),
            "institution": caller.institution,
            "person": caller.person,
            "label": label,
            "created_at": now,
            "expires_at": expires_at,
            "reads_only": reads_only,
        }
        with self.store.writes_in(within) as connection:
            token_rows.insert(connection, row)
        return token

    def authenticate(self, token: str) -> Caller | None:
        """Whose token it is; None where it is unknown, expired or revoked."""
        if not token.startswith(PREFIX) or len(token) > LONGEST_TOKEN:
            return None
        shown = hashed(token)
        found = token_rows.find(self.store, shown)
        if found is None or found.revoked_at is not None:
            return None
        # Whoever guesses cannot steer the hash that the database looks for. It is compared in constant time all the
        # same, so that no collation decides who comes in.
        if not hmac.compare_digest(found.hash, shown):
            return None
        now = self.clock.now()
        if found.expires_at is not None and found.expires_at <= micros(now):
            return None
        if found.last_used_on != now.date():
            self._note_use(found.hash, now.date())
        return Caller(found.institution, found.person, found.reads_only)

    def _note_use(self, token_hash: str, day: date) -> None:
        """Note the day (UTC), once a day: a write at each request would cost more than it tells."""
        with noted_if_it_can_be():
            token_rows.note_use(self.store, token_hash, day)

    def of(self, caller: Caller) -> list[TokenCard]:
        """The person's tokens, oldest first."""
        return [_card(row) for row in token_rows.of(self.store, caller.institution, caller.person)]

    def revoke(self, caller: Caller, token_id: str | None = None, *, within: Session | None = None) -> int:
        """Revoke the person's token of this id, or all of them; how many were still good."""
        now = micros(self.clock.now())
        with self.store.writes_in(within) as connection:
            return token_rows.revoke(connection, caller.institution, caller.person, beginning=token_id or "", now=now)


def _card(row: Mapping[str, Any]) -> TokenCard:
    return TokenCard(
        id=row["hash"][:16],
        label=row["label"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
        last_used_on=row["last_used_on"],
        reads_only=row["reads_only"],
    )
