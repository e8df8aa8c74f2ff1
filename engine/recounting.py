"""Works out open deadlines anew after a calendar or a figure has changed.

Each case is a step of its own, by the clock: the same road as everything else, so the
history says when a deadline moved.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

import sqlalchemy as sa

from engine.cases import Cases
from engine.errors import StaleCase
from engine.model import CLOCK_PARTY, Recount, Request
from engine.organisation import Organisation
from engine.tables import CaseRecord, DeadlineRecord, table_of

Progress = Callable[[int, int], None]
"""Is told how many cases are done, of how many."""

_case = table_of(CaseRecord)
_deadline = table_of(DeadlineRecord)


def with_those_below(organisation: Organisation, units: Collection[str]) -> frozenset[str]:
    """The units and all below them: they inherit calendar and settings."""
    asked = frozenset(units)
    return frozenset(code for code in organisation.units if asked & {*organisation.upwards(code)})


def recount(
    cases: Cases,
    organisation: Organisation,
    units: Collection[str],
    progress: Progress | None = None,
) -> int:
    """Work out the open deadlines of these units and those below; how many cases moved.

    `organisation` is the one after the change. May be called again without harm.
    """
    if not units:
        return 0
    found = _owing(cases, organisation.institution, with_those_below(organisation, units))
    moved = 0
    for done, case in enumerate(found, start=1):
        try:
            cases.step(Request(organisation.institution, Recount(), CLOCK_PARTY, case=case))
            moved += 1
        except StaleCase:
            # Nothing has moved: that is how such a step says so.
            pass
        if progress:
            progress(done, len(found))
    return moved


def _owing(cases: Cases, institution: str, units: Collection[str]) -> list[str]:
    """The cases of these units that have an open deadline, by id."""
    query = (
        sa.select(_case.c.id)
        .join(
            _deadline,
            (_deadline.c.institution == _case.c.institution) & (_deadline.c.case_id == _case.c.id),
        )
        .where(
            _case.c.institution == institution,
            _case.c.unit.in_(sorted(units)),
            _deadline.c.ended_at.is_(None),
        )
        .distinct()
        .order_by(_case.c.id)
    )
    with cases.store.reads() as connection:
        return list(connection.execute(query).scalars())
