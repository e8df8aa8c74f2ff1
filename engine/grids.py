"""Grids of cases: whom they are about against what one of their facts says; and how each was last judged."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engine.asking import asking
from engine.cases import Cases
from engine.store import grid_rows
from engine.store.event_rows import Written
from engine.store.grid_rows import GridFilter, GridRow

__all__ = ["MOST", "GridFilter", "GridRow", "Grids"]

MOST: Final = 5_000
"""So many cases, or different values, are read at most."""


@dataclass(frozen=True)
class Grids:
    """Reads grids for people. What somebody may not read is not there for them."""

    cases: Cases

    def rows(
        self, institution: str, person: str, narrowed: GridFilter, *, names: Sequence[str], limit: int = MOST
    ) -> list[GridRow]:
        """The cases by the name of whom they are about, each with what the facts of these names say."""
        with asking(self.cases, institution, person) as asked:
            return grid_rows.rows(asked.connection, asked.scope, narrowed, names=names, limit=limit)

    def values(
        self, institution: str, person: str, narrowed: GridFilter, *, names: Sequence[str]
    ) -> list[tuple[tuple[str | None, ...], int]]:
        """What the facts of these names say together, and in how many cases; most first."""
        with asking(self.cases, institution, person) as asked:
            return grid_rows.values(asked.connection, asked.scope, narrowed, names=names, limit=MOST)

    def latest(
        self, institution: str, cases: Sequence[str], triggers: Collection[str]
    ) -> Mapping[str, tuple[Written, ...]]:
        """The last event of each of these steps, by case, oldest first. For cases already shown to be readable."""
        with self.cases.store.reads() as connection:
            return grid_rows.latest(connection, institution, cases, triggers)
