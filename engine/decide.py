"""Decides, purely, what a request leads to.

`decide` maps (catalogue, snapshot, request) to a Decision, or raises Refused. It reads
no clock, no database and no chance: running a case and replaying its history both go
through it. The order of the refusals is the contract's (DESIGN 8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NoReturn

from engine import rights
from engine.advance import advance, offered
from engine.climbing import climb, recount_all
from engine.drafts import Draws, Work
from engine.erasing import KEEPERS, erase
from engine.errors import (
    BadFields,
    CaseNotFound,
    KeyReused,
    NotYourTurn,
    StaleCase,
    UnknownTrigger,
    VersionNeeded,
)
from engine.judging import not_your_role
from engine.migrating import migrate
from engine.model import (
    Ask,
    Assign,
    Case,
    Climb,
    Comment,
    Correct,
    Decision,
    Done,
    Erase,
    Key,
    Migrate,
    NewPerson,
    Open,
    Recount,
    Request,
    Restore,
    Snapshot,
    Take,
    Tie,
    Unreadable,
)
from engine.notes import assign, comment, correct, may_note, tie
from engine.opening import bad_opening, open_case
from engine.restoring import restore
from engine.role_words import ROLE_NAMES
from engine.views import Definitions, Lens
from engine.vocabulary import Actor, Opening, Reason, Role, Text, Transition

NOT_FOUND = Text(
    "Ärendet finns inte, eller så har du inte rätt att se det.",
    "There is no such case, or it is not yours to see.",
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """The idempotency key has done this already; nothing is to be written."""

    done: Done


def decide(
    catalogue: Definitions, snapshot: Snapshot, request: Request, draws: Draws
) -> Decision | Replayed:
    """Decide what a request leads to. Raises a `Refused`; then nothing is to be written."""
    work = Work(Lens(catalogue, snapshot), request, draws)
    case = _visible(work, request)
    if snapshot.done is not None and request.key is not None:
        return _replayed(snapshot.done, request.key)
    if isinstance(request.ask, Unreadable) and case is None:
        raise BadFields(request.ask.reasons[0].message, request.ask.reasons)
    if case is None:
        return work.decision(_open(work, request))
    _same_version(request, case)
    _do(work, case, request.ask)
    return work.decision(case.id)


def _replayed(done: Done, key: Key) -> Replayed:
    refuse_other_use(done, key)
    return Replayed(done)


def refuse_other_use(done: Done, key: Key) -> None:
    """Refuse a key that has done something else already. Raises KeyReused."""
    if done.fingerprint != key.fingerprint:
        raise KeyReused(
            Text(
                "Nyckeln (Idempotency-Key) har använts till en annan begäran.",
                "The Idempotency-Key was used for another request.",
            )
        )


def _do(work: Work, case: Case, ask: Ask) -> None:
    match ask:
        case Unreadable():
            _refuse_unreadable(work, case, ask)
        case Take():
            _take(work, case, ask)
        case Climb():
            climb(work, case, ask)
        case Recount():
            recount_all(work, case)
        case Correct() | Comment() | Assign() | Tie():
            _note(work, case, ask)
        case Erase():
            erase(work, case, ask)
        case Migrate():
            migrate(work, case)
        case Restore():
            restore(work, case, ask)
        case Open():
            raise TypeError("a case that exists cannot be opened")


def _note(work: Work, case: Case, ask: Correct | Comment | Assign | Tie) -> None:
    match ask:
        case Correct():
            correct(work, case, ask)
        case Comment():
            comment(work, case, ask)
        case Assign():
            assign(work, case, ask)
        case Tie():
            tie(work, case, ask)


def _refuse_unreadable(work: Work, case: Case, ask: Unreadable) -> NoReturn:
    """Refuse what could not be read, after the refusals that come before it (DESIGN 8)."""
    if ask.trigger is not None:
        _open_to(work, case, ask.trigger)
    elif ask.kind is not None:
        may_note(work, case, ask.kind)
    raise BadFields(ask.reasons[0].message, ask.reasons, case=case.id, state=case.state)


def _same_version(request: Request, case: Case) -> None:
    """Refuse a request that does not say which version was read, or names another than the present."""
    if request.must_expect and request.expected is None:
        raise VersionNeeded(
            Text(
                f'Ange vilken version du har läst: If-Match: "{case.version}" för den som nu gäller.',
                f'Say which version you have read: If-Match: "{case.version}" for the present one.',
            ),
            case=case.id,
            state=case.state,
        )
    if request.expected is not None and request.expected != case.version:
        raise StaleCase(
            Text(
                "Ärendet har ändrats sedan du läste det. Läs det igen.",
                "The case has changed since you read it. Read it again.",
            ),
            case=case.id,
            state=case.state,
        )


def _visible(work: Work, request: Request) -> Case | None:
    if request.case is None:
        return None
    case = work.snapshot.cases.get(request.case)
    if case is None:
        raise CaseNotFound(NOT_FOUND, case=request.case)
    if request.person is not None and not _may_look(work, request, request.person, case):
        raise CaseNotFound(NOT_FOUND, case=request.case)
    return case


def _may_look(work: Work, request: Request, person: str, case: Case) -> bool:
    """Whether the case is the person's to see; an admin sees of it only that it can be erased or carried over."""
    keeps = isinstance(request.ask, Erase | Migrate) and rights.role_among(work, person, case, KEEPERS)
    return bool(keeps) or rights.may_read(work, person, case)


def _take(work: Work, case: Case, ask: Take) -> None:
    transition, actor = _open_to(work, case, ask.trigger)
    advance(work, case.id, transition, ask, _on_behalf(actor, ask, case, transition))


def _open_to(work: Work, case: Case, trigger: str) -> tuple[Transition, Actor]:
    """The transition a trigger takes from here, and in which role. Raises Refused."""
    definition = work.definition(case)
    transitions = definition.by_trigger.get(trigger, ())
    if not transitions:
        raise UnknownTrigger(
            Text(
                f"Steget {trigger} finns inte i detta slags ärende.",
                f"There is no step {trigger} in this kind of case.",
            ),
            case=case.id,
            state=case.state,
            trigger=trigger,
        )
    person = work.request.person
    if person is None:
        ruled = _ruled(work, transitions, case)
        return offered(work, case, trigger), ruled
    first, actor = _first_open(work, person, case, transitions)
    transition = offered(work, case, trigger)
    if transition is not first:
        actor = rights.actor_for(work, person, case, transition)
    if actor is None:
        raise _not_yours(case, trigger, (transition,))
    return transition, actor


def _first_open(
    work: Work, person: str, case: Case, transitions: tuple[Transition, ...]
) -> tuple[Transition, Actor | None]:
    """The first of the transitions that the person may take by their roles. Raises NotYourTurn."""
    for transition in transitions:
        actor = rights.actor_for(work, person, case, transition)
        if actor is not None:
            return transition, actor
    raise _not_yours(case, transitions[0].trigger, transitions)


def _ruled(work: Work, transitions: tuple[Transition, ...], case: Case) -> Actor:
    """The clock acts where a transition names it; an import where the file's owner says so."""
    clock = any(who.role is Role.CLOCK for t in transitions for who in t.who)
    if work.request.party == "clock" and not clock:
        raise _not_yours(case, transitions[0].trigger, transitions)
    return Actor(None, Role.CLOCK if work.request.party == "clock" else None)


def _not_yours(case: Case, trigger: str, transitions: tuple[Transition, ...]) -> NotYourTurn:
    reason = not_your_role(tuple(who for t in transitions for who in t.who))
    return NotYourTurn(reason.message, (reason,), case=case.id, state=case.state, trigger=trigger)


def _on_behalf(actor: Actor, ask: Take, case: Case, transition: Transition) -> Actor:
    """Settle on whose behalf the step is entered; evidence is owed where it is another's."""
    needed = actor.on_behalf_of
    asked = ask.on_behalf_of
    allowed = {who.role for who in transition.who} & {Role.STUDENT, Role.PARTNER}
    if asked is None and needed is None:
        return actor
    reasons = []
    if asked is None or asked not in allowed:
        sv = " / ".join(ROLE_NAMES[role].sv for role in sorted(allowed)) or "ingen"
        en = " or ".join(sorted(allowed)) or "nobody"
        reasons.append(
            Reason(
                "field:on_behalf_of",
                Text(
                    f"on_behalf_of: ange för vem du registrerar detta ({sv}).",
                    f"on_behalf_of: say for whom you enter this ({en}).",
                ),
            )
        )
    if not (ask.evidence or "").strip():
        reasons.append(
            Reason(
                "field:evidence",
                Text(
                    "evidence: ange underlaget (mejl, dokumentnummer).",
                    "evidence: name the evidence (mail, document number).",
                ),
            )
        )
    if reasons:
        raise BadFields(
            reasons[0].message,
            tuple(reasons),
            case=case.id,
            state=case.state,
            trigger=transition.trigger,
        )
    return replace(actor, on_behalf_of=asked)


def _open(work: Work, request: Request) -> str:
    ask = request.ask
    if not isinstance(ask, Open):
        raise TypeError(f"{type(ask).__name__} needs a case")
    if ask.workflow not in work.catalogue.names:
        raise bad_opening(
            "field:workflow",
            f"workflow: {ask.workflow} finns inte.",
            f"workflow: there is no {ask.workflow}.",
        )
    actor = _opener(work, ask)
    subject = _subject(work, ask)
    return open_case(
        work,
        workflow=ask.workflow,
        opening=Opening(unit=ask.unit, facts=ask.facts, subject=subject),
        links=ask.links,
        actor=actor,
        caused=False,
        state=ask.state,
        evidence=ask.evidence,
    )


def _opener(work: Work, ask: Open) -> Actor:
    person = work.request.person
    if person is None:
        return Actor(None, None)
    if ask.unit not in work.organisation.units:
        raise bad_opening(
            "field:unit",
            f"unit: enheten {ask.unit} finns inte; ange enhetens kod.",
            f"unit: there is no unit {ask.unit}; give the unit's code.",
        )
    definition = work.catalogue.current(ask.workflow)
    day = rights.today(work, ask.unit)
    for who in definition.workflow.openers:
        if work.organisation.holds(person, who.role, ask.unit, day):
            return Actor(person, who.role)
        linked = work.cases.get(dict(ask.links).get(who.where, ""))
        if linked and work.organisation.holds(person, who.role, linked.unit, day):
            return Actor(person, who.role)
    reason = not_your_role(definition.workflow.openers)
    raise NotYourTurn(reason.message, (reason,), party=person)


def _subject(work: Work, ask: Open) -> str | None:
    subject = ask.subject
    if isinstance(subject, NewPerson):
        known = work.snapshot.known
        if known is None:
            known = work.draws.id()
            work.person = (known, subject)
        return known
    if subject is not None and not work.snapshot.subject_exists:
        raise bad_opening(
            "field:subject",
            "subject: personen finns inte.",
            "subject: there is no such person.",
        )
    return subject


