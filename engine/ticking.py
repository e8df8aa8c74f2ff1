"""Finds what is due and fires it. The truth is the table; a tick only says "look now".

Firing a rung is a step on its case by the clock, and the version check is its claim:
any number of workers may look at once. On PostgreSQL they take SKIP LOCKED on case
rows, never on deadline rows (the other order deadlocks with people; DESIGN 5).
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.canonical import micros
from engine.cases import Cases
from engine.errors import StaleCase
from engine.model import CLOCK_PARTY, Climb, Request
from engine.store.ledger import Ledger
from engine.tables import CaseRecord, DeadlineRecord, table_of

log = logging.getLogger(__name__)

BATCH = 16
"""How many cases a worker takes in hand at once."""

_case = table_of(CaseRecord)
_deadline = table_of(DeadlineRecord)


@dataclass(frozen=True, slots=True)
class Due:
    """A rung whose instant has come."""

    institution: str
    case: str
    workflow: str
    deadline: str
    since: int
    rung: str


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
        if not self._anything_due(passed_by):
            return 0, 0
        fired = 0
        with self.cases.store.writes() as connection:
            ledger = self.cases.store.ledger_on(connection)
            claimed = self._claim(connection, size, passed_by)
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

    def _anything_due(self, passed_by: set[str]) -> bool:
        """A look before a write is opened: most ticks find nothing."""
        query = self._due(1, passed_by)
        with self.cases.store.reads() as connection:
            return connection.execute(query).first() is not None

    def _due(self, size: int, passed_by: set[str]) -> sa.Select[Any]:
        now = micros(self.cases.clock.now())
        return (
            sa.select(
                _deadline.c.institution,
                _deadline.c.case_id,
                _case.c.workflow,
                _deadline.c.name,
                _deadline.c.since,
                _deadline.c.next_rung,
            )
            .join(
                _case,
                (_case.c.institution == _deadline.c.institution)
                & (_case.c.id == _deadline.c.case_id),
            )
            .where(
                _deadline.c.acts_at.is_not(None),
                _deadline.c.acts_at <= now,
                _deadline.c.case_id.not_in(passed_by),
            )
            .order_by(_deadline.c.acts_at, _deadline.c.institution, _deadline.c.case_id)
            .limit(size)
        )

    def _claim(self, connection: sa.Connection, size: int, passed_by: set[str]) -> list[Due]:
        """Take due cases that no other worker has in hand: one rung a case."""
        query = self._due(size, passed_by)
        if not self.cases.store.sqlite:
            query = query.with_for_update(of=_case, skip_locked=True, key_share=True)
        first: dict[str, Due] = {}
        for row in connection.execute(query):
            first.setdefault(row[1], Due(*row))
        return list(first.values())

    def _fire(self, ledger: Ledger, due: Due) -> None:
        """Fire one rung, alone in its failure; StaleCase where somebody was faster."""
        ask = Climb(due.workflow, due.deadline, due.since, due.rung)
        self.cases.step_in(ledger, Request(due.institution, ask, CLOCK_PARTY, case=due.case))

    def next_due(self, until: int, *, after: int | None = None) -> int | None:
        """The first instant at which a rung is due, not after `until` and later than `after`.

        None if there is none.
        """
        query = sa.select(sa.func.min(_deadline.c.acts_at)).where(
            _deadline.c.acts_at.is_not(None), _deadline.c.acts_at <= until
        )
        if after is not None:
            query = query.where(_deadline.c.acts_at > after)
        with self.cases.store.reads() as connection:
            found = connection.execute(query).scalar()
        return None if found is None else int(found)
