"""Finds what is due and fires it. The truth is the table; a tick only says "look now".

Firing a rung is a step on its case by the clock, and the version check is its claim:
any number of workers may look at once. On PostgreSQL they take SKIP LOCKED on case
rows, never on deadline rows (the other order deadlocks with people; DESIGN 5).

A poisoned case stops itself alone. Its rung is put off, twice as long each time, and listed
for whoever keeps the office running; the rungs after it wait, for they fire in order.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from engine.canonical import span
from engine.cases import Cases
from engine.errors import Busy, EngineError, StaleCase
from engine.faulty import told
from engine.model import CLOCK_PARTY, Climb, Request
from engine.parts import in_parts
from engine.scope import Scope
from engine.store import due_rows, stuck_rows
from engine.store.due_rows import Due
from engine.store.outage import outage_of
from engine.store.store import Session
from engine.store.stuck_rows import StuckLine, Tried

log = logging.getLogger(__name__)

FOUND = 1000
"""How many rungs are looked for at once, and how many a tick fires unless it is told otherwise."""

BATCH = 100
"""How many cases a worker takes in hand at once.

Whoever wants one of them, or on SQLite to write at all, waits until they are fired: some 30 ms.
Among 200 a rung costs a tenth less, among 16 a quarter more.
"""

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=6)
"""For how long a rung that could not be fired is put off: the first time, and at most."""


@dataclass(frozen=True)
class Ticker:
    """Fires what is due."""

    cases: Cases

    def tick(self, limit: int = FOUND) -> int:
        """Fire rungs due by now, oldest first, until none is left or `limit` are fired.

        A rung that fails by a fault in a file is logged with its case and put off: the rest of
        the office goes on. One that somebody else has in hand is left for the next tick.
        """
        fired, now = 0, self.cases.now()
        stuck = stuck_rows.read(self.cases.store)
        # What lies further off was put off by a node whose clock was fast.
        until = now + span(LONGEST_PAUSE)
        passed_by = {case for case, tried in stuck.items() if now < tried.next_try <= until}
        while fired < limit and (found := self._find(limit - fired, passed_by)):
            for some in in_parts(found, BATCH):
                went = self._batch(some, stuck)
                fired += len(went)
                # Found again at once, what somebody else has in hand or is stale for good would be found for ever.
                passed_by.update(due.case for due in some if due.case not in went)
        return fired

    def _find(self, most: int, passed_by: set[str]) -> list[Due]:
        """What is due, one rung a case. No write is opened for it: most ticks find nothing."""
        return due_rows.find(self.cases.store, now=self.cases.now(), size=min(FOUND, most), passed_by=passed_by)

    def _batch(self, found: Sequence[Due], stuck: Mapping[str, Tried]) -> set[str]:
        """Take some cases in hand and fire one rung of each; the cases that it went well in.

        What cannot even be written together is fired one by one, to find whose fault it is.
        """
        try:
            fired = self._fired(found, stuck)
        except Exception as error:
            if isinstance(error, EngineError) or outage_of(error) is not None:
                raise  # it concerns the database, and no case
            if len(found) > 1:
                return {case for due in found for case in self._batch([due], stuck)}
            with self.cases.store.writes() as connection:
                self._put_off(connection, found[0], error, stuck)
            return set()
        if fired:
            self.cases.seams.pass_by("after_commit")
        return fired

    def _fired(self, found: Sequence[Due], stuck: Mapping[str, Tried]) -> set[str]:
        """The same in one transaction, which also keeps what could not be fired."""
        store = self.cases.store
        with store.writes() as connection:
            workflows = due_rows.take(store, connection, found)
            mine = [due for due in found if due.case in workflows]
            asked = [_request(due, workflows[due.case]) for due in mine]
            results = list(zip(mine, self.cases.steps_in(store.ledger_on(connection), asked), strict=True))
            for due, result in results:
                if isinstance(result, Exception) and _is_fault(result):
                    self._put_off(connection, due, result, stuck)
            well = [due for due, result in results if not isinstance(result, Exception)]
            stuck_rows.forget(connection, [due for due in well if due.case in stuck])
        return {due.case for due in well}

    def _put_off(self, connection: Session, due: Due, error: Exception, stuck: Mapping[str, Tried]) -> None:
        """Log a fault, and try its rung again only after a while."""
        before, now = stuck.get(due.case), self.cases.now()
        attempts = before.attempts + 1 if before else 1
        pause = span(min(FIRST_PAUSE * (1 << min(attempts - 1, 20)), LONGEST_PAUSE))
        tried = Tried(attempts, before.first_at if before else now, now + pause)
        stuck_rows.put(connection, due, tried, told(error))
        about = {"case": due.case, "rung": due.rung, "attempts": attempts, "fault": told(error)}
        log.error("rung_failed", exc_info=error.__cause__ or error, extra=about)

    def stuck(self, institution: str, scope: Scope | None = None) -> Sequence[StuckLine]:
        """The rungs that hold cases up, the longest first; with `scope`, readable cases only."""
        return stuck_rows.listed(self.cases.store, institution, scope)

    def try_again(self, institution: str, number: str, scope: Scope | None = None) -> bool:
        """Let the next tick try the rung that holds the case of this number up.

        False where none does, or where `scope` leaves the case out.
        """
        store, now = self.cases.store, self.cases.now()
        case = next((line.case for line in self.stuck(institution, scope) if line.number == number), None)
        return case is not None and stuck_rows.wake(store, institution, case, now=now, scope=scope)

    def tidy(self) -> int:
        """Forget what was stuck in cases that a step has led on since; how many there were."""
        return stuck_rows.tidy(self.cases.store)

    def next_due(self, until: int, *, after: int | None = None) -> int | None:
        """The first instant at which a rung is due, not after `until` and later than `after`.

        None if there is none.
        """
        return due_rows.next_due(self.cases.store, until=until, after=after)


def _request(due: Due, workflow: str) -> Request:
    ask = Climb(workflow, due.deadline, due.since, due.rung)
    return Request(due.institution, ask, CLOCK_PARTY, case=due.case)


def _is_fault(error: Exception) -> bool:
    """Whether the rung was not fired for a reason that will stay.

    That somebody was faster, or that the database is away, is not worth a word.
    """
    return not isinstance(error, StaleCase | Busy) and outage_of(error) is None
