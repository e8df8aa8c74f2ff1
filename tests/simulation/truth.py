"""What must be true, looked at from outside after every action, over a connection of its own.

The names are those of docs/reliability.md. Only what has moved since the last look is
looked at; everything is looked at once more when all has come to rest (`tests.simulation.rest`).
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from engine.canonical import GENESIS, chain
from engine.model import Outcome, Request
from tests.simulation.office import INSTITUTIONS

Place = tuple[str, str, int]
"""Where an event stands: institution, case, sequence."""

HOLDING: Final = frozenset({"offered", "away"})
"""The states in which a stay holds a place under its contract."""

EVENTS: Final = (
    'SELECT rowid, institution, case_id, sequence, body, previous, hash, cause_case, cause_sequence, kind, "trigger" '
    "FROM event WHERE rowid > ? ORDER BY institution, case_id, sequence"
)
RECORD: Final = (
    "SELECT workflow, definition, state, unit, version, head, closed_at, updated_at FROM case_record "
    "WHERE institution = ? AND id = ?"
)
FACTS: Final = "SELECT facts FROM case_record WHERE institution = ? AND id = ?"
STANDING: Final = (
    "SELECT c.id FROM link l CROSS JOIN case_record c ON c.institution = l.institution AND c.id = l.from_case "
    "WHERE l.institution = ? AND l.to_case = ? AND l.name = 'contract' AND c.state IN ('offered', 'away')"
)


class Broken(AssertionError):
    """An invariant does not hold."""


def broken(promise: str, what: str) -> NoReturn:
    """Say which promise is not kept, by its name."""
    raise Broken(f"{promise}: {what}")


@dataclass(frozen=True, slots=True)
class Known:
    """A case, as somebody sees it who then asks."""

    institution: str
    id: str
    workflow: str
    definition: str
    state: str
    unit: str
    version: int
    head: str


@dataclass
class Truth:
    """Remembers what was told and what was seen, and compares it with what is stored.

    `transitions` counts events stored since the life began; `digest` is over all of them.
    """

    path: Path
    transitions: int = 0
    latest: int = 0
    events: dict[Place, tuple[str, Place | None]] = field(default_factory=dict)
    owing: dict[tuple[str, str], Place] = field(default_factory=dict)
    _told: dict[Place, str] = field(default_factory=dict)
    _newly_told: dict[Place, str] = field(default_factory=dict)
    _keys: dict[tuple[str, str, str], tuple[Place, str]] = field(default_factory=dict)
    _rungs: set[tuple[Any, ...]] = field(default_factory=set)
    _known: dict[str, dict[str, Known]] = field(default_factory=lambda: {each: {} for each in INSTITUTIONS})
    _open: dict[str, dict[str, Known]] = field(default_factory=lambda: {each: {} for each in INSTITUTIONS})
    _seen_to: int = 0

    def __post_init__(self) -> None:
        self.database = sqlite3.connect(self.path, isolation_level=None)
        self.digest = hashlib.sha256()
        self.look()
        self.transitions = 0

    def close(self) -> None:
        """Look no more."""
        self.database.close()

    # What is known, for those who ask.

    def stamp(self) -> int:
        """A number that changes when somebody commits a change."""
        return int(self.database.execute("PRAGMA data_version").fetchone()[0])

    def under_way(self, institution: str) -> list[Known]:
        """The institution's open cases."""
        return list(self._open[institution].values())

    def closed(self, institution: str) -> list[str]:
        """The ids of the newest of those that are closed."""
        return [case for case in list(self._known[institution])[-60:] if case not in self._open[institution]]

    def cases(self, institution: str) -> list[str]:
        """The ids of all the institution's cases."""
        return sorted(self._known[institution])

    def known(self, institution: str, case: str) -> Known | None:
        """The case, as last looked at."""
        return self._known[institution].get(case)

    @staticmethod
    def other(institution: str) -> str:
        """The institution beside this one."""
        return next(each for each in INSTITUTIONS if each != institution)

    # What was told.

    def told(self, request: Request, outcome: Outcome) -> Place:
        """Somebody was told that their step was taken: it is there, and it is the only one under its key."""
        place = request.institution, outcome.case_id, outcome.sequence
        stored = self.events.get(place)
        if outcome.case_id in self._known[self.other(request.institution)]:
            broken("apart", f"{request} led to a case of the other institution: {outcome.case_id}")
        if stored is None:
            broken("durable", f"acknowledged and not there: {place}")
        if outcome.event is not None and stored[0] != outcome.event.hash:
            broken("durable", f"another event than was told at {place}")
        self._newly_told[place] = stored[0]
        if request.key is not None:
            key = request.institution, request.party, request.key.key
            first = self._keys.setdefault(key, (place, request.key.fingerprint))
            if first != (place, request.key.fingerprint):
                broken("once", f"{request.key} led to {first} and to {place}")
        return place

    def refused(self, before: int, requests: Sequence[Request]) -> None:
        """Refused requests have changed nothing."""
        if self.stamp() != before:
            broken("refused", f"{requests} were refused and something changed")

    def nothing_but(self, new: Iterable[Place], told: Collection[Place]) -> None:
        """What was written is what was told to somebody, and what that brought about."""
        for place in new:
            cause = self.events[place][1]
            if place not in told and cause not in told:
                broken("refused", f"{place} was written, and nobody was told of it or of what it came from")

    def lasting(self, *, all_of_it: bool = False) -> None:
        """What was told since the last time is still there; or everything that ever was."""
        self._told |= self._newly_told
        for place, hash_ in (self._told if all_of_it else self._newly_told).items():
            query = "SELECT hash FROM event WHERE institution = ? AND case_id = ? AND sequence = ?"
            if self.database.execute(query, place).fetchone() != (hash_,):
                broken("durable", f"what was told of {place} is gone")
        self._newly_told = {}

    # Looking.

    def look(self) -> list[Place]:
        """Look at every case that has moved since the last look; where the new events stand."""
        rows = self.database.execute(EVENTS, (self._seen_to,)).fetchall()
        if not rows:
            return []
        new = [self._follow(row[1:]) for row in rows]
        self._seen_to = max(row[0] for row in rows)
        self._apart(rows)
        contracts: dict[str, str] = {}
        for institution, case in dict.fromkeys(place[:2] for place in new):
            contracts |= self._record(institution, case)
        for contract, institution in contracts.items():
            self._places(institution, contract, [row[1:] for row in rows if row[2] == contract])
        return new

    def _follow(self, row: Sequence[Any]) -> Place:
        """Versions are gapless and linear, and the chain holds."""
        institution, case, sequence, body, previous, hash_, cause_case, cause_sequence, _, _ = row
        before = self.events.get((institution, case, sequence - 1), (GENESIS, None))[0]
        if sequence > 1 and (institution, case, sequence - 1) not in self.events:
            broken("linear", f"{case} has no event before {sequence}")
        if previous != before or chain(body, previous) != hash_:
            broken("linear", f"the chain of {case} does not hold at {sequence}")
        cause = (institution, cause_case, cause_sequence) if cause_case is not None else None
        self.events[institution, case, sequence] = hash_, cause
        self.digest.update(hash_.encode())
        self.transitions += 1
        return institution, case, sequence

    def _apart(self, rows: Sequence[Sequence[Any]]) -> None:
        """No step has looked at, or come from, a case of another institution; each rung has fired once."""
        for _, institution, case, sequence, raw, *_ in rows:
            body = json.loads(raw)
            self._rung(institution, case, body.get("rung"))
            if case in self._known[self.other(institution)]:
                broken("apart", f"{case} is a case of both institutions")
            for other in body.get("seen", {}).get("cases", ()):
                if (institution, other, 1) not in self.events:
                    broken("apart", f"{case} at {sequence} has seen {other}, which is no case of {institution}")
            cause = self.events[institution, case, sequence][1]
            if cause is not None and cause not in self.events:
                broken("apart", f"{case} at {sequence} came from {cause}, which is not there")

    def _rung(self, institution: str, case: str, rung: Mapping[str, Any] | None) -> None:
        """A rung fires at most once."""
        if rung is None:
            return
        which = institution, case, rung["deadline"], rung["since"], rung["rung"]
        if which in self._rungs:
            broken("rung", f"{which} fired twice")
        self._rungs.add(which)

    def _record(self, institution: str, case: str) -> dict[str, str]:
        """The case's row says what its history says. Gives the contracts whose places may have moved."""
        row = self.database.execute(RECORD, (institution, case)).fetchone()
        if row is None:
            broken("linear", f"{case} has a history and no row")
        workflow, definition, state, unit, version, head, closed_at, updated_at = row
        newest = self.events.get((institution, case, version), ("", None))[0]
        if newest != head or (institution, case, version + 1) in self.events:
            broken("linear", f"{case} says {version}, its history does not")
        before = self._known[institution].get(case)
        now = Known(institution, case, workflow, definition, state, unit, version, head)
        self._known[institution][case] = now
        if closed_at is None:
            self._open[institution][case] = now
        else:
            self._open[institution].pop(case, None)
        self.latest = max(self.latest, updated_at)
        self._owed(institution, case)
        if workflow == "contract":
            return {case: institution}
        held = before is not None and before.state in HOLDING
        return self._contracts(institution, case) if held != (state in HOLDING) else {}

    def _contracts(self, institution: str, case: str) -> dict[str, str]:
        query = "SELECT to_case FROM link WHERE institution = ? AND from_case = ? AND name = 'contract'"
        return {contract: institution for (contract,) in self.database.execute(query, (institution, case))}

    def _owed(self, institution: str, case: str) -> None:
        """Remember every message that is owed."""
        query = "SELECT id, sequence FROM outbox WHERE institution = ? AND case_id = ?"
        for key, sequence in self.database.execute(query, (institution, case)):
            self.owing.setdefault((institution, key), (institution, case, sequence))

    def _places(self, institution: str, contract: str, new: Sequence[Sequence[Any]]) -> None:
        """Places given never exceed the contract's, and are held by just the cases that stand in a state for it."""
        row = self.database.execute(FACTS, (institution, contract)).fetchone()
        if row is None:
            broken("apart", f"a case of {institution} is linked to {contract}, which is no case of it")
        facts = json.loads(row[0])
        if not facts:  # erased: only a contract can be that is closed and that nothing open leans on
            return
        standing = self.database.execute(STANDING, (institution, contract))
        if {each["case"] for each in facts["held"]} != {case for (case,) in standing}:
            broken("parents", f"{contract} and the cases under it do not agree on who holds a place")
        taken: Counter[str] = Counter()
        for each in facts["held"]:
            taken[each["academic_year"]] += each["semesters"]
        for year in self._given(new):
            if taken[year] > int(facts["places"]):
                broken("places", f"{contract} has {facts['places']}, and {dict(taken)} were taken")

    def _given(self, new: Sequence[Sequence[Any]]) -> set[str]:
        """Of which years these events give places away, after the last correction or carrying over among them.

        What a predecessor gave is carried over as it is, and may be more than there are.
        """
        given: set[str] = set()
        for institution, _, _, body, _, _, cause_case, cause_sequence, kind, trigger in new:
            carried = "carry_over" in {trigger, self._trigger(institution, cause_case, cause_sequence)}
            if carried or kind == "corrected":
                given.clear()
            else:
                places = json.loads(body).get("places", ())
                given |= {each["taken"]["academic_year"] for each in places if "taken" in each}
        return given

    def _trigger(self, institution: str, case: str | None, sequence: int | None) -> str | None:
        """By which trigger the event came about that was the cause, if there was one."""
        query = 'SELECT "trigger" FROM event WHERE institution = ? AND case_id = ? AND sequence = ?'
        found = self.database.execute(query, (institution, case, sequence)).fetchone() if case else None
        return found[0] if found else None
