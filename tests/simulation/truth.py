"""What must be true, looked at from outside after every action, over a connection of its own.

The names are those of docs/reliability.md.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from engine.canonical import GENESIS, chain
from engine.model import Outcome, Request


class Broken(AssertionError):
    """An invariant does not hold."""


class Truth:
    """Remembers what was told and what was seen, and compares it with what is stored."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._known: dict[str, tuple[int, str]] = {}
        self._told: dict[tuple[str, int], str] = {}
        self._keys: dict[str, tuple[str, int]] = {}
        self._rungs: set[tuple[object, ...]] = set()
        self.transitions = 0
        self.look()
        self.transitions = 0

    def close(self) -> None:
        """Look no more."""
        self._database.close()

    def stamp(self) -> int:
        """A number that changes when somebody commits a change."""
        return int(self._database.execute("PRAGMA data_version").fetchone()[0])

    def cases(self) -> tuple[str, ...]:
        """The ids of all cases, in order."""
        return tuple(sorted(self._known))

    def told(self, request: Request, outcome: Outcome) -> None:
        """Somebody was told that their step was taken: it is there, and it is the only one under its key."""
        place = outcome.case_id, outcome.sequence
        stored = self._event(*place)
        if stored is None:
            raise Broken(f"durable: acknowledged and not there: {place}")
        if outcome.event is not None and stored != outcome.event.hash:
            raise Broken(f"durable: another event than was told at {place}")
        self._told[place] = stored
        if request.key is not None and self._keys.setdefault(request.key.key, place) != place:
            raise Broken(f"once: {request.key.key} led to {self._keys[request.key.key]} and to {place}")

    def look(self) -> None:
        """Look at every case that has moved since the last look."""
        found = self._database.execute("SELECT id, version, head, workflow, facts FROM case_record").fetchall()
        for case, version, head, workflow, facts in found:
            before = self._known.get(case, (0, GENESIS))
            if before == (version, head):
                continue
            self._follow(case, before, (version, head))
            self._known[case] = version, head
            if workflow == "contract":
                self._places(case, json.loads(facts))

    def refused(self, before: int, request: Request, why: Exception) -> None:
        """A refused request has changed nothing."""
        if self.stamp() != before:
            raise Broken(f"refused: {request} was refused ({why!r}) and something changed")

    def lasting(self) -> None:
        """Everything that was ever told is still there."""
        for place, hash_ in self._told.items():
            if self._event(*place) != hash_:
                raise Broken(f"durable: what was told of {place} is gone")

    def owed(self, carried: Counter[str]) -> None:
        """Every message owed went out or is a dead letter; nothing went out that nobody owed."""
        rows = self._database.execute("SELECT id, state, sent_with FROM outbox").fetchall()
        for key, state, sent_with in rows:
            if state == "waiting":
                raise Broken(f"owed: message {key} still waits")
            if state == "sent" and carried[sent_with] < 1:
                raise Broken(f"owed: message {key} was marked sent and never went out")
        strangers = carried.keys() - {key for key, _, _ in rows}
        if strangers:
            raise Broken(f"owed: {strangers} went out and were never owed")

    def waiting(self) -> int | None:
        """When the last message that waits may be tried."""
        found = self._database.execute(
            "SELECT max(max(next_try, coalesce(lease_until, 0))) FROM outbox WHERE state = 'waiting'"
        )
        return found.fetchone()[0]  # type: ignore[no-any-return]  # an instant, or None

    def _event(self, case: str, sequence: int) -> str | None:
        row = self._database.execute("SELECT hash FROM event WHERE case_id = ? AND sequence = ?", (case, sequence))
        found = row.fetchone()
        return found[0] if found else None

    def _follow(self, case: str, before: tuple[int, str], now: tuple[int, str]) -> None:
        """Versions are gapless and linear, and the chain holds."""
        sequence, head = before
        for at, body, previous, hash_ in self._after(case, sequence):
            if at != sequence + 1 or previous != head or chain(body, previous) != hash_:
                raise Broken(f"linear: {case} goes from {sequence} to {at}, or its chain does not hold")
            sequence, head = at, hash_
            self.transitions += 1
            self._rung(case, json.loads(body).get("rung"))
        if (sequence, head) != now:
            raise Broken(f"linear: {case} says {now[0]}, its history ends at {sequence}")

    def _after(self, case: str, sequence: int) -> Iterator[tuple[int, bytes, str, str]]:
        yield from self._database.execute(
            "SELECT sequence, body, previous, hash FROM event WHERE case_id = ? AND sequence > ? ORDER BY sequence",
            (case, sequence),
        )

    def _rung(self, case: str, rung: dict[str, object] | None) -> None:
        """A rung fires at most once."""
        if rung is None:
            return
        which = case, rung["deadline"], rung["since"], rung["rung"]
        if which in self._rungs:
            raise Broken(f"rung: {which} fired twice")
        self._rungs.add(which)

    def _places(self, contract: str, facts: dict[str, object]) -> None:
        """Places given never exceed the contract's, and are held by just the cases that stand in a state for it."""
        held = facts["held"]
        if not isinstance(held, list):
            raise Broken(f"places: {contract} holds {held!r}")
        standing = self._database.execute(
            "SELECT c.id FROM case_record c JOIN link l ON l.from_case = c.id AND l.name = 'contract' "
            "WHERE l.to_case = ? AND c.state IN ('offered', 'away')",
            (contract,),
        )
        if {each["case"] for each in held} != {row[0] for row in standing}:
            raise Broken(f"parents: {contract} and the cases under it do not agree on who holds a place")
        taken: Counter[str] = Counter()
        for each in held:
            taken[each["academic_year"]] += each["semesters"]
        for year in self._given(contract):
            if taken[year] > int(str(facts["places"])):
                raise Broken(f"places: {contract} has {facts['places']}, and {dict(taken)} were taken")

    def _given(self, contract: str) -> set[str]:
        """Of which years its newest event gives places away. Those of a predecessor are carried over as they are."""
        query = "SELECT sequence, body FROM event WHERE case_id = ? ORDER BY sequence DESC LIMIT 1"
        sequence, body = self._database.execute(query, (contract,)).fetchone()
        newest = json.loads(body)
        cause = newest["cause"] or (contract, sequence)
        query = 'SELECT "trigger" FROM event WHERE case_id = ? AND sequence = ?'
        if self._database.execute(query, tuple(cause)).fetchone()[0] == "carry_over":
            return set()
        return {each["taken"]["academic_year"] for each in newest.get("places", ()) if "taken" in each}
