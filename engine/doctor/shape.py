"""What the doctor speaks in: promises, checks, what a check looks at and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from engine.archive import Kept
from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.model import Case, Kind, Snapshot
from engine.organisation import Organisation
from engine.store.doctor_rows import MessageRow, Reached, Tied
from engine.views import Lens
from engine.vocabulary import AnyView, Text

LONGEST: Final = 300
"""Characters of what is told of a finding."""


class Promise(StrEnum):
    """A promise of docs/reliability.md that can be seen broken in what is stored."""

    DURABLE = "durable"
    LINEAR = "linear"
    RUNG = "rung"
    PLACES = "places"
    PARENTS = "parents"
    OWED = "owed"
    REPLAY = "replay"
    APART = "apart"
    LISTS = "lists"


@dataclass(frozen=True, slots=True)
class Fault:
    """What a check found: which thing within the case (or nothing more), and what was seen of it.

    Codes, ids and numbers only: no names, no facts, nothing that people wrote.
    """

    about: str
    what: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """All that is stored of one case, as of one instant, and what its history makes of it.

    `folded` is None where the history cannot be followed. `under` are the cases that are tied to
    this one. `targets` are the units of the cases it is tied to, by id; of those that are found in
    another institution alone the ids are in `abroad`. `strays` names the tables that hold rows of a
    case that is not there.
    """

    kept: Kept
    folded: Case | None
    messages: tuple[MessageRow, ...]
    under: tuple[Tied, ...]
    targets: Mapping[str, str]
    abroad: frozenset[str]
    reached: frozenset[Reached]
    unspoken: bool
    strays: tuple[str, ...]

    @property
    def row(self) -> Case:
        """The case's row; a check is asked of no case that has none."""
        if self.kept.row is None:
            raise LookupError(f"case {self.kept.id} has no row")
        return self.kept.row

    @property
    def facts_known(self) -> bool:
        """Whether the facts follow from the history: no detail was erased, or the last event erased them all."""
        events = self.kept.events
        return not self.kept.blank_by(len(events)) or events[-1].body["kind"] == Kind.ERASED


@dataclass(frozen=True, slots=True)
class Round:
    """What checks know beside the case. `now` is the office's instant (UTC microseconds).

    `alive` says for how long workers are known to have lived without a break (microseconds; 0: not
    known). `step` gives definition and trigger of an event of any case, None where it is not there.
    """

    catalogue: Catalogue
    organisation: Organisation
    now: int
    alive: int
    step: Callable[[str, int], tuple[str, str | None] | None]

    def definition(self, case: Case) -> Definition:
        """The definition a case is pinned to. Raises KeyError where there is none."""
        return self.catalogue.by_hash(case.definition)

    def view(self, case: Case) -> AnyView:
        """The case alone, as a rule sees it."""
        return Lens(self.catalogue, Snapshot(self.now, self.organisation, {case.id: case})).view(case)

    def late(self, since: int, allowed: int) -> bool:
        """Whether something has waited longer than is allowed although workers have lived all the while."""
        return self.alive > allowed and self.now - since > allowed


Look: TypeAlias = Callable[[CaseFile, Round], Iterator[Fault]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold of every case: the promise behind it, what is wrong, what a person should do.

    `look` is None where it is not asked case by case (keys, a replay, a row that cannot be read).
    """

    name: str
    promise: Promise
    label: Text
    advice: Text
    look: Look | None = None


def cut(words: str) -> str:
    """Words short enough to be kept."""
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
