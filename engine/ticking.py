"""Finds what is due and fires it. The truth is the table; a tick only says "look now".

Firing a rung is a step on its case by the clock, and the version check is its claim:
any number of workers may look at once. On PostgreSQL they take SKIP LOCKED on case
rows, never on deadline rows (the other order deadlocks with people; DESIGN 5).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from engine.canonical import micros
from engine.cases import Cases
from engine.errors import StaleCase
from engine.model import CLOCK_PARTY, Climb, Request
from engine.store import due_rows
from engine.store.due_rows import Due
from engine.store.ledger import Ledger

log = logging.getLogger(__name__)

BATCH = 16
"""How many cases a worker takes in hand at once."""


@dataclass(frozen=True)
class Ticker:
    """Fires what is due."""

    cases: Cases

    def tick(self, limit: int = 200) -> int:
        """Fire rungs due by now, oldest first, until none is left or `limit` are fired.

        A rung that fails by a fault in a file is logged with its case and left for the
        next tick: a poisoned case stops itself alone, the rest of the office goes on. So
        is one that somebody else has in hand.
        """
        fired = 0
        passed_by: set[str] = set()
        while fired < limit:
            claimed, done = self._batch(min(BATCH, limit - fired), passed_by)
            fired += done
            if claimed == 0:
                break
        return fired

    def _batch(self, size: int, passed_by: set[str]) -> tuple[int, int]:
        """Claim some cases, fire one rung of each; how many were claimed, and fired."""
        now = micros(self.cases.clock.now())
        # A look before a write is opened: most ticks find nothing.
        if not due_rows.anything_due(self.cases.store, now=now, passed_by=passed_by):
            return 0, 0
        fired = 0
        with self.cases.store.writes() as connection:
            ledger = self.cases.store.ledger_on(connection)
            claimed = due_rows.claim(self.cases.store, connection, now=now, size=size, passed_by=passed_by)
            for due in claimed:
                try:
                    self._fire(ledger, due)
                    fired += 1
                except StaleCase:
                    # Somebody was faster. Asked again at once, a row that is stale for good
                    # would be claimed for ever.
                    passed_by.add(due.case)
                except Exception:
                    log.exception("rung_failed", extra={"case": due.case, "rung": due.rung})
                    passed_by.add(due.case)
        if fired:
            self.cases.seams.pass_by("after_commit")
        return len(claimed), fired

    def _fire(self, ledger: Ledger, due: Due) -> None:
        """Fire one rung, alone in its failure; StaleCase where somebody was faster."""
        ask = Climb(due.workflow, due.deadline, due.since, due.rung)
        self.cases.step_in(ledger, Request(due.institution, ask, CLOCK_PARTY, case=due.case))

    def next_due(self, until: int, *, after: int | None = None) -> int | None:
        """The first instant at which a rung is due, not after `until` and later than `after`.

        None if there is none.
        """
        return due_rows.next_due(self.cases.store, until=until, after=after)
