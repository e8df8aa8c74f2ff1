"""A small institution: two departments under one root, and somebody for every role in each.

Whoever reads the walks finds people by their ids: `a.coordinator` and so on, as UUIDs.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import workflows
from adapters.system import NothingStandsThere, Uuid7
from engine.canonical import micros, named_key
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.organisation import STAFF, Organisation
from engine.replay import Replay
from engine.store.rows import read_organisation
from engine.store.store import Store
from engine.tables import Table
from engine.ticking import Ticker
from engine.vocabulary import Role

FILES = tuple(sorted(path for path in Path(workflows.__file__).parent.glob("*.py") if path.stem != "__init__"))
CATALOGUE = Catalogue.of(FILES)
START = datetime(2027, 3, 10, 9, tzinfo=UTC)
"""A Wednesday in spring, ten in the morning in Stockholm."""
TODAY = date(2027, 3, 10)
DEPARTMENTS = ("a", "b")
ROOT_ROLES = (Role.OFFICER, Role.ADMISSIONS, Role.SIGNATORY, Role.RECOGNISER, Role.HEAD)
STUDENTS = tuple(named_key("student", n) for n in range(3))
PARTNER = named_key("partner")

_numbers = itertools.count(1)


def named(unit: str, role: str) -> str:
    """The id of whoever holds a role in a unit."""
    return named_key(unit, role)


@dataclass
class Clock:
    """Goes where it is put."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at


@dataclass
class Nonces:
    drawn: int = 0

    def new(self) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(16, "big")


@dataclass
class Town:
    """The institution in a store it may share with others, each under a name of its own."""

    store: Store
    name: str = field(default_factory=lambda: f"town{next(_numbers)}.se")
    clock: Clock = field(default_factory=Clock)
    people: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cases = Cases(self.store, CATALOGUE, self.clock, Uuid7(), Nonces(), NothingStandsThere())
        self.ticker = Ticker(self.cases)
        self.replay = Replay(self.store, CATALOGUE, self._organisation_at)
        with self.store.writes() as connection:
            for table, rows in self._rows().items():
                values = [{"institution": self.name, **row} for row in rows]
                connection.execute(sa.insert(Table.metadata.tables[table]), values)

    @property
    def units(self) -> tuple[str, ...]:
        return (self.name, *DEPARTMENTS)

    def _rows(self) -> Mapping[str, list[dict[str, Any]]]:
        """Everybody, where they stand; one works part-time, one is on leave with a substitute."""
        units = [(self.name, None), *((code, self.name) for code in DEPARTMENTS)]
        held = [(unit, role) for unit in DEPARTMENTS for role in STAFF]
        held += [(self.name, role) for role in (*ROOT_ROLES, Role.AUDITOR)]
        memberships = [(named(unit, role), role, unit) for unit, role in held]
        seconds = [(named("a2", role), role, "a") for role in (Role.REVIEWER, Role.COORDINATOR)]
        self.people = [person for person, _, _ in (*memberships, *seconds)]
        part_time = {"person": named("a2", "reviewer"), "weekdays": "0,2,3,4", "substitute": None}
        on_leave = {"person": named("b", "reviewer"), "weekdays": None, "substitute": named("b", "head")}
        signers = [(unit, role) for unit, role in held if role is Role.SIGNATORY]
        return {
            "organisation": [{"version": 1}],
            "unit": [
                self._row("unit", code, code=code, name_sv=code, name_en=code, parent=parent,
                          mailbox=f"{code[0]}@example.com", settings={})
                for code, parent in units
            ],
            "membership": [
                self._row("membership", f"{person}{role}", person=person, role=role, unit=unit)
                for person, role, unit in (*memberships, *seconds)
            ],
            "mandate": [
                self._row("mandate", unit, person=named(unit, role), unit=unit, kind="sign_agreement")
                for unit, role in signers
            ],
            "absence": [self._row("absence", str(n), **row) for n, row in enumerate((part_time, on_leave))],
            "person": [
                {"id": person, "name": "N", "email": f"{person}@example.com", "language": "sv", "created_at": 0}
                for person in (*dict.fromkeys(self.people), *STUDENTS)
            ],
            "partner": [
                {"id": PARTNER, "name": "Keio", "folded_name": "keio", "email": "io@example.com", "language": "en"}
            ],
        }  # fmt: skip

    def _row(self, table: str, key: str, **values: Any) -> dict[str, Any]:
        return {"id": named_key(table, key), "since_version": 1, **values}

    def organisation(self) -> Organisation:
        with self.store.step() as ledger:
            return read_organisation(self.name, ledger.organisation_rows(self.name))

    def _organisation_at(self, institution: str, version: int) -> Organisation:
        found = self.organisation()
        assert (institution, version) == (found.institution, found.version)
        return found

    def rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Some columns of the institution's rows, in the order of their values."""
        chosen = Table.metadata.tables[table]
        query = sa.select(*(chosen.c[name] for name in columns)).where(chosen.c.institution == self.name)
        with self.store.reads() as connection:
            return sorted((tuple(row) for row in connection.execute(query)), key=repr)

    def counts(self, *tables: str) -> tuple[int, ...]:
        """How many rows of the institution each table has."""
        chosen = [Table.metadata.tables[table] for table in tables]
        counted = [
            sa.select(sa.func.count()).where(table.c.institution == self.name).scalar_subquery()
            for table in chosen
        ]
        with self.store.reads() as connection:
            return tuple(connection.execute(sa.select(*counted)).one())

    def now(self) -> int:
        return micros(self.clock.at)
