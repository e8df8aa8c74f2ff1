"""The office that every life begins with: two institutions that are alike in all but their names.

People, units, keys and addresses are the same in both, so that whatever forgets to ask for
the institution finds the other's. Made once, and copied for each life.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from adapters.system import NothingStandsThere
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.model import Outcome, Request, Tie
from engine.store.migrate import upgrade
from engine.store.store import Store
from engine.tables import Table
from tests.engine.house import CATALOGUE, INSTITUTION, MEMBERS, UNITS, CountedIds, CountedNonces, House, StillClock
from tests.engine.versions import WiderFacts, catalogue_of, renamed, stay_with

INSTITUTIONS: Final = (INSTITUTION, "y.se")

OLD: Final[Catalogue] = CATALOGUE
"""What the nodes run under when a life begins."""

NEW: Final[Catalogue] = catalogue_of(renamed({"asked": "registered"}, stay_with(facts=WiderFacts)))
"""What they run under once they are upgraded: a state has another name, a fact is new, one has narrower bounds."""


@dataclass
class Office(House):
    """The house's short words, in an institution of its own."""

    institution: str = INSTITUTION

    def ask(self, ask: Any, by: str, case: str | None = None, **more: Any) -> Outcome:
        return self.send(Request(self.institution, ask, by, case=case, **more))


def template(folder: Path) -> Path:
    """Make the office: in both institutions two contracts, the one to follow the other, and stays in every state."""
    path = folder / "office.db"
    upgrade(f"sqlite:///{path}")
    store, clock = Store(f"sqlite:///{path}", durable=False), StillClock()
    cases = Cases(store, OLD, clock, CountedIds(), CountedNonces(), NothingStandsThere())
    for institution in INSTITUTIONS:
        with store.writes() as connection:
            for table, rows in _organisation(institution).items():
                values = [{"institution": institution, **row} for row in rows]
                connection.execute(sa.insert(Table.metadata.tables[table]), values)
        _furnish(Office(store, cases, clock, institution))
    store.close()
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


def _furnish(office: Office) -> None:
    old, new = office.contract(places=6, name="Old"), office.contract(places=3, name="New")
    office.ask(Tie("successor", new), "olle", old)
    for rank, state in enumerate(("asked", "proposed", "waiting", "offered", "away")):
        office.stay_in(state, old, rank=rank)
    office.stay_in("waiting", new)


def _organisation(institution: str) -> Mapping[str, list[dict[str, Any]]]:
    def named(unit: str | None) -> str | None:
        return institution if unit == INSTITUTION else unit

    units = [{**unit, "code": named(unit["code"]), "parent": named(unit["parent"])} for unit in UNITS]
    people = dict.fromkeys(person for person, _, _ in MEMBERS)
    return {
        "organisation": [{"version": 1}],
        "unit": [
            {"id": unit["code"], "since_version": 1, "name_sv": "Enhet", "name_en": "Unit", "settings": {}, **unit}
            for unit in units
        ],
        "membership": [
            {"id": f"{person}-{role}", "since_version": 1, "person": person, "role": role, "unit": named(unit)}
            for person, role, unit in MEMBERS
        ],
        "person": [
            {"id": person, "name": person, "email": f"{person}@example.com", "language": "sv", "created_at": 0}
            for person in people
        ],
    }
