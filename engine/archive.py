"""Cases as they are stored, with their histories, read many at a time and kept for a while.

A replay looks at the same agreements over and over; reading them once is most of its
speed. What is kept is bounded, so that a country's histories pass through as well as a
department's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.catalogue import Catalogue
from engine.chains import Wrong, blank, chain_wrong
from engine.history import fold
from engine.model import Case, DeadlineRow
from engine.store import case_rows
from engine.store.event_rows import Written
from engine.store.store import Store
from engine.store.whole_cases import whole_cases

SHORT = 64
STRIDE = 16
"""Of a history longer than SHORT only every so many versions are kept; the others are folded anew."""


@dataclass(slots=True)
class Kept:
    """One case: its row with its links, all its deadlines, its events, and some of its versions.

    `derived` are the row's columns that are worked out of the rest, by name.
    """

    id: str
    row: Case | None
    derived: Mapping[str, Any]
    deadlines: tuple[DeadlineRow, ...]
    events: Sequence[Written]
    _versions: dict[int, Case] = field(default_factory=dict)
    _wrong: Wrong | None = field(init=False)
    _first_blank: int | None = field(init=False)

    def __post_init__(self) -> None:
        self._wrong = chain_wrong(self.events)
        self._first_blank = next((e.sequence for e in self.events if blank(e)), None)

    def wrong_by(self, version: int | None) -> Wrong | None:
        """What is wrong with the chain up to a version (None: all of it), or None."""
        found = self._wrong
        return None if found and version is not None and found.sequence > version else found

    def blank_by(self, version: int) -> bool:
        """Whether a detail is missing up to a version, so that the facts are not all known."""
        return self._first_blank is not None and self._first_blank <= version

    def event(self, sequence: int) -> Written | None:
        """The event of that sequence, or None. In a whole history it stands at its place."""
        if 1 <= sequence <= len(self.events) and self.events[sequence - 1].sequence == sequence:
            return self.events[sequence - 1]
        return next((event for event in self.events if event.sequence == sequence), None)

    def as_of(self, version: int, catalogue: Catalogue) -> Case:
        """The case after so many events, with the number and words its row has now."""
        was = self._versions.get(version)
        if was is not None:
            return was
        known = max((v for v in self._versions if v <= version), default=0)
        was = self._versions.get(known)
        for event in self.events[known:version]:
            was = fold(was, event, catalogue) if was else self._dressed(fold(None, event, catalogue))
            if len(self.events) <= SHORT or was.version % STRIDE == 0:
                self._versions[was.version] = was
        if was is None:
            raise LookupError(f"case {self.id} has no version {version}")
        return was

    def _dressed(self, was: Case) -> Case:
        """Give the case what stands in no event; folding on, it keeps it."""
        if self.row is None:
            return was
        return was.but(number=self.row.number, title=self.row.title, search=self.row.search)


class Archive:
    """Reads cases with their histories; keeps the last `capacity` that were asked for."""

    def __init__(self, store: Store, *, capacity: int = 2000) -> None:
        self._store = store
        self._capacity = capacity
        self._kept: OrderedDict[tuple[str, str], Kept] = OrderedDict()

    def ids(self, institution: str) -> list[str]:
        """The ids of all cases that have a row or an event, sorted (which is by opening)."""
        return case_rows.ids(self._store, institution)

    def get(self, institution: str, case: str, *, version: int = 0) -> Kept:
        """The case, read anew where what is kept does not reach up to the version."""
        known = self._kept.get((institution, case))
        if known is None or len(known.events) < version:
            self.load(institution, [case])
        self._kept.move_to_end((institution, case))
        return self._kept[institution, case]

    def load(self, institution: str, ids: Sequence[str]) -> None:
        """Read some cases, all as of one instant, and keep them."""
        for each in whole_cases(self._store, institution, ids):
            self._kept[institution, each.id] = Kept(each.id, each.row, each.derived, each.deadlines, each.events)
            self._kept.move_to_end((institution, each.id))
        while len(self._kept) > max(self._capacity, len(ids)):
            self._kept.popitem(last=False)
