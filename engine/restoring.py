"""Notes on the working paper that the database was put back from a backup.

What happened between the backup and the restore is unknown. A reminder that became due meanwhile may
have gone out, and what people were told cannot be undone: it is passed by, and the event says so, for
the office to look at. A step that the clock was to take is an act on the case alone, which the restore
did undo: it stays due and is taken again (ADR 26). No detail is written; replay needs none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from engine import deadlines
from engine.clockwork import day_of, measure
from engine.deadlines import Measure
from engine.drafts import Work
from engine.errors import NotYourTurn, StaleCase
from engine.model import IMPORT_PARTY, Case, DeadlineRow, Kind, Restore
from engine.vocabulary import Actor, Deadline, Reason, Rung, Text

BY_THE_INSTALLATION = Reason(
    "not_your_role",
    Text(
        "Bara den som driver installationen kan anteckna en återställning.",
        "Only whoever runs the installation can note a restore.",
    ),
)
CLOSED = Reason(
    "final",
    Text("Ärendet är avslutat; inget väntar i det.", "The case is closed; nothing waits in it."),
)


def restore(work: Work, case: Case, ask: Restore) -> None:
    """Note that the case was put back, and pass by what may have been told since the backup. Raises Refused."""
    if work.request.party != IMPORT_PARTY:
        raise NotYourTurn(BY_THE_INSTALLATION.message, (BY_THE_INSTALLATION,), case=case.id, state=case.state)
    if work.definition(case).states[case.state].final:
        raise StaleCase(CLOSED.message, (CLOSED,), case=case.id, state=case.state)
    draft = work.draft(case, Kind.RESTORED, Actor(None, None), caused=False)
    draft.extra["backup_at"] = ask.backup_at
    passed_by = [noted for row in case.deadlines for noted in _passed_by(work, case, row)]
    if passed_by:
        draft.extra["passed_by"] = passed_by


def _passed_by(work: Work, case: Case, row: DeadlineRow) -> Iterator[dict[str, Any]]:
    """Pass by the rungs of a deadline that are due and only tell; each as the event names it."""
    if row.acts_at is None or row.acts_at > work.now:
        return
    deadline = work.definition(case).deadlines[row.name]
    measured, day = measure(work, case), day_of(work, case, deadline)
    if deadlines.dayless(deadline, day):
        return  # nothing of it is due any more, and the next tick ends it
    for at, rung in _due(deadline, row, measured, day, now=work.now):
        yield {"deadline": row.name, "since": row.since, "rung": rung.name, "due_at": at}
        row = deadlines.fired(deadline, row, rung, measure=measured, day=day)
        work.put_deadline(case.id, row)


def _due(
    deadline: Deadline, row: DeadlineRow, measured: Measure, day: date | None, *, now: int
) -> list[tuple[int, Rung]]:
    """The rungs of a running deadline whose instant has come and that only tell, the earliest first."""
    due_on = deadlines.last_day(deadline, row, measure=measured, day=day)
    telling = (rung for rung in deadlines.ladder(deadline) if rung.does is None and rung.name not in row.fired)
    dated = ((deadlines.moment(deadline, row, rung, due_on, measure=measured), rung) for rung in telling)
    return sorted((pair for pair in dated if pair[0] <= now), key=lambda pair: pair[0])
