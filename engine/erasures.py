"""Finds what is to be erased, and erases it: closed cases whose time is over, or all about one person.

Each case is erased by a step of its own (`engine.erasing`). The time cases are kept is the
office's to decide (its records schedule); it is asked for as a day and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from engine.canonical import micros
from engine.cases import Cases
from engine.errors import GuardRefused
from engine.judging import ERASED
from engine.model import Erase, ErasureReason
from engine.one_by_one import Result, Told, ask_each
from engine.organisation import Organisation
from engine.people import wrong
from engine.store import keeping_rows, registers
from engine.store.keeping_rows import CaseLine
from engine.store.store import Session
from engine.vocabulary import Role


@dataclass(frozen=True)
class Erasures:
    """Erases details of cases, and names of people."""

    cases: Cases

    def due(
        self, institution: str, *, closed_before: date, workflow: str | None = None, limit: int | None = None
    ) -> list[CaseLine]:
        """Cases closed before a local day and not erased, the oldest first. Raises BadFields for a day to come."""
        before = _start_of(self._organisation(institution), closed_before, now=micros(self.cases.clock.now()))
        with self.cases.store.reads() as connection:
            return keeping_rows.closed_before(connection, institution, before=before, workflow=workflow, limit=limit)

    def named(self, institution: str, ids: Sequence[str]) -> list[CaseLine]:
        """The cases of these ids."""
        with self.cases.store.reads() as connection:
            return keeping_rows.named(connection, institution, ids)

    def about(self, institution: str, person: str) -> list[CaseLine]:
        """Every case about a person that is not erased, open ones too."""
        with self.cases.store.reads() as connection:
            return keeping_rows.of_person(connection, institution, person)

    def kept_by(self, institution: str, person: str, lines: Sequence[CaseLine]) -> list[CaseLine]:
        """Those of the cases that an admin may erase: in the units they hold the role for."""
        organisation = self._organisation(institution)
        day = organisation.calendar(institution).local_date(self.cases.clock.now())
        return [line for line in lines if organisation.holds(person, Role.ADMIN, line.unit, day)]

    def erase(
        self,
        institution: str,
        lines: Sequence[CaseLine],
        why: ErasureReason,
        *,
        by: str,
        only_try: bool = False,
        told: Told | None = None,
    ) -> list[Result]:
        """Erase the cases one by one, or only try. Raises Busy; what was erased by then is gone."""
        return ask_each(self.cases, institution, lines, Erase(why), by=by, only_try=only_try, told=told)

    def forget(self, institution: str, person: str) -> bool:
        """Take a person's name and address away where no case about them is left; whether they were there till now.

        Whoever has held a role here keeps their name: it stands behind what they decided.
        """
        return keeping_rows.forget(self.cases.store, institution, person)

    def _organisation(self, institution: str) -> Organisation:
        with self.cases.store.reads() as connection:
            version = registers.version_of(connection, institution)
            return self.cases.organisation(self.cases.store.ledger_on(connection), institution, version)


def refuse_erased(connection: Session, institution: str, case: str) -> None:
    """Raise GuardRefused where the details of the case are erased; else they stay until the transaction ends."""
    if keeping_rows.is_erased(connection, institution, case):
        raise GuardRefused(ERASED.message, (ERASED,), case=case)


def _start_of(organisation: Organisation, day: date, *, now: int) -> int:
    """The instant the local day begins; a day that has not come yet is refused."""
    calendar = organisation.calendar(organisation.institution)
    if day > calendar.day_at(now):
        raise wrong("closed_before", "ange en dag som har varit.", "give a day that has been.")
    return micros(calendar.start_of(day))
