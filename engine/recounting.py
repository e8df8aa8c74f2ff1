"""Works out open deadlines anew after a calendar or a figure has changed.

Each case is a step of its own, by the clock: the same road as everything else, so the
history says when a deadline moved. What is owed is noted with the change (`engine.store.recount_rows`):
whoever made it does it at once, and where they did not come to the end, the clock does it soon after.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final

from engine.canonical import span
from engine.cases import Cases
from engine.errors import StaleCase, WorkflowFault
from engine.faulty import told
from engine.model import CLOCK_PARTY, Recount, Request
from engine.organisation import Organisation
from engine.store import recount_rows
from engine.store.due_rows import owing

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Is told how many cases are done, of how many."""

OVERDUE: Final = timedelta(minutes=5)
"""What is owed for longer, nobody seems to be at any more. Two who are do no harm to each other."""


def with_those_below(organisation: Organisation, units: Collection[str]) -> frozenset[str]:
    """The units and all below them: they inherit calendar and settings."""
    asked = frozenset(units)
    return frozenset(code for code in organisation.units if asked & {*organisation.upwards(code)})


def recount(
    cases: Cases, organisation: Organisation, progress: Progress | None = None, *, since: timedelta = timedelta()
) -> int | None:
    """Work out the open deadlines of all units of which that is owed, and those below; how many cases moved.

    `organisation` is the one after the change; what a later one owes is left. Only what has been owed `since` so
    long is done; None where that is nothing. A case that fails by a fault in a file is logged and passed by.
    """
    institution = organisation.institution
    owed = recount_rows.owed(cases.store, institution, version=organisation.version, by=cases.now() - span(since))
    if not owed:
        return None
    moved = _worked_out(cases, organisation, {*owed.values()}, progress)
    recount_rows.settle(cases.store, owed)
    return moved


def _worked_out(cases: Cases, organisation: Organisation, units: Collection[str], progress: Progress | None) -> int:
    found = owing(cases.store, organisation.institution, with_those_below(organisation, units))
    moved = 0
    for done, case in enumerate(found, start=1):
        try:
            cases.step(Request(organisation.institution, Recount(), CLOCK_PARTY, case=case))
            moved += 1
        except StaleCase:
            # Nothing has moved: that is how such a step says so.
            pass
        except WorkflowFault as fault:
            # What is wrong in one case must not leave the others as they were.
            log.exception("recount_failed", extra={"case": case, "fault": told(fault)})
        if progress:
            progress(done, len(found))
    return moved
