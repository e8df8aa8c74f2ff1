"""Whether each paper of an audit folder is there, since when, and whether that was in time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from engine.calendar import Calendar
from engine.dossiers.trail import Trail, days_in, is_erased, is_unknown
from engine.dossiers.values import Evidence, Finding, Limit, Ranked, Standing, Subject, Why
from engine.model import IMPORT_PARTY
from engine.store.event_rows import Written
from engine.vocabulary import AuditFolder, Paper, Signer, Where


@dataclass(frozen=True)
class Read:
    """What a folder is judged by: the case, those it is linked to by name, the first ranking of its call."""

    subject: Subject
    linked: Mapping[str, Subject]
    calendar: Calendar
    first_ranked: Ranked | None = None

    @property
    def own(self) -> Trail:
        """The trail of the case itself."""
        return Trail(self.subject)


def judge(folder: AuditFolder, read: Read) -> tuple[Finding, ...]:
    """Say of each paper how it stands, in the order declared."""
    return tuple(_judged(paper, read) for paper in folder.papers)


def _judged(paper: Paper, read: Read) -> Finding:
    if not _is_about(paper, read):
        return Finding(paper, Standing.NOT_ASKED)
    own = read.own
    asked = _is_asked(paper, own)
    if paper.elsewhere is not None:
        return Finding(paper, Standing.ELSEWHERE if asked else _waits(own))
    trail = _trail(paper, read)
    steps = own.taken(paper.steps)
    lacks = tuple(_lacking(paper, trail, steps))
    if not lacks:
        return _dated(paper, read, trail, steps)
    waits = Standing.NOT_ASKED if paper.optional else _waits(own)
    standing = Standing.MISSING if asked else waits
    # What can no longer be known is not missing: that the step was taken still stands in the event.
    gone = trail.erased if trail is not None else ()
    if asked and gone and "step" not in lacks and "notice" not in lacks:
        standing = Standing.ERASED
    evidence = (*(own.evidence(event) for event in steps), *((trail or own).evidence(event) for event in gone[-1:]))
    shown = _shown(paper, trail) if standing is not Standing.ERASED else {}
    return Finding(paper, standing, evidence if asked else (), lacks if asked else (), shown=shown, of=_of(trail, read))


def _is_about(paper: Paper, read: Read) -> bool:
    return (paper.only is None or _holds(paper.only, read)) and (paper.unless is None or not _holds(paper.unless, read))


def _is_asked(paper: Paper, own: Trail) -> bool:
    return not paper.optional and (not paper.asked_in or not own.states.isdisjoint(paper.asked_in))


def _waits(own: Trail) -> Standing:
    """How it is with what the case has not come to: a closed one never will."""
    return Standing.NOT_YET if own.subject.case.closed_at is None else Standing.NEVER


def _holds(where: Where, read: Read) -> bool:
    subject = read.linked.get(where.link)
    return subject is not None and subject.case.facts.get(where.fact) == where.value


def _trail(paper: Paper, read: Read) -> Trail | None:
    """The trail of the case whose facts show the paper; None where no such case is linked."""
    if paper.link is None:
        return read.own
    subject = read.linked.get(paper.link)
    return Trail(subject) if subject is not None else None


def _of(trail: Trail | None, read: Read) -> str | None:
    number = trail.subject.case.number if trail is not None else None
    return number if number != read.subject.case.number else None


def _lacking(paper: Paper, trail: Trail | None, steps: tuple[Written, ...]) -> Iterator[str]:
    if trail is None:
        yield from (*paper.needs, *(group[0] for group in paper.either))
        return
    for group in _groups(paper):
        if not any(_is_known(paper, trail, fact) for fact in group):
            yield group[0]
    if paper.signed_by is not None:
        name, part = paper.signed_by
        signed = {each.get(part) for each in trail.facts.get(name) or ()}
        yield from (str(signer) for signer in Signer if signer not in signed)
    if paper.steps and not steps:
        yield "step"
    if paper.informed and steps and not any(event.body.get("told") for event in steps):
        yield "notice"


def _groups(paper: Paper) -> tuple[tuple[str, ...], ...]:
    return (*((fact,) for fact in paper.needs), *paper.either)


def _is_known(paper: Paper, trail: Trail, fact: str) -> bool:
    return not is_unknown(trail.facts.get(fact)) or (paper.renewed and trail.known_once(fact))


def _dated(paper: Paper, read: Read, trail: Trail | None, steps: tuple[Written, ...]) -> Finding:
    """A paper that is there: what it rests on, and whether that came in time."""
    if trail is None:
        return Finding(paper, Standing.MISSING)
    known = (next(fact for fact in group if _is_known(paper, trail, fact)) for group in _groups(paper))
    facts = [*known, *(paper.signed_by or ())[:1]]
    learned = [event for fact in facts if (event := trail.learned(fact, ever=paper.renewed)) is not None]
    # All signatures count: the last of them makes the list whole.
    if paper.signed_by is not None:
        learned += [turn.event for turn in trail.turns(paper.signed_by[0])]
    found = {trail.evidence(event): event for event in learned}
    # Of a step taken more than once the first counts where what it gave was only renewed.
    last = steps[:1] if paper.renewed else steps[-1:]
    found |= {read.own.evidence(event): event for event in last}
    limit = _limit(paper, read)
    why = tuple(_late(paper, read, trail, found, limit)) if limit is not None else ()
    standing = Standing.AFTER if why else Standing.PRESENT
    if any(is_erased(event) for event in found.values()):
        standing = Standing.ERASED
    attended = _days(trail, paper.attended)
    return Finding(
        paper,
        standing,
        tuple(sorted(found, key=lambda each: (each.at, each.sequence))),
        limit=limit,
        why=why,
        shown=_shown(paper, trail),
        of=_of(trail, read),
        attended_days=attended,
        planned_days=_days(trail, paper.planned),
    )


def _shown(paper: Paper, trail: Trail | None) -> dict[str, object]:
    if trail is None:
        return {}
    named = (name for group in _groups(paper) for name in group)
    names = (*named, *(paper.signed_by or ())[:1], *(paper.planned or ()), *paper.shows)
    return {name: trail.facts[name] for name in dict.fromkeys(names) if not is_unknown(trail.facts.get(name))}


def _days(trail: Trail, ends: tuple[str, str] | None) -> int | None:
    """How many days from the first to the last, both counted."""
    first, last = (trail.day(name) for name in ends) if ends is not None else (None, None)
    return (last - first).days + 1 if first is not None and last is not None else None


# In time.


def _limit(paper: Paper, read: Read) -> Limit | None:
    """What the paper should precede, if that has come."""
    own = read.own
    day = next((found for name in paper.before_days if (found := own.day(name)) is not None), None)
    if day is not None:
        return Limit(day=_plus(day, paper.grace_days))
    first = read.first_ranked if paper.of_call else None
    # Who came to a call that was ranked before, by another place or late, is measured by their own ranking.
    if first is not None and read.subject.case.opened_at <= first.at:
        return Limit(at=first.at, case=first.number, sequence=first.sequence)
    steps = own.taken(paper.before_steps)
    if not steps:
        return None
    return Limit(at=steps[0].body["at"], case=read.subject.case.number, sequence=steps[0].sequence)


def _plus(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max


def _late(paper: Paper, read: Read, trail: Trail, found: Mapping[Evidence, Written], limit: Limit) -> Iterator[Why]:
    borne = [day for name in paper.dated for day in days_in(trail.facts.get(name))]
    # An import registers what is already so: of what bears a day of its own, that day counts.
    counted = [evidence for evidence, event in found.items() if not (borne and event.body.get("party") == IMPORT_PARTY)]
    if any(_is_after(evidence, limit, read) for evidence in counted):
        yield Why.RECORDED
    last = limit.day or read.calendar.day_at(limit.at or 0)
    if any(day > last for day in borne):
        yield Why.DATED
    if paper.settled and _changed_after(paper, trail, limit, read):
        yield Why.CHANGED


def _changed_after(paper: Paper, trail: Trail, limit: Limit, read: Read) -> bool:
    """Whether a fact that was known before was made another after the limit."""
    for name in (*paper.needs, *paper.shows):
        turns = trail.turns(name)
        if any(_is_after(trail.evidence(turn.event), limit, read) for turn in turns[1:]):
            return True
        # What was added late is a change of what applied: it was known to nobody before.
        if turns and name in paper.shows and _is_after(trail.evidence(turns[0].event), limit, read):
            return True
    return False


def _is_after(evidence: Evidence, limit: Limit, read: Read) -> bool:
    if limit.day is not None:
        return read.calendar.day_at(evidence.at) > limit.day
    if limit.case == evidence.case and limit.sequence is not None:
        return evidence.sequence > limit.sequence
    return limit.at is not None and evidence.at > limit.at


def as_told(finding: Finding, hidden: frozenset[str]) -> Finding:
    """The finding without what stands in cases of these numbers, which the reader may not read."""
    limit = finding.limit
    if limit is not None and limit.case in hidden:
        finding = replace(finding, limit=replace(limit, case=None, sequence=None))
    return replace(finding, shown=None) if finding.of in hidden else finding
