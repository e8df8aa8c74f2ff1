"""Rows of cases put in by hand, for what is asked of lists alone: no event stands behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.calendar import Calendar
from engine.queries import Queries
from engine.scope import Scope
from engine.store.narrowing import CaseFilter, Terms, bounds_of, conditions
from engine.store.store import Store
from engine.tables import Table
from engine.tasks import Waiting
from tests.engine.house import INSTITUTION, House

EVERYTHING = Scope(INSTITUTION, "olle", ("x.se", "a", "b"), everything=True)
MONDAY = date(2026, 12, 21)
CALENDAR = Calendar()


@dataclass(frozen=True)
class Rows:
    """A store, and short words to put rows in and find cases again."""

    store: Store

    def put(self, table: str, *rows: Mapping[str, Any]) -> None:
        """Insert some rows, all of the same columns."""
        with self.store.writes() as connection:
            filled = [{"institution": INSTITUTION, **row} for row in rows]
            connection.execute(sa.insert(Table.metadata.tables[table]), filled)

    def case(self, name: str, **columns: Any) -> str:
        """Put a case in; its id."""
        self.put("case_record", case_row(name, **columns))
        return name

    def person(self, name: str, spoken: str | None) -> str:
        row = {"id": name, "name": spoken, "email": f"{name}@x.se", "language": "sv", "created_at": 1}
        self.put("person", row)
        return name

    def link(self, source: str, name: str, to: str, sequence: int = 1) -> None:
        self.put("link", {"from_case": source, "name": name, "to_case": to, "sequence": sequence})

    def change(self, table: str, values: dict[str, Any] | None, **where: Any) -> None:
        """Write over rows; None deletes them."""
        chosen = Table.metadata.tables[table]
        which = [chosen.c[name] == value for name, value in where.items()]
        with self.store.writes() as connection:
            if values is None:
                connection.execute(sa.delete(chosen).where(*which))
            else:
                connection.execute(sa.update(chosen).where(*which).values(**values))

    def found(
        self, *, scope: Scope = EVERYTHING, waiting: Waiting | None = None, counted: bool = False, **narrowed: Any
    ) -> list[str]:
        """The ids of the cases a filter leaves, sorted."""
        wanted = CaseFilter(**narrowed)
        terms = Terms(scope, CALENDAR, bounds_of(CALENDAR, wanted.today or MONDAY), waiting)
        table = Table.metadata.tables["case_record"]
        with self.store.reads() as connection:
            query = sa.select(table.c.id).where(*conditions(connection, terms, wanted, counted=counted))
            return sorted(connection.execute(query).scalars())


def case_row(name: str, **columns: Any) -> dict[str, Any]:
    """An open stay of unit `a`, opened at 1; its title is also the text it is found by."""
    row: dict[str, Any] = {
        "number": f"STA-2026-{name}", "workflow": "stay", "definition": "d", "state": "asked", "unit": "a",
        "title": "", "facts": {}, "acts": {}, "version": 1, "head": "", "opened_at": 1, "updated_at": 1,
        "entered_at": 1, **columns,
    }  # fmt: skip
    return {"id": name, "search": row["title"].casefold(), **row}


def rows_of(house: House) -> Rows:
    """Short words for the house's own tables."""
    return Rows(house.store)


def queries_of(house: House) -> Queries:
    """What people may ask of the house."""
    return Queries(house.cases)
