"""Takes in the registers: partners, units, people, absences, mandates, closing days.

A register is kept by its list: what is new is added, what differs is written over and told.
Two rows of one file that speak differently of the same thing cannot both be right: the first
counts, the other is told and not written, so that the same file again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from adapters.columns import Parsed
from engine import people
from engine.directory import Change, PersonCard, Written
from engine.errors import BadFields
from engine.model import IMPORT_PARTY
from engine.store import person_rows
from engine.store.ledger import Ledger
from engine.vocabulary import Text
from service.compose import House
from service.imports.report import Difference, Result, Taken
from service.imports.source import Source, Unfit, plain

UNCHANGED = Taken(Result.UNCHANGED)
NEW = Taken(Result.NEW)


class SetAside(Exception):
    """A row that must not be written; `taken` is what is said about it."""

    def __init__(self, taken: Taken) -> None:
        self.taken = taken
        super().__init__()


@dataclass
class Desk:
    """An open change and all that a row of a register needs.

    What a row writes at once stands in a savepoint (`alone`). People without roles are written
    together at the end: of a hundred thousand students one statement each is half the time.
    """

    change: Change
    source: Source
    ledger: Ledger
    first_row: dict[Any, int]
    claimed: list[Any] = field(default_factory=list)
    _people: dict[str, PersonCard | None] = field(default_factory=dict)
    _unwritten: dict[str, PersonCard] = field(default_factory=dict)

    @property
    def institution(self) -> str:
        return self.change.institution

    def person(self, row: Parsed, column: str) -> PersonCard:
        """The person whose address stands in a column; raises Unfit."""
        found = self.known(people.folded_email(str(row.values[column]), column))
        if found is None:
            raise self.source.unfit(
                row,
                column,
                "någon som finns i registret; importera personerna (people) först",
                "somebody in the register; import the people first",
            )
        return found

    def prepare(self, rows: Collection[Parsed]) -> None:
        """Look up at once whom some hundred rows name: one question instead of hundreds."""
        asked = {
            str(row.values[column]).lower()
            for row in rows
            for column in ("email", "substitute")
            if row.values.get(column) is not None
        }
        found = person_rows.by_emails(self.change.connection, self.institution, asked)
        self._people = {email: found.get(email) for email in asked}

    def known(self, email: str) -> PersonCard | None:
        """The person of a folded address, or None."""
        if email not in self._people:
            self._people[email] = person_rows.by_email(self.change.connection, self.institution, email)
        return self._people[email]

    def knows(self, card: PersonCard) -> None:
        """Remember a person who was written, and will stay so."""
        self._people[str(card.email)] = card

    def write_later(self, card: PersonCard) -> None:
        """Let a person be written with the others; they are known from now on."""
        self.knows(card)
        self._unwritten[str(card.email)] = card

    def write_people(self) -> None:
        """Write those who wait for it. Whoever was added meanwhile keeps that row's id, so they are asked for anew."""
        self.change.write_people(self._unwritten.values())
        for email in self._unwritten:
            del self._people[email]
        self._unwritten.clear()

    def first_to_say(self, row: Parsed, thing: Any) -> bool:
        """Whether no earlier row of the file has spoken of the thing."""
        if thing not in self.first_row:
            self.first_row[thing] = row.number
            self.claimed.append(thing)
        return self.first_row[thing] == row.number

    def forget(self) -> None:
        """Let go of what the present row was the first to speak of: it was not taken in."""
        for thing in self.claimed:
            self.first_row.pop(thing, None)

    def judge(
        self, row: Parsed, *, thing: Any, key: str, done: Written, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> Taken:
        """Tell what a row did. Raises SetAside where an earlier row of the file said otherwise."""
        if done is Written.NEW:
            self.first_to_say(row, thing)
            return NEW
        changed = [name for name, value in after.items() if value is not None and before.get(name) != value]
        first = self.first_to_say(row, thing)
        if done is Written.SAME or not changed:
            return UNCHANGED
        taken = Taken(
            Result.DIFFERING,
            differences=tuple(
                Difference(key, name, plain(before.get(name)), plain(after[name]), written=first) for name in changed
            ),
        )
        if first:
            return taken
        raise SetAside(replace(taken, warnings=(self.said_otherwise(thing, key),)))

    def said_otherwise(self, thing: Any, key: str) -> Text:
        """That an earlier row of the file counts, since both cannot be right."""
        earlier = self.first_row[thing]
        return Text(
            f"rad {earlier} säger något annat om {key}; den gäller.",
            f"row {earlier} says otherwise of {key}; that one counts.",
        )


Take = Callable[[Desk, Parsed], Taken]


def alone(take: Take) -> Take:
    """Let what a row writes be undone where it is not taken in."""

    def taken(desk: Desk, row: Parsed) -> Taken:
        with desk.ledger.savepoint():
            return take(desk, row)

    return taken


@dataclass
class RegisterImport:
    """Takes the rows of one register in. `concerned` are the units whose deadlines may fall elsewhere now."""

    house: House
    institution: str
    source: Source
    take: Take
    needs_units: bool = True
    concerned: set[str] = field(default_factory=set)
    first_row: dict[Any, int] = field(default_factory=dict)

    def look(self, rows: Collection[Parsed]) -> None:
        """Nothing: what a row of a register says is compared with what stands there when it is written."""

    @contextmanager
    def within(self, *, undo: bool) -> Iterator[Callable[[Collection[Parsed]], Iterator[Taken]]]:
        """One change of the organisation, and what takes rows in under it; undone at the end if asked."""
        directory, what = self.house.directory, self.source.kind
        with directory.change(self.institution, by=IMPORT_PARTY, what=what, dry_run=undo) as change:
            if self.needs_units:
                change.root()
            desk = Desk(change, self.source, self.house.store.ledger_on(change.connection), self.first_row)
            yield lambda rows: iter(self._rows(desk, rows))
        self.concerned |= change.concerned

    def _rows(self, desk: Desk, rows: Collection[Parsed]) -> list[Taken]:
        if self.source.kind != "partners":
            desk.prepare(rows)
        taken = [self._row(desk, row) for row in rows]
        desk.write_people()
        return taken

    def _row(self, desk: Desk, row: Parsed) -> Taken:
        """Take one row in, alone in its failure."""
        change = desk.change
        kept = (change.touched, set(change.concerned))
        desk.claimed.clear()
        try:
            return self.take(desk, row)
        except SetAside as aside:
            taken = aside.taken
        except Unfit as unfit:
            taken = Taken(Result.BAD, faults=unfit.faults)
        except BadFields as refused:
            taken = Taken(Result.BAD, faults=self.source.refused(row, refused).faults)
        # What was written of the row is undone, so it must not count as a change either.
        change.touched, change.concerned = kept
        desk.forget()
        return taken


def given(values: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The columns that have a value, under the names of the register."""
    return {names[column]: value for column, value in values.items() if column in names and value is not None}


def ordered(rows: Collection[Parsed]) -> list[Parsed]:
    """Units so that each comes after the unit it belongs to, otherwise in the order of the file."""
    parents = {str(row.values["code"]): str(row.values.get("parent") or "") for row in rows}

    def depth(row: Parsed) -> int:
        above, found = parents[str(row.values["code"])], 0
        # A circle has no top; the register refuses it, here it must only end.
        while above in parents and found <= len(parents):
            above, found = parents[above], found + 1
        return found

    return sorted(rows, key=depth)
