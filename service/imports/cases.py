"""Takes in the lists of matters: every row becomes a case, by the one road.

A row is known again by its natural key, written in the very transaction that opens its
case. A known row that says something else is told and changes nothing: a case is put
right by a correction, with a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from pydantic import ValidationError

from adapters.columns import Parsed
from adapters.import_kinds import person_name
from adapters.values import folded
from engine import people
from engine.errors import BadFields, Refused
from engine.faults import words_for
from engine.model import IMPORT_PARTY, Case, NewPerson, Open, Request
from engine.organisation import Organisation
from engine.partners import Partner
from engine.store import natural_keys, person_rows, registers
from engine.store.ledger import Ledger, Plan
from engine.store.store import Session
from engine.vocabulary import Text
from service.compose import House
from service.imports.lookups import WORKFLOW as AGREEMENT
from service.imports.lookups import Agreements, Partners
from service.imports.report import Difference, Result, Stopped, Taken
from service.imports.source import Source, Unfit, fingerprint, key_of, plain


@dataclass(frozen=True, slots=True)
class Matter:
    """What a row asks to be opened. `shown` is how the report names it."""

    unit: str
    facts: Mapping[str, Any]
    shown: str
    subject: NewPerson | None = None
    links: tuple[tuple[str, str], ...] = ()
    warnings: tuple[Text, ...] = ()


class Reader(Protocol):
    """Reads the rows of one kind of list into matters of one workflow.

    `columns_of_facts` says from which column a fact comes, where they have other names;
    `without_place` names columns that are understood but have no place in a case.
    `judges`: `judged` has something to say of some cases, also of those known before.
    """

    workflow: str
    columns_of_facts: Mapping[str, str]
    without_place: frozenset[str]
    judges: bool

    def key(self, desk: Desk, row: Parsed) -> str:
        """By what the row is known again. Raises Unfit."""
        ...

    def matter(self, desk: Desk, row: Parsed) -> Matter:
        """What the row asks for. Raises Unfit or BadFields."""
        ...

    def already(self, desk: Desk, row: Parsed) -> str | None:
        """The case that somebody opened by hand and that is the row's, or None."""
        ...

    def judged(self, desk: Desk, case: Case) -> tuple[Stopped, ...]:
        """What is to be said of the case at once."""
        ...


class Plainly:
    """What most lists share: no case is opened by hand under their key, and nothing is said at once."""

    judges = False

    def already(self, _desk: Desk, _row: Parsed) -> str | None:
        """None: only the list itself knows the key."""
        return None

    def judged(self, _desk: Desk, _case: Case) -> tuple[Stopped, ...]:
        """Nothing."""
        return ()


@dataclass
class Desk:
    """An open transaction and all that a row needs. What is looked up is kept for the run."""

    house: House
    institution: str
    source: Source
    organisation: Organisation
    today: date
    partners: Partners
    agreements: Agreements
    connection: Session
    ledger: Ledger
    known_cases: dict[str, Case] = field(default_factory=dict)

    def case(self, case_id: str) -> Case:
        """A case as it now is."""
        return self.ledger.read(Plan(self.institution, (case_id,))).cases[case_id]

    def agreement(self, case_id: str) -> Case:
        """An agreement. It is read once, for nothing of this run changes it."""
        if case_id not in self.known_cases:
            self.known_cases[case_id] = self.case(case_id)
        return self.known_cases[case_id]

    def partner(self, row: Parsed) -> Partner | None:
        """The partner a row names, or None. Raises Unfit."""
        return self.partners.named(self.connection, row)

    def figures(self, unit: str) -> Mapping[str, Any]:
        """The settings of the unit for agreements, over the workflow's defaults."""
        prefix = f"{AGREEMENT}."
        settings = self.organisation.settings(unit) if unit in self.organisation.units else {}
        own = {name.removeprefix(prefix): value for name, value in settings.items() if name.startswith(prefix)}
        declared = self.house.catalogue.current(AGREEMENT).figures if AGREEMENT in self.house.catalogue.names else {}
        return {**declared, **own}

    def student(self, row: Parsed, language: str) -> NewPerson:
        """Who a matter is about. Raises BadFields."""
        return NewPerson(
            name=people.clean_name(person_name(row.values)),
            email=people.folded_email(str(row.values["email"])),
            language=str(row.values.get("language") or language),
        )


class _Undo(Exception):
    """Leaves the transaction without a commit."""


@dataclass
class CaseImport:
    """Takes the rows of one list of matters in."""

    house: House
    institution: str
    source: Source
    reader: Reader

    def __post_init__(self) -> None:
        # The clock may be a row in this very database, so it is read before a write is open.
        now = self.house.clock.now()
        organisation = self.house.directory.organisation(self.institution)
        self._organisation = organisation
        self._today = organisation.calendar(self.institution).local_date(now)
        self._partners = Partners(self.institution, self.source)
        self._agreements = Agreements(self.source, organisation)
        self._known: dict[str, Case] = {}
        self._read = False

    @contextmanager
    def within(self, *, undo: bool) -> Iterator[Callable[[Collection[Parsed]], Iterator[Taken]]]:
        """One transaction, and what takes rows in under it; rolled back at the end if asked."""
        try:
            with self.house.store.writes() as connection:
                # A read first: the transaction must have begun before the first savepoint.
                registers.version_of(connection, self.institution)
                desk = self._desk(connection)
                yield lambda rows: (self._row(desk, row) for row in rows)
                if undo:
                    raise _Undo  # noqa: TRY301 - leaving by an error is what undoes a transaction
        except _Undo:
            return

    def _desk(self, connection: Session) -> Desk:
        if not self._read:
            self._agreements.read(connection, self.institution)
            self._read = True
        return Desk(
            self.house,
            self.institution,
            self.source,
            self._organisation,
            self._today,
            self._partners,
            self._agreements,
            connection,
            self.house.store.ledger_on(connection),
            self._known,
        )

    def _row(self, desk: Desk, row: Parsed) -> Taken:
        """Take one row in, alone in its failure."""
        try:
            with desk.ledger.savepoint():
                return self._taken(desk, row)
        except Unfit as unfit:
            return Taken(Result.BAD, faults=unfit.faults)
        except Refused as refused:
            return Taken(Result.BAD, faults=self.source.refused(row, refused).faults)

    def _taken(self, desk: Desk, row: Parsed) -> Taken:
        key, said = self.reader.key(desk, row), fingerprint(row)
        kind = self.source.kind
        known = natural_keys.find(desk.connection, self.institution, kind=kind, key=key)
        target = known.target if known else self.reader.already(desk, row)
        if target is None:
            return self._opened(desk, row, key, said)
        unchanged = known is not None and known.fingerprint == said
        if unchanged and not self.reader.judges:
            return Taken(Result.UNCHANGED)
        case = desk.case(target)
        stopped = self.reader.judged(desk, case)
        if unchanged:
            return Taken(Result.UNCHANGED, stopped=stopped)
        differences = tuple(self._compared(desk, row, self.reader.matter(desk, row), case))
        result = Result.DIFFERING if differences else Result.UNCHANGED
        return Taken(result, differences=differences, stopped=stopped)

    def _opened(self, desk: Desk, row: Parsed, key: str, said: str) -> Taken:
        matter = self.reader.matter(desk, row)
        warnings = (*matter.warnings, *_other_name(desk, matter.subject))
        ask = Open(
            workflow=self.reader.workflow,
            unit=matter.unit,
            subject=matter.subject,
            facts=matter.facts,
            links=matter.links,
            state=self._state(),
            evidence=self.source.evidence(row.number),
        )
        done = self.house.cases.step_in(desk.ledger, Request(self.institution, ask, IMPORT_PARTY))
        natural_keys.remember(
            desk.connection,
            self.institution,
            kind=self.source.kind,
            key=key,
            target=done.case_id,
            fingerprint=said,
        )
        stopped = self.reader.judged(desk, done.case) if done.case else ()
        return Taken(Result.NEW, warnings=warnings, stopped=stopped)

    def _state(self) -> str | None:
        """The state for a matter that is already under way, where the workflow names one."""
        return next(iter(self.house.catalogue.current(self.reader.workflow).workflow.registers_in), None)

    def _compared(self, desk: Desk, row: Parsed, matter: Matter, case: Case) -> Iterator[Difference]:
        """Where the file says something else than it did, and than the case now says."""

        def differs(name: str, was: Any, now: Any) -> Difference:
            return Difference(matter.shown, name, plain(was), plain(now), written=False)

        if matter.unit != case.unit:
            yield differs("unit", case.unit, matter.unit)
        for name, to in matter.links:
            linked = case.link(name)
            if linked != to:
                yield differs(name, desk.case(linked).number if linked else None, desk.case(to).number)
        after = self._as_stored(row, matter)
        first = natural_keys.opened_with(desk.connection, self.institution, case.id)
        for name, value in after.items():
            said_before = first is not None and first.get(name) == value
            if not said_before and not _alike(case.facts.get(name), value):
                yield differs(name, case.facts.get(name), value)
        if matter.subject and case.subject:
            card = person_rows.by_id(desk.connection, self.institution, [case.subject]).get(case.subject)
            if card and card.name and folded(card.name) != folded(matter.subject.name):
                yield differs("name", card.name, matter.subject.name)

    def _as_stored(self, row: Parsed, matter: Matter) -> Mapping[str, Any]:
        """The facts as the case would keep them. Raises Unfit."""
        model = self.house.catalogue.current(self.reader.workflow).workflow.facts
        try:
            stored = model.model_validate(dict(matter.facts)).model_dump(mode="json")
        except ValidationError as error:
            refused = BadFields(Text("", ""), tuple(words_for(error)))
            raise self.source.refused(row, refused) from error
        return {name: stored[name] for name in matter.facts}


def _alike(was: Any, now: Any) -> bool:
    """Whether two facts say the same: capital letters and spaces apart do not make it another."""
    if isinstance(was, str) and isinstance(now, str):
        return folded(was) == folded(now)
    return bool(was == now)


def _other_name(desk: Desk, subject: NewPerson | None) -> Iterator[Text]:
    """Tell where the address is that of somebody known under another name; that name stays."""
    known = person_rows.by_email(desk.connection, desk.institution, subject.email) if subject else None
    if subject and known and known.name and folded(known.name) != folded(subject.name):
        yield Text(
            f"{subject.email} finns redan som {known.name}; i filen står {subject.name}. Namnet ändras inte.",
            f"{subject.email} is known as {known.name}; the file says {subject.name}. The name is not changed.",
        )


def hashed(*parts: object) -> str:
    """The key of a row that is about a person."""
    return key_of(*(plain(part) for part in parts))
