"""What a step does to the deadlines of the cases it touches."""

from __future__ import annotations

from datetime import date

from engine import deadlines
from engine.deadlines import Measure
from engine.definition import Definition
from engine.drafts import Work
from engine.model import Case, DeadlineRow
from engine.views import Lens
from engine.vocabulary import AtOnce, Deadline, OnDay


def measure(lens: Lens, case: Case) -> Measure:
    """The calendar and figures of the case's unit."""
    definition = lens.definition(case)
    return Measure(
        lens.organisation.calendar(case.unit), lens.figures(definition, case.unit)
    )


def wanted(work: Work, case: Case, deadline: Deadline, definition: Definition) -> bool:
    """Whether the deadline should run or rest for the case as it is."""
    state = definition.states[case.state]
    if state.final or not (state.name in deadline.runs_in or deadline.name in state.pauses):
        return False
    if _started_by_engine(definition, deadline):
        return False
    view = work.view(case)
    if deadline.applies is not None and not deadline.applies(view):
        return False
    return not isinstance(deadline.due, OnDay) or deadline.due.day(view) is not None


def _started_by_engine(definition: Definition, deadline: Deadline) -> bool:
    offers = definition.workflow.offers
    return offers is not None and offers.when_freed == deadline.name


def day_of(lens: Lens, case: Case, deadline: Deadline) -> date | None:
    """The day an `OnDay` deadline is due on, for the case as it is; None for the others."""
    return deadline.due.day(lens.view(case)) if isinstance(deadline.due, OnDay) else None


def settle_deadlines(work: Work, case_id: str, before: Case | None, trigger: str | None) -> None:
    """Start, rest, resume, answer, stop or move each deadline after the case has changed."""
    case = work.cases[case_id]
    definition = work.definition(case)
    rows = {row.name: row for row in case.deadlines}
    for deadline in definition.deadlines.values():
        row = rows.get(deadline.name)
        if row is not None:
            _carry(work, case_id, deadline, row, trigger)
        elif wanted(work, case, deadline, definition) and not (
            before is not None and wanted(work, before, deadline, definition)
        ):
            _start(work, case_id, deadline)


def _start(work: Work, case_id: str, deadline: Deadline) -> None:
    case = work.cases[case_id]
    row = deadlines.begin(
        deadline,
        measure=measure(work, case),
        since=work.sequence(case_id),
        now=work.now,
        day=day_of(work, case, deadline),
    )
    if deadline.name in work.definition(case).states[case.state].pauses:
        row = deadlines.pause(row, work.now)
    work.put_deadline(case_id, row)


def start_at_once(work: Work, case_id: str, name: str) -> None:
    """Start a deadline that is due the instant it begins, where it does not run already."""
    case = work.cases[case_id]
    deadline = work.definition(case).deadlines[name]
    if case.state in deadline.runs_in and all(row.name != name for row in case.deadlines):
        _start(work, case_id, deadline)


def _carry(
    work: Work, case_id: str, deadline: Deadline, row: DeadlineRow, trigger: str | None
) -> None:
    case = work.cases[case_id]
    definition = work.definition(case)
    if trigger is not None and trigger in deadline.answers:
        work.put_deadline(case_id, deadlines.end(row, work.now, answered=True))
    elif _started_by_engine(definition, deadline):
        if case.state not in deadline.runs_in:
            work.put_deadline(case_id, deadlines.end(row, work.now, answered=False))
    elif not wanted(work, case, deadline, definition):
        work.put_deadline(case_id, deadlines.end(row, work.now, answered=False))
    elif deadline.name in definition.states[case.state].pauses:
        if not row.resting:
            work.put_deadline(case_id, deadlines.pause(row, work.now))
    elif row.resting:
        woken = deadlines.resume(
            deadline,
            row,
            measure=measure(work, case),
            now=work.now,
            day=day_of(work, case, deadline),
        )
        work.put_deadline(case_id, woken)
    elif isinstance(deadline.due, OnDay):
        recount(work, case_id, deadline, row)


def carry_deadlines(work: Work, case_id: str, before: Case) -> None:
    """Settle the deadlines of a case that has gone over to another definition.

    Those of the same name keep what they have used and are worked out anew; others stop.
    One that the old definition ran as well has been answered if it is not there: it stays so.
    """
    definition, old = work.definition(work.cases[case_id]), work.definition(before)
    rows = {row.name: row for row in before.deadlines}
    for name in sorted(rows.keys() - definition.deadlines.keys()):
        work.put_deadline(case_id, deadlines.end(rows[name], work.now, answered=False))
    for deadline in definition.deadlines.values():
        earlier = old.deadlines.get(deadline.name)
        if deadline.name in rows:
            _carry(work, case_id, deadline, rows[deadline.name], None)
            _recount_running(work, case_id, deadline)
        elif wanted(work, work.cases[case_id], deadline, definition) and not (
            earlier is not None and wanted(work, before, earlier, old)
        ):
            _start(work, case_id, deadline)


def _recount_running(work: Work, case_id: str, deadline: Deadline) -> None:
    row = next((row for row in work.cases[case_id].deadlines if row.name == deadline.name), None)
    if row is not None and not row.resting:
        recount(work, case_id, deadline, row)


def recount(work: Work, case_id: str, deadline: Deadline, row: DeadlineRow) -> None:
    """Work out a running deadline anew, and note it if anything has moved."""
    moved = anew(work, work.cases[case_id], deadline, row)
    if moved is None:
        moved = deadlines.end(row, work.now, answered=False)
    if moved != row:
        work.put_deadline(case_id, moved)


def anew(lens: Lens, case: Case, deadline: Deadline, row: DeadlineRow) -> DeadlineRow | None:
    """A running deadline for the case as it is; None where it has no day any more."""
    day = day_of(lens, case, deadline)
    if deadlines.dayless(deadline, day):
        return None
    return deadlines.arrange(deadline, row, measure=measure(lens, case), day=day)


def note_fired(work: Work, case_id: str, deadline: Deadline, row: DeadlineRow, rung: str) -> None:
    """Note on the working paper that a rung has fired; an at-once deadline is then done."""
    case = work.cases[case_id]
    declared = next(r for r in deadlines.ladder(deadline) if r.name == rung)
    done = deadlines.fired(
        deadline,
        row,
        declared,
        measure=measure(work, case),
        day=day_of(work, case, deadline),
    )
    if isinstance(deadline.due, AtOnce) and done.next_rung is None:
        done = deadlines.end(done, work.now, answered=True)
    work.put_deadline(case_id, done)


def due_before(case: Case) -> date | None:
    """The earliest last day among the case's running deadlines, or None."""
    days = [row.due_on for row in case.deadlines if row.due_on and not row.resting]
    return min(days, default=None)


def local_today(work: Work, case: Case) -> date:
    """The local day of the case's unit at the instant of the step."""
    return work.organisation.calendar(case.unit).day_at(work.now)
