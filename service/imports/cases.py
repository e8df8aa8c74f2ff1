"""Takes in the lists of matters: every row becomes a case, by the one road.

A row is known again by its natural key, written in the very transaction that opens its
case. A known row that says something else is told and changes nothing: a case is put
right by a correction, with a reason.

Rows are taken together: their keys are looked up, the cases of known ones read, the new
ones opened and their keys written by some statements for all of them. What became of a
row is what it would have been had it come alone, so rows of one key never go together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from adapters.columns import Parsed
from adapters.values import folded
from engine.batching import without_faults
from engine.model import IMPORT_PARTY, Case, NewPerson, Open, Outcome, Request
from engine.store import natural_keys, person_rows, registers
from engine.store.natural_keys import Known
from engine.store.store import Session
from engine.vocabulary import Text
from service.compose import House
from service.imports.comparing import Met, compared
from service.imports.lookups import Agreements, Partners
from service.imports.matters import Asked, Desk, Matter, Reader
from service.imports.report import Result, Taken
from service.imports.source import Source


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
        self._looked_at: dict[int, Asked | Taken] = {}

    def look(self, rows: Collection[Parsed]) -> None:
        """Read what the rows ask for before their transaction is open, since others wait for that on SQLite.

        Nothing is decided by it: a name that nobody knows is looked for among thousands, which takes a
        tenth of a second.
        """
        with self.house.store.reads() as connection:
            desk = self._desk(connection)
            self._looked_at = {row.number: desk.asked(row) for row in rows}
            asked = [each for each in self._looked_at.values() if isinstance(each, Asked)]
            known = desk.remembered(asked)
            for each in asked:
                if each.key not in known or known[each.key].fingerprint != each.said:
                    desk.matter(each)

    @contextmanager
    def within(self, *, undo: bool) -> Iterator[Callable[[Collection[Parsed]], Iterator[Taken]]]:
        """One transaction, and what takes rows in under it; rolled back at the end if asked."""
        with self.house.store.writes(undo=undo) as connection:
            # A read first: the transaction must have begun before the first savepoint.
            registers.version_of(connection, self.institution)
            desk = self._desk(connection)
            yield lambda rows: self._rows(desk, rows)

    def _desk(self, connection: Session) -> Desk:
        if not self._read:
            self._agreements.read(connection, self.institution)
            self._read = True
        return Desk(
            self.house,
            self.institution,
            self.source,
            self.reader,
            self._organisation,
            self._today,
            self._partners,
            self._agreements,
            connection,
            self.house.store.ledger_on(connection),
            self._known,
        )

    def _rows(self, desk: Desk, rows: Collection[Parsed]) -> Iterator[Taken]:
        """Take rows in, each alone in its failure; what became of them, in their order."""
        every = {row.number: self._looked_at.get(row.number) or desk.asked(row) for row in rows}
        taken = {number: each for number, each in every.items() if isinstance(each, Taken)}
        for some in _apart(each for each in every.values() if isinstance(each, Asked)):
            taken |= self._together(desk, some)
        return (taken[number] for number in every)

    def _together(self, desk: Desk, some: Sequence[Asked]) -> dict[int, Taken]:
        """Take rows in of which no two have one key; what became of each, by its number."""
        known = desk.remembered(some)
        met: list[Met] = []
        new: list[Asked] = []
        for each in some:
            before = known.get(each.key)
            target = before.target if before else self.reader.already(desk, each.row)
            if target is None:
                new.append(each)
            else:
                met.append(Met(each, target, before is not None and before.fingerprint == each.said))
        return {**compared(desk, met), **self._opened(desk, new)}

    def _opened(self, desk: Desk, new: Sequence[Asked]) -> dict[int, Taken]:
        """Open a case for each row, and remember the keys of those that were opened."""
        taken: dict[int, Taken] = {}
        matters: list[tuple[Asked, Matter]] = []
        for each in new:
            matter = desk.matter(each)
            if isinstance(matter, Matter):
                matters.append((each, matter))
            else:
                taken[each.row.number] = matter
        names = self._names(desk, (matter for _, matter in matters))
        outcomes = self.house.cases.steps_in(desk.ledger, [self._request(each, matter) for each, matter in matters])
        opened: dict[str, Known] = {}
        for (each, matter), outcome in zip(matters, without_faults(outcomes), strict=True):
            if isinstance(outcome, Outcome):
                opened[each.key] = Known(outcome.case_id, each.said)
                taken[each.row.number] = self._new(desk, matter, outcome, names)
            else:
                taken[each.row.number] = desk.bad(each.row, outcome)
        natural_keys.remember(desk.connection, self.institution, kind=self.source.kind, opened=opened)
        return taken

    def _names(self, desk: Desk, matters: Iterable[Matter]) -> dict[str, str | None]:
        """What the people the matters are about are called already, by address."""
        addresses = {matter.subject.email for matter in matters if matter.subject}
        found = person_rows.by_emails(desk.connection, self.institution, addresses)
        return {address: card.name for address, card in found.items()}

    def _request(self, asked: Asked, matter: Matter) -> Request:
        ask = Open(
            workflow=self.reader.workflow,
            unit=matter.unit,
            subject=matter.subject,
            facts=matter.facts,
            links=matter.links,
            state=self._state(),
            evidence=self.source.evidence(asked.row.number),
        )
        return Request(self.institution, ask, IMPORT_PARTY)

    def _state(self) -> str | None:
        """The state for a matter that is already under way, where the workflow names one."""
        return next(iter(self.house.catalogue.current(self.reader.workflow).workflow.registers_in), None)

    def _new(self, desk: Desk, matter: Matter, outcome: Outcome, names: dict[str, str | None]) -> Taken:
        """A case was opened. Whom it made known has that name for the rows to come."""
        warnings = matter.warnings
        if matter.subject:
            called = names.setdefault(matter.subject.email, matter.subject.name)
            warnings = (*warnings, *_other_name(matter.subject, called))
        stopped = self.reader.judged(desk, outcome.case) if outcome.case else ()
        return Taken(Result.NEW, warnings=warnings, stopped=stopped)


def _apart(asked: Iterable[Asked]) -> Iterator[list[Asked]]:
    """The rows in their order, parted before each that has the key of an earlier one."""
    some: dict[str, Asked] = {}
    for each in asked:
        if each.key in some:
            yield list(some.values())
            some = {}
        some[each.key] = each
    if some:
        yield list(some.values())


def _other_name(subject: NewPerson, called: str | None) -> Iterator[Text]:
    """Tell where the address is that of somebody known under another name; that name stays."""
    if called and folded(called) != folded(subject.name):
        yield Text(
            f"{subject.email} finns redan som {called}; i filen står {subject.name}. Namnet ändras inte.",
            f"{subject.email} is known as {called}; the file says {subject.name}. The name is not changed.",
        )
