"""What people ask of the house without changing it. One connection a question, one instant seen."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from engine import rights
from engine.canonical import micros
from engine.cases import Action, Cases
from engine.chasing import Chaser
from engine.decide import NOT_FOUND
from engine.errors import CaseNotFound
from engine.model import Case, Outcome
from engine.organisation import Organisation
from engine.paging import Page
from engine.people import PersonCard
from engine.scope import Scope, holds_anywhere, kept_scope, scope_of
from engine.store import lists, overviews, registers, shown_cases, worklists
from engine.store.narrowing import CaseFilter, Terms, bounds_of
from engine.store.overviews import CaseWords, Standing
from engine.store.scope import may_read
from engine.store.state_counts import Counted, StateCount, count_states
from engine.store.store import Session
from engine.store.tasks import Tasks, list_tasks
from engine.store.worklists import DeadlineFilter, OwedDeadline
from engine.surveying import Survey, chaser_for, survey
from engine.tasks import Waiting, waiting_for
from engine.telling import addressees
from engine.views import Lens
from engine.vocabulary import Role
from engine.waiting import Waits


@dataclass(frozen=True, slots=True)
class Seen:
    """A case as somebody sees it: with the newest running of each deadline, and what they may do.

    `lens` shows its surroundings as they were read with it.
    """

    case: Case
    actions: tuple[Action, ...]
    lens: Lens = field(repr=False, compare=False)


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
            deadlines = shown_cases.deadlines_of(connection, institution, [case])
            return Seen(found.but(deadlines=deadlines[case]), actions, lens)

    def after(self, institution: str, person: str, outcome: Outcome) -> Seen:
        """The case directly after a step with its actions judged for the person. Raises CaseNotFound.

        What the step was decided on tells it, but for the deadlines that had ended before; else it
        is read, and then a later version may be seen, too.
        """
        case, left = outcome.case, outcome.left
        if case is None or left is None:
            return self.seen(institution, person, outcome.case_id)
        lens = Lens(self.cases.catalogue, left)
        if not rights.may_read(lens, person, case):
            raise CaseNotFound(NOT_FOUND, case=case.id)
        actions = self.cases.actions(lens, case, person)
        newest = shown_cases.ended_by(self.cases.store, institution, case.id, outcome.sequence)
        newest |= {row.name: row for row in case.deadlines}
        return Seen(case.but(deadlines=tuple(newest[name] for name in sorted(newest))), actions, lens)

    def within(self, scope: Scope, case: str) -> bool:
        """Whether a case lies in these units, by its own or by that of a case it is linked to."""
        with self.cases.store.reads() as connection:
            return may_read(connection, scope, case)

    def readable(self, institution: str, person: str, case: str) -> None:
        """Raise CaseNotFound unless the person may read the case."""
        with self.cases.store.reads() as connection:
            scope = self._scope(connection, institution, person)
            if not may_read(connection, scope, case):
                raise CaseNotFound(NOT_FOUND, case=case)

    def numbered(self, institution: str, person: str, number: str) -> str:
        """The id of the case of this number, if the person may read it. Raises CaseNotFound."""
        with self.cases.store.reads() as connection:
            found = shown_cases.id_of(connection, self._scope(connection, institution, person), number)
        if found is None:
            raise CaseNotFound(NOT_FOUND)
        return found

    def list_cases(
        self,
        institution: str,
        person: str,
        *,
        narrowed: CaseFilter,
        sort: str = "-opened",
        cursor: str | None = None,
        limit: int = 50,
        counted: bool = False,
    ) -> Page[Case]:
        """A page of the cases the person may read; `counted`: with how many there are, as far as that costs little."""
        with self.cases.store.reads() as connection:
            terms = self._terms(self._organisation(connection, institution), person, narrowed)
            return lists.list_cases(
                connection, terms, narrowed=narrowed, sort=sort, cursor=cursor, limit=limit, counted=counted
            )

    def these(self, institution: str, person: str, ids: Collection[str]) -> tuple[Case, ...]:
        """Those of these cases that the person may read, in the order of their numbers."""
        with self.cases.store.reads() as connection:
            return shown_cases.these(connection, self._scope(connection, institution, person), ids)

    def tasks(
        self,
        institution: str,
        person: str,
        *,
        narrowed: CaseFilter,
        today: date | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Tasks:
        """A page of open cases the person may read, the most pressing first on the local day `today` (None: now)."""
        wanted = narrowed if today is None else replace(narrowed, today=today)
        with self.cases.store.reads() as connection:
            terms = self._terms(self._organisation(connection, institution), person, wanted)
            return list_tasks(connection, terms, narrowed=wanted, cursor=cursor, limit=limit)

    def waiting(self, institution: str, person: str) -> Waiting:
        """What waits for somebody now, as groups of cases."""
        return waiting_for(self.organisation(institution), self.cases.catalogue, person, self.now())

    def overview(
        self, institution: str, person: str, *, workflow: str, unit: tuple[str, ...] = ()
    ) -> tuple[StateCount, ...]:
        """How many cases stand in each state of a workflow, in the order declared. An unknown one: KeyError.

        Numbers stop at a bound (`StateCount`).
        """
        return self._in_order(workflow, self._count(institution, person, (workflow,), unit, closed=True))

    def counts(
        self, institution: str, person: str, *, unit: tuple[str, ...] = ()
    ) -> Mapping[str, tuple[StateCount, ...]]:
        """The overviews of all workflows, by name, of their open cases."""
        names = self.cases.catalogue.names
        found = self._count(institution, person, names, unit, closed=False)
        return {name: self._in_order(name, found) for name in names}

    def total(self, institution: str, person: str, *, narrowed: CaseFilter) -> int:
        """How many cases the person may read and the filter leaves."""
        with self.cases.store.reads() as connection:
            terms = self._terms(self._organisation(connection, institution), person, narrowed)
            return overviews.count_cases(connection, terms, narrowed=narrowed)

    def names(self, institution: str, ids: Collection[str]) -> Mapping[str, str]:
        """The names of people, by id; those without one are left out."""
        with self.cases.store.reads() as connection:
            return overviews.names_of(connection, institution, ids)

    def titles(self, institution: str, cases: Collection[str]) -> Mapping[str, CaseWords]:
        """By what cases are known, by id. For cases that a case the person may read names."""
        with self.cases.store.reads() as connection:
            return overviews.titles_of(connection, institution, cases)

    def standing(self, institution: str, cases: Collection[str]) -> Mapping[str, Standing]:
        """Since when cases are in their states and what they owe, by id. For cases already shown to be readable."""
        with self.cases.store.reads() as connection:
            return overviews.standing_of(connection, institution, cases)

    def case_waits(self, institution: str, person: str, case: str) -> Waits:
        """Everything the case waits for, and its checklist. Raises CaseNotFound."""
        with self.cases.store.reads() as connection:
            return self._surveyed(connection, institution, person, case).waits(case, person)

    def list_waits(
        self,
        institution: str,
        person: str,
        *,
        narrowed: CaseFilter,
        sort: str = "due",
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Waits]:
        """A page of the cases the person may read, each with everything it waits for."""
        with self.cases.store.reads() as connection:
            terms = self._terms(self._organisation(connection, institution), person, narrowed)
            found = lists.list_cases(connection, terms, narrowed=narrowed, sort=sort, cursor=cursor, limit=limit)
            seen = survey(self.cases, connection, institution, [case.id for case in found.items])
            return Page(tuple(seen.waits(case.id, person) for case in found.items), found.next_cursor)

    def chaser(self, institution: str, person: str, case: str, recipient: str) -> Chaser | None:
        """The ready question to somebody the case waits for (`person:ID`, …); None where it does not.

        Raises CaseNotFound.
        """
        with self.cases.store.reads() as connection:
            seen = self._surveyed(connection, institution, person, case)
            return chaser_for(connection, seen, seen.waits(case, person), recipient)

    def addressees(self, institution: str, person: str, case: str) -> tuple[str, ...]:
        """Whom a comment on the case may tell. Raises CaseNotFound."""
        with self.cases.store.reads() as connection:
            lens = self._surveyed(connection, institution, person, case).lens
            return addressees(lens, lens.cases[case])

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
            return worklists.list_outbox(connection, institution, scope=scope, state=state, cursor=cursor, limit=limit)

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
            day = organisation.calendar(institution).day_at(self.now())
            ids = sorted({held.person for held in organisation.memberships if held.span.covers(day)})
            return worklists.list_people(connection, institution, ids, cursor=cursor, limit=limit)

    def outbox_counts(self) -> Mapping[str, int]:
        """How many messages wait, and how many are dead letters, of all institutions: for measures."""
        with self.cases.store.reads() as connection:
            return worklists.outbox_counts(connection)

    def outbox_counts_for(self, institution: str, person: str) -> Mapping[str, int]:
        """The same of the messages that `list_outbox` shows the person."""
        with self._outbox_scope(institution, person) as (connection, scope):
            return worklists.outbox_counts(connection, institution, scope=scope)

    def _organisation(self, connection: Session, institution: str) -> Organisation:
        version = registers.version_of(connection, institution)
        return self.cases.organisation(self.cases.store.ledger_on(connection), institution, version)

    def _surveyed(self, connection: Session, institution: str, person: str, case: str) -> Survey:
        """The case and what it is tied to, if the person may read it. Raises CaseNotFound."""
        seen = survey(self.cases, connection, institution, [case])
        found = seen.find(case)
        if found is None or not rights.may_read(seen.lens, person, found):
            raise CaseNotFound(NOT_FOUND, case=case)
        return seen

    def _scope(self, connection: Session, institution: str, person: str) -> Scope:
        return scope_of(self._organisation(connection, institution), person, self.now())

    def _terms(self, organisation: Organisation, person: str, narrowed: CaseFilter) -> Terms:
        """As whom, and of which day, a list is asked for."""
        now = self.now()
        calendar = organisation.calendar(organisation.institution)
        asked = narrowed.waits_for
        return Terms(
            scope_of(organisation, person, now),
            calendar,
            bounds_of(calendar, narrowed.today or calendar.day_at(now)),
            None if asked is None else waiting_for(organisation, self.cases.catalogue, asked, now),
        )

    def _count(
        self, institution: str, person: str, workflows: tuple[str, ...], unit: tuple[str, ...], *, closed: bool
    ) -> Mapping[tuple[str, str], StateCount]:
        with self.cases.store.reads() as connection:
            organisation, now = self._organisation(connection, institution), self.now()
            mine = waiting_for(organisation, self.cases.catalogue, person, now)
            asked = Counted(scope_of(organisation, person, now), mine, workflows, unit, closed)
            return count_states(connection, asked)

    def _in_order(self, workflow: str, found: Mapping[tuple[str, str], StateCount]) -> tuple[StateCount, ...]:
        """The states as declared, then those that only cases under replaced definitions are in."""
        declared = [state.name for state in self.cases.catalogue.current(workflow).workflow.states]
        others = sorted(state for name, state in found if name == workflow and state not in declared)
        return tuple(found.get((workflow, state), StateCount(workflow, state)) for state in (*declared, *others))

    @contextmanager
    def _outbox_scope(self, institution: str, person: str) -> Iterator[tuple[Session, Scope | None]]:
        with self.cases.store.reads() as connection:
            organisation = self._organisation(connection, institution)
            yield connection, kept_scope(organisation, person, self.now())
