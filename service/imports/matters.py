"""What a row of a list of matters asks for, and what it is read with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from adapters.columns import Parsed
from adapters.import_kinds import person_name
from engine import people
from engine.errors import Refused
from engine.model import Case, NewPerson
from engine.organisation import Organisation
from engine.partners import Partner
from engine.store import natural_keys
from engine.store.ledger import Ledger, Plan
from engine.store.natural_keys import Known
from engine.store.store import Session
from engine.vocabulary import Text
from service.compose import House
from service.imports.lookups import WORKFLOW as AGREEMENT
from service.imports.lookups import Agreements, Partners
from service.imports.report import Result, Stopped, Taken
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


@dataclass(slots=True)
class Asked:
    """A row, the key it is known again by, the fingerprint of what it says; and once read, what it asks for."""

    row: Parsed
    key: str
    said: str
    matter: Matter | Taken | None = None


class Reader(Protocol):
    """Reads the rows of one kind of list into matters of one workflow.

    `columns_of_facts` says from which column a fact comes, where they have other names;
    `without_place` names columns that are understood but have no place in a case.
    `judges`: `judged` has something to say of some cases, also of those known before.

    Nothing a row is read with may change by what another row opens: rows are read together.
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
    reader: Reader
    organisation: Organisation
    today: date
    partners: Partners
    agreements: Agreements
    connection: Session
    ledger: Ledger
    known_cases: dict[str, Case] = field(default_factory=dict)

    def asked(self, row: Parsed) -> Asked | Taken:
        """The row with its key; or that it cannot have one."""
        try:
            return Asked(row, self.reader.key(self, row), fingerprint(row))
        except (Unfit, Refused) as error:
            return self.bad(row, error)

    def matter(self, asked: Asked) -> Matter | Taken:
        """What a row asks for, read once; or that it cannot be taken in."""
        if asked.matter is None:
            try:
                asked.matter = self.reader.matter(self, asked.row)
            except (Unfit, Refused) as error:
                asked.matter = self.bad(asked.row, error)
        return asked.matter

    def bad(self, row: Parsed, error: Unfit | Refused) -> Taken:
        """That a row is not taken in, and why."""
        unfit = error if isinstance(error, Unfit) else self.source.refused(row, error)
        return Taken(Result.BAD, faults=unfit.faults)

    def remembered(self, asked: Iterable[Asked]) -> dict[str, Known]:
        """What the keys of rows stand for, by key."""
        keys = [each.key for each in asked]
        return natural_keys.known(self.connection, self.institution, kind=self.source.kind, keys=keys)

    def cases(self, case_ids: Collection[str]) -> Mapping[str, Case]:
        """Cases as they now are, by id."""
        if not case_ids:
            return {}
        return self.ledger.read(Plan(self.institution, tuple(dict.fromkeys(case_ids)))).cases

    def agreement(self, case_id: str) -> Case:
        """An agreement. It is read once, for what rows ask of it no row of this run changes."""
        if case_id not in self.known_cases:
            self.known_cases[case_id] = self.cases((case_id,))[case_id]
        return self.known_cases[case_id]

    def partner(self, row: Parsed) -> Partner | None:
        """The partner a row names, or None. Raises Unfit."""
        return self.partners.named(self.connection, row)

    def figures(self, unit: str) -> Mapping[str, Any]:
        """The settings of the unit for agreements, over the workflow's defaults."""
        declared = self.house.catalogue.current(AGREEMENT).figures if AGREEMENT in self.house.catalogue.names else {}
        own = self.organisation.figures(AGREEMENT, unit) if unit in self.organisation.units else {}
        return {**declared, **own}

    def student(self, row: Parsed, language: str) -> NewPerson:
        """Who a matter is about. Raises BadFields."""
        return NewPerson(
            name=people.clean_name(person_name(row.values)),
            email=people.folded_email(str(row.values["email"])),
            language=str(row.values.get("language") or language),
        )


def hashed(*parts: object) -> str:
    """The key of a row that is about a person."""
    return key_of(*(plain(part) for part in parts))
