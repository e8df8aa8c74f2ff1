"""What pages look up many at a time, beside the cases themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from engine.follow_ups import FollowedCase, FollowUps
from engine.queries import Queries
from engine.store import lookup_rows
from engine.store.store import Store


@dataclass(frozen=True)
class Lookups:
    """Looks up in one statement what would otherwise be asked one by one."""

    store: Store
    queries: Queries

    def partners(self, institution: str, ids: Collection[str]) -> Mapping[str, str]:
        """The names of partners, by id; unknown ones are left out."""
        with self.store.reads() as connection:
            return lookup_rows.partner_names(connection, institution, ids)

    def known_people(self, institution: str, person: str, people: Collection[str]) -> frozenset[str]:
        """Those of some people whose names the person may be told: staff, and whom a case is about they may read."""
        if not people:
            return frozenset()
        scope = self.queries.scope(institution, person)
        with self.store.reads() as connection:
            return lookup_rows.known_among(connection, scope, people)

    def follow_ups(self, institution: str, person: str, *, until: date) -> tuple[FollowedCase, ...]:
        """The person's own days to look at a case again that have come, of cases they may still read."""
        found = FollowUps(self.store).listed(institution, person, until=until)
        if not found:
            return ()
        scope = self.queries.scope(institution, person)
        with self.store.reads() as connection:
            may = lookup_rows.readable_among(connection, scope, {each.case for each in found})
        return tuple(each for each in found if each.case in may)
