"""What the clock does: fires a rung that is due, or works deadlines out anew.

Firing a rung is a step on its case by the clock; the version check is the claim
(DESIGN 5).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from engine import deadlines
from engine.advance import advance, hand_over, offered
from engine.clockwork import anew, note_fired, recount, start_at_once
from engine.drafts import Work
from engine.errors import Refused, StaleCase
from engine.model import Case, Climb, DeadlineRow, Kind, Recount, Request, Snapshot, Take
from engine.telling import tell_of_rung
from engine.views import Definitions, Lens
from engine.vocabulary import Actor, AtOnce, Deadline, Fire, HandOver, OnDay, Role, Rung, Text

THE_CLOCK = Actor(None, Role.CLOCK)


def climb(work: Work, case: Case, ask: Climb) -> None:
    """Fire the rung, if it is still the next and due; StaleCase if somebody was faster."""
    definition = work.definition(case)
    row = _due_row(case, ask, work.now)
    if row is None:
        raise StaleCase(Text("Redan gjort.", "Already done."), case=case.id)
    deadline = definition.deadlines[ask.deadline]
    rung = next(r for r in deadlines.ladder(deadline) if r.name == ask.rung)
    if isinstance(rung.does, Fire):
        _fire(work, case, deadline, row, rung)
    else:
        _tell(work, case, deadline, row, rung)


def _due_row(case: Case, ask: Climb, now: int) -> DeadlineRow | None:
    """The deadline whose rung is asked for, if that is still its next and due."""
    row = next((r for r in case.deadlines if (r.name, r.since) == (ask.deadline, ask.since)), None)
    if row is None or row.next_rung != ask.rung or (row.acts_at or now + 1) > now:
        return None
    return row


def still_due(catalogue: Definitions, snapshot: Snapshot, request: Request) -> Request:
    """The request; to work deadlines out anew instead, where the rung is not due by the day as it now is.

    A day may be told by a linked case, and moved there without a step here. This is asked beside `decide`
    and not in it: a replay decides anew what fired before this was asked.
    """
    case = snapshot.cases.get(request.case or "")
    if not isinstance(request.ask, Climb) or case is None:
        return request
    lens, row = Lens(catalogue, snapshot), _due_row(case, request.ask, snapshot.now)
    deadline = lens.definition(case).deadlines.get(request.ask.deadline)
    if row is None or deadline is None or not isinstance(deadline.due, OnDay):
        return request
    moved = anew(lens, case, deadline, row)
    due = moved is not None and moved.acts_at is not None and moved.acts_at <= snapshot.now
    return request if due else replace(request, ask=Recount())


def _noted(work: Work, case: Case, deadline: Deadline, row: DeadlineRow, rung: Rung) -> None:
    draft = work.drafts[case.id]
    draft.extra["rung"] = {
        "deadline": deadline.name,
        "since": row.since,
        "rung": rung.name,
        "due_at": row.acts_at,
    }
    note_fired(work, case.id, deadline, row, rung.name)


def _tell(work: Work, case: Case, deadline: Deadline, row: DeadlineRow, rung: Rung) -> None:
    work.draft(case, Kind.RUNG_FIRED, THE_CLOCK, caused=False)
    _noted(work, case, deadline, row, rung)
    if isinstance(rung.does, HandOver):
        _hand_over(work, case, rung.does)
    tell_of_rung(work, case.id, rung, deadline.name)


def _fire(work: Work, case: Case, deadline: Deadline, row: DeadlineRow, rung: Rung) -> None:
    """Take the step the rung names. Where a guard refuses it, the rung is noted and the ladder goes on."""
    trigger = rung.does.trigger if isinstance(rung.does, Fire) else ""

    def step() -> None:
        transition = offered(work, case, trigger)
        kind = Kind.RECORDED if transition.recorded else Kind.MOVED
        work.draft(case, kind, THE_CLOCK, caused=False, trigger=trigger)
        _noted(work, case, deadline, row, rung)
        advance(work, case.id, transition, Take(trigger, reason=_by_itself(rung)), THE_CLOCK)
        tell_of_rung(work, case.id, rung, deadline.name)
        _again(work, case, deadline)

    try:
        work.attempt(step)
    except Refused as refused:
        work.draft(case, Kind.RUNG_FIRED, THE_CLOCK, caused=False)
        _noted(work, case, deadline, row, rung)
        codes = [reason.code for reason in refused.reasons] or [refused.code]
        work.drafts[case.id].extra["refused"] = {"trigger": trigger, "codes": codes}


def _by_itself(rung: Rung) -> str:
    return f"Klockan / The clock: {rung.name}"


def _again(work: Work, case: Case, deadline: Deadline) -> None:
    """After a freed place has gone to the next, look once more: several may have been freed."""
    moved_others = any(other != case.id for other in work.drafts)
    if isinstance(deadline.due, AtOnce) and moved_others:
        offers = work.definition(case).workflow.offers
        if offers is not None and offers.when_freed == deadline.name:
            start_at_once(work, case.id, deadline.name)


def _hand_over(work: Work, case: Case, rule: HandOver) -> None:
    """Substitute first, else whoever is at work with fewest open cases, then the lowest id."""
    organisation = work.organisation
    day = _next_working_day(work, case)
    named = organisation.substitute(case.assignee, day) if case.assignee else None
    chosen = named or _least_loaded(work, case, rule)
    work.drafts[case.id].extra["found"] = {"workload": dict(sorted(work.snapshot.workload.items()))}
    if chosen is not None:
        hand_over(work, case.id, chosen)


def _next_working_day(work: Work, case: Case) -> date:
    """The day on which the work can go on; rungs fire at midnight, often before a free day."""
    calendar = work.organisation.calendar(case.unit)
    return calendar.next_working_day(calendar.day_at(work.now))


def _least_loaded(work: Work, case: Case, rule: HandOver) -> str | None:
    organisation = work.organisation
    day = _next_working_day(work, case)
    for role in rule.to:
        present = [
            person
            for person in organisation.nearest(role, case.unit, day)
            if organisation.works_on(person, day) and person != case.assignee
        ]
        if present:
            return min(present, key=lambda p: (work.snapshot.workload.get(p, 0), p))
    return None


def recount_all(work: Work, case: Case) -> None:
    """Work every running deadline of the case out anew; StaleCase if nothing moves."""
    definition = work.definition(case)
    work.draft(case, Kind.DEADLINE_CHANGED, THE_CLOCK, caused=False)
    for row in case.deadlines:
        if not row.resting:
            recount(work, case.id, definition.deadlines[row.name], row)
    if not work.drafts[case.id].deadlines:
        raise StaleCase(Text("Inget har flyttats.", "Nothing has moved."), case=case.id)


