"""Secret addresses under which somebody's deadlines can be subscribed to, and what stands there.

The address is the key: 32 bytes of chance, of which only the SHA-256 is kept. It opens
nothing of its own. At each fetch the list behind it is read with the rights its owner has
then; who has left the office has an empty calendar. An entry tells the case's number and
what is owed, and nothing of the person it is about.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.canonical import micros
from engine.catalogue import Catalogue
from engine.errors import BadFields
from engine.listing import open_due
from engine.model import Case
from engine.ports import Clock
from engine.saved_views import LONGEST_QUERY, clean_name
from engine.sessions import LONGEST_SECRET, hashed
from engine.store import feed_rows
from engine.store.store import Store
from engine.tokens import Caller
from engine.vocabulary import Reason, Text

MOST: Final = 20
"""How many open feeds one person may have."""

SHOWN: Final = 16
"""How much of the hash names a feed to its owner."""


@dataclass(frozen=True, slots=True)
class FeedCard:
    """A feed as its owner may see it. The secret is not kept. `created_at` is UTC microseconds."""

    id: str
    name: str
    query: str
    created_at: int


@dataclass(frozen=True, slots=True)
class Feed:
    """What a secret opens: whose list, which, and in which language."""

    caller: Caller
    name: str
    query: str
    language: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One day in a calendar. `uid` stays the same as long as the deadline is the same; `changed_at` is an instant."""

    uid: str
    number: str
    label: Text
    day: date
    version: int
    changed_at: int


@dataclass(frozen=True)
class Feeds:
    """Makes, lists, closes and knows again the feeds of people."""

    store: Store
    clock: Clock

    def make(self, caller: Caller, *, name: str, query: str) -> str:
        """Open a feed; its secret, told this once. Raises BadFields."""
        called, secret, now = clean_name(name), secrets.token_urlsafe(32), micros(self.clock.now())
        row = {
            "hash": hashed(secret), "institution": caller.institution, "person": caller.person, "name": called,
            "query": query[:LONGEST_QUERY], "created_at": now,
        }  # fmt: skip
        with self.store.writes() as connection:
            if feed_rows.count_of(connection, caller.institution, caller.person) >= MOST:
                text = Text(
                    f"Du har redan {MOST} adresser; stäng någon först.",
                    f"You already have {MOST} addresses; close one first.",
                )
                raise BadFields(text, (Reason("field:name", text),))
            feed_rows.insert(connection, row)
        return secret

    def of(self, caller: Caller) -> tuple[FeedCard, ...]:
        """The person's open feeds, oldest first."""
        rows = feed_rows.of(self.store, caller.institution, caller.person)
        return tuple(FeedCard(row["hash"][:SHOWN], row["name"], row["query"], row["created_at"]) for row in rows)

    def revoke(self, caller: Caller, feed: str) -> bool:
        """Close one of the person's feeds, by the id `of` gives; False where it is not there."""
        if len(feed) != SHOWN:
            return False
        with self.store.writes() as connection:
            return feed_rows.revoke(
                connection, caller.institution, caller.person, beginning=feed, now=micros(self.clock.now())
            )

    def find(self, secret: str) -> Feed | None:
        """What the secret opens; None where it is unknown or closed. One statement."""
        if not secret or len(secret) > LONGEST_SECRET or not secret.isascii():
            return None
        row = feed_rows.find(self.store, hashed(secret))
        if row is None:
            return None
        return Feed(Caller(row["institution"], row["person"]), row["name"], row["query"], row["language"])


def entries(catalogue: Catalogue, cases: Iterable[Case]) -> Iterator[Entry]:
    """The days by which something is owed in these cases, case by case."""
    for case in cases:
        definition = catalogue.by_hash(case.definition)
        for row in open_due(definition, case):
            if row.due_on is not None:
                uid = f"{case.id}.{row.name}.{row.since}@{case.institution}"
                label = definition.deadlines[row.name].label
                yield Entry(uid, case.number, label, row.due_on, case.version, case.updated_at)
