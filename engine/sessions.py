"""Sessions of people with a browser, and the links by which one begins. No passwords.

What the browser or the mail holds is 32 bytes from the operating system's chance; only its
SHA-256 is kept. Time here is the machine's, also where the office lives by a test clock:
a session must end in the world in which somebody could have stolen it.

Source of the bounds: OWASP Session Management Cheat Sheet (identifier of at least 64 bits
of chance, idle and absolute time-outs, renewal at sign-in).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from engine.canonical import micros
from engine.errors import EngineError
from engine.people import PersonCard
from engine.ports import Clock
from engine.store import session_rows
from engine.store.outage import noted_if_it_can_be
from engine.store.store import Session, Store
from engine.tokens import Caller

LONGEST_SECRET: Final = 100
LONGEST_LINK: Final = 1_000
MAILED: Final = "m."
"""How a link begins that a notification carried; no other can, for a dot is no sign of theirs."""

LINK_LASTS: Final = timedelta(minutes=20)
"""How long a link that somebody asked for may be used."""

KEPT: Final = timedelta(days=31)
"""How long the row of a session or link is kept once it is no longer good."""

LIMIT_OVER: Final = timedelta(hours=1)
LINKS_AN_ADDRESS: Final = 5
LINKS_AN_ORIGIN: Final = 30
"""How many links may be asked for in an hour: for one address, and from one network address."""

_MINUTE: Final = 60_000_000
_NOTED_EVERY: Final = 5 * _MINUTE


class TooMany(EngineError):
    """Too many sign-in links have been asked for; wait an hour."""


class LinkSpent(EngineError):
    """The link has been used, or is too old, or is none of ours."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is signed in. `csrf` is to come back with every form; `id` is the session's, to be shown."""

    caller: Caller
    card: PersonCard
    csrf: str
    id: str


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as its owner may see it. Instants are UTC microseconds."""

    id: str
    agent: str
    created_at: int
    seen_at: int


@dataclass(frozen=True, slots=True)
class Invitation:
    """A sign-in link: who it lets in, where it leads, and until when (UTC microseconds)."""

    caller: Caller
    path: str
    expires_at: int


def hashed(secret: str) -> str:
    """What is kept of a session's or link's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


@dataclass(frozen=True)
class Sessions:
    """Begins, knows again and ends sessions. `key` is the installation's secret.

    A session lasts for so long without use; the link in a notification lets somebody in for
    so long (nothing: it does not).
    """

    store: Store
    clock: Clock
    key: bytes
    lasts: timedelta = timedelta(hours=12)
    mailed_last: timedelta = timedelta(0)

    def _now(self) -> int:
        return micros(self.clock.now())

    def keyed(self, *words: str) -> str:
        """A keyed hash of some words: of an address, or the proof that a form is ours."""
        return hmac.new(self.key, "\0".join(words).encode(), hashlib.sha256).hexdigest()

    # Sessions.

    def begin(self, caller: Caller, *, agent: str = "") -> str:
        """Sign somebody in; what their browser is to hold."""
        with self.store.writes(beside=True) as connection:
            return self._begun(connection, caller, agent)

    def _begun(self, connection: Session, caller: Caller, agent: str) -> str:
        secret, now = secrets.token_urlsafe(32), self._now()
        row = {
            "hash": hashed(secret),
            "institution": caller.institution,
            "person": caller.person,
            "agent": agent[:200],
            "created_at": now,
            "seen_at": now,
            "expires_at": now + self._lasting(),
        }
        session_rows.insert(connection, row)
        return secret

    def _lasting(self) -> int:
        return int(self.lasts.total_seconds() * 1_000_000)

    def visitor(self, secret: str) -> Visitor | None:
        """Who holds this; None where the session is unknown, ended or too old. One statement."""
        if not secret or len(secret) > LONGEST_SECRET or not secret.isascii():
            return None
        row = session_rows.find(self.store, hashed(secret))
        now = self._now()
        if row is None or row["ended_at"] is not None or row["expires_at"] <= now:
            return None
        if now - row["seen_at"] > _NOTED_EVERY:
            # A write at each page would cost more than it tells.
            with noted_if_it_can_be():
                session_rows.note_seen(self.store, row["hash"], seen_at=now, expires_at=now + self._lasting())
        card = PersonCard(row["person"], row["name"], row["email"], row["language"])
        csrf = self.keyed("form", secret)
        return Visitor(Caller(row["institution"], row["person"]), card, csrf, row["hash"][:16])

    def is_csrf(self, visitor: Visitor, given: str) -> bool:
        """Whether a form carries what this session gave out."""
        return hmac.compare_digest(visitor.csrf.encode(), given.encode())

    def of(self, caller: Caller) -> list[OpenSession]:
        """The person's open sessions, the last used first."""
        rows = session_rows.of(self.store, caller.institution, caller.person, now=self._now())
        return [OpenSession(r["hash"][:16], r["agent"], r["created_at"], r["seen_at"]) for r in rows]

    def end(self, caller: Caller, session: str | None = None, *, within: Session | None = None) -> int:
        """End one session of the person (by the id `of` gives), or all; how many were open."""
        now = self._now()
        with self.store.writes_in(within, beside=True) as connection:
            return session_rows.end(connection, caller.institution, caller.person, beginning=session or "", now=now)

    def forget(self) -> int:
        """Remove sessions and links that have not been good for a month; how many there were."""
        return session_rows.forget(self.store, before=self._now() - int(KEPT.total_seconds() * 1_000_000))

    # Links.

    def ask(self, institution: str, *, email: str, person: str | None, path: str, origin: str) -> str | None:
        """Make a link for somebody who asked by mail address; None where the address is nobody's.

        Raises TooMany. An address of nobody's counts and costs alike, so that asking tells nothing.
        """
        address, origin = self.keyed("address", email), self.keyed("origin", origin)
        since = self._now() - int(LIMIT_OVER.total_seconds() * 1_000_000)
        by_address, by_origin = session_rows.asked_since(
            self.store, institution, address=address, origin=origin, since=since
        )
        if by_address >= LINKS_AN_ADDRESS or by_origin >= LINKS_AN_ORIGIN:
            raise TooMany
        secret = self.link(institution, person, path, lasts=LINK_LASTS, address=address, origin=origin)
        return secret if person is not None else None

    def link(
        self,
        institution: str,
        person: str | None,
        path: str,
        *,
        lasts: timedelta,
        address: str = "",
        origin: str = "",
    ) -> str:
        """Make a link by which the person may sign in once, and land on a page."""
        secret, now = secrets.token_urlsafe(32), self._now()
        row = {
            "hash": hashed(secret),
            "institution": institution,
            "person": person,
            "path": path,
            "address": address,
            "origin": origin,
            "made_at": now,
            "expires_at": now + int(lasts.total_seconds() * 1_000_000),
        }
        session_rows.put_link(self.store, row)
        return secret

    def mailed(self, caller: Caller, path: str, *, about: str, lasts: timedelta) -> str:
        """A link for a notification: it carries what it means, signed, and nothing is stored until it is used.

        `about` is the key of the message, so that a mail that goes out twice holds one link.
        """
        expires = self._now() + int(lasts.total_seconds() * 1_000_000)
        means = json.dumps([caller.institution, caller.person, path, expires, about], separators=(",", ":"))
        written = base64.urlsafe_b64encode(means.encode()).decode().rstrip("=")
        return f"{MAILED}{written}.{self.keyed('mailed', written)}"

    def door(self, institution: str, person: str, path: str, *, about: str) -> str:
        """The path by which a notification lets its recipient in to a page; the page's own where that is not wished."""
        if not self.mailed_last:
            return path
        return f"/in/{self.mailed(Caller(institution, person), path, about=about, lasts=self.mailed_last)}"

    def invitation(self, secret: str) -> Invitation | None:
        """Whom a link would let in, and where it leads; it is not used by asking."""
        found, unused = self._read(secret)
        return found if found and unused and found.expires_at > self._now() else None

    def leads_to(self, secret: str) -> str | None:
        """The page a link of ours was made for, also when it lets nobody in any more."""
        found, _ = self._read(secret)
        return found.path if found else None

    def _read(self, secret: str) -> tuple[Invitation | None, bool]:
        """What a link says, if we have made it; and whether nobody has used it yet."""
        if not secret or len(secret) > LONGEST_LINK or not secret.isascii():
            return None, False
        row = session_rows.link(self.store, hashed(secret))
        if row is None:
            return self._signed(secret), True
        if row["person"] is None:
            return None, False
        found = Invitation(Caller(row["institution"], row["person"]), row["path"], row["expires_at"])
        return found, row["used_at"] is None

    def _signed(self, secret: str) -> Invitation | None:
        """What a mailed link says, if we have written it."""
        written, _, mac = secret.removeprefix(MAILED).partition(".")
        if not secret.startswith(MAILED) or not hmac.compare_digest(self.keyed("mailed", written), mac):
            return None
        means = json.loads(base64.urlsafe_b64decode(written + "=" * (-len(written) % 4)))
        institution, person, path, expires, _ = means
        return Invitation(Caller(institution, person), path, expires)

    def enter(self, secret: str, *, agent: str = "") -> tuple[str, Invitation]:
        """Use a link: what the browser is to hold, and who came in. Raises LinkSpent.

        Of two who use it at once one is let in: the link and the session are one transaction.
        """
        found, now = self.invitation(secret), self._now()
        if found is None:
            raise LinkSpent
        with self.store.writes(beside=True) as connection:
            if secret.startswith(MAILED):
                used = session_rows.use_mailed(connection, self._used(secret, found, now))
            else:
                used = session_rows.use_link(connection, hashed(secret), now=now)
            if not used:
                raise LinkSpent
            return self._begun(connection, found.caller, agent), found

    def _used(self, secret: str, found: Invitation, now: int) -> dict[str, object]:
        """The row that says that a mailed link has been used."""
        return {
            "hash": hashed(secret),
            "institution": found.caller.institution,
            "person": found.caller.person,
            "path": found.path,
            "address": "",
            "origin": "",
            "made_at": now,
            "expires_at": found.expires_at,
            "used_at": now,
        }
