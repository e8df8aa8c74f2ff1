"""What the clock does: fires a rung that is due, or works deadlines out anew.

Firing a rung is a step on its case by the clock; the version check is the claim
(DESIGN 5).
"""

from __future__ import annotations

from datetime import date

from engine import deadlines
from engine.advance import advance, hand_over, offered
from engine.clockwork import note_fired, recount, start_at_once
from engine.drafts import Work
from engine.errors import Refused, StaleCase
from engine.model import Case, Climb, DeadlineRow, Kind, Take
from engine.telling import tell_of_rung
from engine.vocabulary import Actor, AtOnce, Deadline, Fire, HandOver, Role, Rung, Text

THE_CLOCK = Actor(None, Role.CLOCK)


def climb(work: Work, case: Case, ask: Climb) -> None:
    """Fire the rung, if it is still the next and due; StaleCase if somebody was faster."""
    definition = work.definition(case)
    row = next(
        (r for r in case.deadlines if (r.name, r.since) == (ask.deadline, ask.since)), None
    )
    if row is None or row.next_rung != ask.rung or (row.acts_at or work.now + 1) > work.now:
        raise StaleCase(Text("Redan gjort.", "Already done."), case=case.id)
    deadline = definition.deadlines[ask.deadline]
    rung = next(r for r in deadlines.ladder(deadline) if r.name == ask.rung)
    if isinstance(rung.does, Fire):
        _fire(work, case, deadline, row, rung)
    else:
        _tell(work, case, deadline, row, rung)


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


