"""What people ask of the house without changing it. One connection a question, one instant seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from engine import rights
from engine.canonical import instant, micros
from engine.cases import Action, Cases
from engine.decide import NOT_FOUND
from engine.errors import CaseNotFound
from engine.model import Case
from engine.organisation import Organisation
from engine.paging import Page
from engine.people import PersonCard
from engine.scope import Scope, holds_anywhere, scope_of
from engine.store import lists, registers, worklists
from engine.store.lists import CaseFilter
from engine.store.scope import may_read
from engine.store.store import Session
from engine.store.worklists import DeadlineFilter, OwedDeadline
from engine.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as somebody sees it: with the newest running of each deadline, and what they may do."""

    case: Case
    actions: tuple[Action, ...]


@dataclass(frozen=True)
class Queries:
    """Reads for people. What somebody may not read is not there for them."""

    cases: Cases

    def now(self) -> int:
        """The present instant."""
        return micros(self.cases.clock.now())

    def organisation(self, institution: str) -> Organisation:
        """The institution as it now is."""
        with self.cases.store.reads() as connection:
            return self._organisation(connection, institution)

    def scope(self, institution: str, person: str) -> Scope:
        """Which cases the person may read now."""
        return scope_of(self.organisation(institution), person, self.now())

    def holds(self, institution: str, person: str, *roles: Role) -> bool:
        """Whether the person holds one of the roles (none named: any) in some unit today."""
        return holds_anywhere(self.organisation(institution), person, self.now(), *roles)

    def seen(self, institution: str, person: str, case: str) -> Seen:
        """The case with its actions judged for the person now. Raises CaseNotFound."""
        with self.cases.store.reads() as connection:
            ledger = self.cases.store.ledger_on(connection)
            lens = self.cases.lens(ledger, institution, case, None)
            found = lens.cases.get(case)
            if found is None or not rights.may_read(lens, person, found):
                raise CaseNotFound(NOT_FOUND, case=case)
            actions = self.cases.actions(lens, found, person)
            deadlines = lists.deadlines_of(connection, institution, [case])
            return Seen(replace(found, deadlines=deadlines[case]), actions)

    def readable(self, institution: str, person: str, case: str) -> None:
        """Raise CaseNotFound unless the person may read the case."""
        with self.cases.store.reads() as connection:
            scope = self._scope(connection, institution, person)
            if not may_read(connection, scope, case):
                raise CaseNotFound(NOT_FOUND, case=case)

    def list_cases(
        self,
        institution: str,
        person: str,
        *,
        narrowed: CaseFilter,
        sort: str = "-opened",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Case]:
        """A page of the cases the person may read."""
        with self.cases.store.reads() as connection:
            scope = self._scope(connection, institution, person)
            return lists.list_cases(
                connection, scope, narrowed=narrowed, sort=sort, cursor=cursor, limit=limit
            )

    def list_deadlines(
        self, institution: str, person: str, *, narrowed: DeadlineFilter, cursor: str | None, limit: int
    ) -> Page[OwedDeadline]:
        """A page of the deadlines of cases the person may read."""
        with self.cases.store.reads() as connection:
            scope = self._scope(connection, institution, person)
            return worklists.list_deadlines(connection, scope, narrowed=narrowed, cursor=cursor, limit=limit)

    def list_outbox(
        self, institution: str, person: str, *, state: str | None, cursor: str | None, limit: int
    ) -> Page[Mapping[str, Any]]:
        """A page of messages: an admin sees all of them, others those of cases they may read."""
        with self._outbox_scope(institution, person) as (connection, scope):
            return worklists.list_outbox(
                connection, institution, scope=scope, state=state, cursor=cursor, limit=limit
            )

    def owed(self, institution: str, person: str, owed: str) -> Mapping[str, Any] | None:
        """One message the person may see."""
        with self._outbox_scope(institution, person) as (connection, scope):
            return worklists.find_owed(connection, institution, owed, scope=scope)

    def person(self, institution: str, person: str) -> PersonCard | None:
        """Somebody by id."""
        with self.cases.store.reads() as connection:
            return worklists.find_person(connection, institution, person)

    def list_people(self, institution: str, *, cursor: str | None, limit: int) -> Page[PersonCard]:
        """A page of those who hold a role today."""
        with self.cases.store.reads() as connection:
            organisation = self._organisation(connection, institution)
            day = organisation.calendar(institution).local_date(instant(self.now()))
            ids = sorted({held.person for held in organisation.memberships if held.span.covers(day)})
            return worklists.list_people(connection, institution, ids, cursor=cursor, limit=limit)

    def outbox_counts(self) -> Mapping[str, int]:
        """How many messages wait, and how many are dead letters."""
        with self.cases.store.reads() as connection:
            return worklists.outbox_counts(connection)

    def _organisation(self, connection: Session, institution: str) -> Organisation:
        version = registers.version_of(connection, institution)
        return self.cases.organisation(self.cases.store.ledger_on(connection), institution, version)

    def _scope(self, connection: Session, institution: str, person: str) -> Scope:
        return scope_of(self._organisation(connection, institution), person, self.now())

    @contextmanager
    def _outbox_scope(self, institution: str, person: str) -> Iterator[tuple[Session, Scope | None]]:
        with self.cases.store.reads() as connection:
            organisation = self._organisation(connection, institution)
            admin = holds_anywhere(organisation, person, self.now(), Role.ADMIN)
            yield connection, None if admin else scope_of(organisation, person, self.now())
