"""Finds the open cases that stand under an older version of their process, and carries them over.

Each case goes by a step of its own (`engine.migrating`). What is over there already is left,
so a run that was broken off is simply run again.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.cases import Cases
from engine.model import Migrate
from engine.one_by_one import Result, Told, ask_each
from engine.store import keeping_rows
from engine.store.keeping_rows import CaseLine


@dataclass(frozen=True, slots=True)
class Still:
    """How many cases stand under a replaced version."""

    version: int
    definition: str
    open: int
    closed: int


@dataclass(frozen=True)
class Carrying:
    """Carries open cases over to the current version of a workflow."""

    cases: Cases

    def waiting(self, institution: str, workflow: str) -> list[CaseLine]:
        """The open cases of the workflow under an older version. Raises KeyError for an unknown workflow."""
        current = self.cases.catalogue.current(workflow)
        with self.cases.store.reads() as connection:
            return keeping_rows.under_others(connection, institution, workflow, current.hash)

    def carry(
        self, institution: str, lines: list[CaseLine], *, by: str, only_try: bool = False, told: Told | None = None
    ) -> list[Result]:
        """Carry the cases over one by one, or only try. Raises Busy; what is over by then stays over."""
        return ask_each(self.cases, institution, lines, Migrate(), by=by, only_try=only_try, told=told)

    def still_under(self, institution: str, workflow: str) -> tuple[Still, ...]:
        """The replaced versions that cases still stand under, the oldest first."""
        current = self.cases.catalogue.current(workflow)
        with self.cases.store.reads() as connection:
            every = keeping_rows.counted(connection, institution, workflow)
            waiting = keeping_rows.under_others(connection, institution, workflow, current.hash)
        open_ = {hash_: sum(line.definition == hash_ for line in waiting) for hash_ in every}
        found = (
            Still(self.cases.catalogue.by_hash(hash_).version, hash_, open_[hash_], count - open_[hash_])
            for hash_, count in every.items()
            if hash_ != current.hash
        )
        return tuple(sorted(found, key=lambda each: each.version))
