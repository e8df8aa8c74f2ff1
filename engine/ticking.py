"""Finds what is due and fires it. The truth is the table; a tick only says "look now".

Firing a rung is a step on its case by the clock, and the version check is its claim:
any number of workers may look at once. On PostgreSQL they take SKIP LOCKED on case
rows, never on deadline rows (the other order deadlocks with people; DESIGN 5).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from engine.batching import Result
from engine.cases import Cases
from engine.errors import StaleCase
from engine.model import CLOCK_PARTY, Climb, Request
from engine.store import due_rows
from engine.store.due_rows import Due

log = logging.getLogger(__name__)

FOUND = 1000
"""How many rungs are looked for at once, and how many a tick fires unless it is told otherwise."""

BATCH = 100
"""How many cases a worker takes in hand at once.

Whoever wants one of them, or on SQLite to write at all, waits until they are fired: some 30 ms.
Among 200 a rung costs a tenth less, among 16 a quarter more.
"""


@dataclass(frozen=True)
class Ticker:
    """Fires what is due."""

    cases: Cases

    def tick(self, limit: int = FOUND) -> int:
        """Fire rungs due by now, oldest first, until none is left or `limit` are fired.

        A rung that fails by a fault in a file is logged with its case and left for the
        next tick: a poisoned case stops itself alone, the rest of the office goes on. So
        is one that somebody else has in hand.
        """
        fired = 0
        passed_by: set[str] = set()
        while fired < limit and (found := self._find(limit - fired, passed_by)):
            for start in range(0, len(found), BATCH):
                fired += self._batch(found[start : start + BATCH], passed_by)
        return fired

    def _find(self, most: int, passed_by: set[str]) -> list[Due]:
        """What is due, one rung a case. No write is opened for it: most ticks find nothing."""
        return due_rows.find(self.cases.store, now=self.cases.now(), size=min(FOUND, most), passed_by=passed_by)

    def _batch(self, found: Sequence[Due], passed_by: set[str]) -> int:
        """Take some cases in hand and fire one rung of each; how many were fired."""
        store = self.cases.store
        with store.writes() as connection:
            workflows = due_rows.take(store, connection, found)
            mine = [due for due in found if due.case in workflows]
            asked = [_request(due, workflows[due.case]) for due in mine]
            results = self.cases.steps_in(store.ledger_on(connection), asked)
        fired = {due.case for due, result in zip(mine, results, strict=True) if _went_well(due, result)}
        # Found again at once, what somebody else has in hand or is stale for good would be found for ever.
        passed_by.update(due.case for due in found if due.case not in fired)
        if fired:
            self.cases.seams.pass_by("after_commit")
        return len(fired)

    def next_due(self, until: int, *, after: int | None = None) -> int | None:
        """The first instant at which a rung is due, not after `until` and later than `after`.

        None if there is none.
        """
        return due_rows.next_due(self.cases.store, until=until, after=after)


def _request(due: Due, workflow: str) -> Request:
    ask = Climb(workflow, due.deadline, due.since, due.rung)
    return Request(due.institution, ask, CLOCK_PARTY, case=due.case)


def _went_well(due: Due, result: Result) -> bool:
    """Whether the rung was fired. A fault is logged; that somebody was faster is not worth a word."""
    if isinstance(result, Exception) and not isinstance(result, StaleCase):
        log.error("rung_failed", exc_info=result, extra={"case": due.case, "rung": due.rung})
    return not isinstance(result, Exception)
