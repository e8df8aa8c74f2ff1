"""Takes one case one step further on the working paper, and what hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from engine import judging
from engine.clockwork import due_before, local_today, settle_deadlines
from engine.definition import Definition
from engine.drafts import Work, note_actor, record_fields, titled
from engine.errors import BadFields, GuardRefused, Refused, TransitionNotAllowed
from engine.faults import words_for
from engine.faulty import FollowUpRing
from engine.model import Case, Kind, Take
from engine.opening import open_case
from engine.places import move_places, settle_place
from engine.telling import present, tell
from engine.vocabulary import (
    RECONSIDER,
    Actor,
    AnyView,
    Assign,
    FollowUp,
    Form,
    Reason,
    Text,
    Transition,
)

LONGEST_LOOK_AHEAD = 60
"""Days: whoever does not work within so many is away, whatever is due later."""

DEEPEST = 4
"""How far follow-ups may lead on; a longer chain is a ring in the declarations, which no file that loads has."""


def offered(work: Work, case: Case, trigger: str) -> Transition:
    """The transition the trigger takes from the present state, or TransitionNotAllowed."""
    definition = work.definition(case)
    if case.erased:
        reason = judging.ERASED
        raise TransitionNotAllowed(reason.message, (reason,), case=case.id, state=case.state, trigger=trigger)
    target = definition.legality.target(case.state, trigger)
    if target is not None:
        return definition.steps[case.state, trigger]
    label = definition.states[case.state].label
    if definition.states[case.state].final:
        message = Text(
            f"Ärendet är avslutat ({label.sv}).", f"The case is closed ({label.en})."
        )
    else:
        message = Text(
            f"Det går inte från statusen ”{label.sv}”.", f"Not possible from the status “{label.en}”."
        )
    raise TransitionNotAllowed(message, case=case.id, state=case.state, trigger=trigger)


def parsed(transition: Transition, ask: Take, case: Case) -> Form:
    """Read the fields, or BadFields with one reason a field."""
    reasons: list[Reason] = []
    form = Form()
    try:
        form = transition.form.model_validate(dict(ask.fields))
    except ValidationError as error:
        reasons += words_for(error)
    if transition.reason_required and not (ask.reason or "").strip():
        reasons.append(
            Reason(
                "reason_required",
                Text("Skriv en motivering (reason).", "Write a reason (reason)."),
            )
        )
    if reasons:
        raise BadFields(
            Text(
                "Uppgifterna går inte att använda som de är.",
                "What was sent cannot be used as it is.",
            ),
            tuple(reasons),
            case=case.id,
            state=case.state,
            trigger=transition.trigger,
        )
    return form


def advance(
    work: Work, case_id: str, transition: Transition, ask: Take, actor: Actor, *, caused: bool = False
) -> None:
    """Judge the step and write its effects on the working paper. Raises Refused, changing nothing."""
    case = work.cases[case_id]
    definition = work.definition(case)
    form = parsed(transition, ask, case)
    view = work.view(case, actor, form)
    _judge(work, case, transition, actor, view)
    draft = work.draft(
        case, _kind(transition), actor, caused=caused, trigger=transition.trigger
    )
    record_fields(draft, form)
    for name in ("reason", "comment", "evidence"):
        if getattr(ask, name):
            draft.detail[name] = getattr(ask, name)
    _move(work, case_id, definition, transition, view)
    settle_place(work, case_id, case.state, actor)
    settle_deadlines(work, case_id, case, transition.trigger)
    _assign(work, case_id, transition, actor)
    titled(work, case_id)
    _tie_up(work, case_id, transition, view, actor)
    tell(work, case_id, transition.tells, view)


def _kind(transition: Transition) -> Kind:
    if transition.trigger == RECONSIDER:
        return Kind.REOPENED
    return Kind.RECORDED if transition.recorded else Kind.MOVED


def _judge(
    work: Work, case: Case, transition: Transition, actor: Actor, view: AnyView
) -> None:
    reasons = tuple(judging.reasons_against(work, case, transition, actor))
    reasons = reasons or tuple(judging.answers(transition.field_guards, view))
    if reasons:
        raise GuardRefused(
            reasons[0].message,
            reasons,
            case=case.id,
            state=case.state,
            trigger=transition.trigger,
            party=work.request.party,
        )


def _move(
    work: Work, case_id: str, definition: Definition, transition: Transition, view: AnyView
) -> None:
    case = work.cases[case_id]
    work.put(
        note_actor(work, case, definition, transition.trigger).but(
            state=transition.target(case.state),
        )
    )
    given = view.fields
    known = definition.workflow.facts.model_fields
    changes: dict[str, Any] = {
        name: getattr(given, name) for name in given.model_fields_set if name in known
    }
    if transition.sets is not None:
        changes.update(transition.sets(view))
    if changes:
        work.change_facts(case_id, plain(changes))


def plain(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Models inside facts as plain values, so that the facts' own model reads them anew."""

    def one(value: Any) -> Any:
        if hasattr(value, "model_dump"):
            return value.model_dump(mode="json")
        if isinstance(value, list | tuple):
            return [one(item) for item in value]
        return value

    return {name: one(value) for name, value in changes.items()}


def _assign(work: Work, case_id: str, transition: Transition, actor: Actor) -> None:
    match transition.assigns:
        case Assign.ACTOR if actor.person is not None:
            set_assignee(work, case_id, actor.person)
        case Assign.NOBODY:
            set_assignee(work, case_id, None)
        case _:
            settle_assignee(work, case_id)


def set_assignee(work: Work, case_id: str, person: str | None) -> None:
    """Make somebody the assignee; the case's event says so."""
    case = work.cases[case_id]
    if case.assignee != person:
        work.put(case.but(assignee=person))
        work.drafts[case_id].extra["assignee"] = person
    settle_assignee(work, case_id)


def settle_assignee(work: Work, case_id: str) -> None:
    """Give the task to the substitute if the assignee does not work before it is due (PROCESSES 0)."""
    case = work.cases[case_id]
    due_on = due_before(case)
    changed = case_id not in work.snapshot.cases or bool(work.drafts[case_id].deadlines)
    changed = changed or "assignee" in work.drafts[case_id].extra
    if case.assignee is None or due_on is None or not changed:
        return
    today, calendar = local_today(work, case), work.organisation.calendar(case.unit)
    if not 0 <= (due_on - today).days <= LONGEST_LOOK_AHEAD:
        return
    ahead = (today + timedelta(days=n) for n in range((due_on - today).days + 1))
    days = (day for day in ahead if calendar.is_working_day(day))
    if any(work.organisation.works_on(case.assignee, day) for day in days):
        return
    substitute = work.organisation.substitute(case.assignee, today)
    if substitute is not None and substitute != case.assignee:
        work.put(case.but(assignee=substitute))
        work.drafts[case_id].extra["assignee"] = substitute


def _tie_up(work: Work, case_id: str, transition: Transition, view: AnyView, actor: Actor) -> None:
    """Open, move and re-link the cases that hang on this step."""
    for opens in transition.opens:
        for opening in opens.each(view):
            child = open_case(
                work,
                workflow=opens.workflow,
                opening=opening,
                links=((opens.link, case_id),),
                actor=actor,
                caused=True,
            )
            work.drafts[case_id].extra.setdefault("opened", []).append(child)
    for follow_up in transition.follow_ups:
        if follow_up.when is None or follow_up.when(view):
            follow(work, case_id, follow_up, view, actor)
    for relinks in transition.relinks:
        target = relinks.to(view)
        if target is not None:
            for other in view.related(relinks.along):
                relink(work, other.id, relinks.link, source=case_id, target=target, actor=actor)


def follow(
    work: Work, case_id: str, follow_up: FollowUp, view: AnyView, actor: Actor
) -> bool:
    """Move the related cases under the rule's right; whether any was moved."""
    work.depth += 1
    if work.depth > DEEPEST:
        raise FollowUpRing(f"follow-ups of {case_id} lead deeper than {DEEPEST}")
    moved = False
    for other in work.related(case_id, follow_up.along):
        moved = _move_other(work, other.id, follow_up, view, actor) or moved
        if moved and follow_up.first_only:
            break
    work.depth -= 1
    return moved


def _move_other(
    work: Work, other_id: str, follow_up: FollowUp, view: AnyView, actor: Actor
) -> bool:
    other = work.cases[other_id]
    fields = follow_up.fields(view) if follow_up.fields else {}
    ask = Take(follow_up.trigger, fields=dict(fields), reason=_carried_reason(work))
    under_rule = Actor(actor.person, None)
    if follow_up.if_open and not _can_follow(work, other_id, follow_up.trigger):
        return False

    def step() -> None:
        transition = offered(work, other, follow_up.trigger)
        advance(work, other_id, transition, ask, under_rule, caused=True)

    if not follow_up.first_only:
        step()
        return True
    try:
        work.attempt(step)
    except Refused:
        return False
    return True


def _can_follow(work: Work, other_id: str, trigger: str) -> bool:
    other = work.cases[other_id]
    taken = other_id in work.drafts and work.drafts[other_id].trigger is not None
    return not taken and work.definition(other).legality.target(other.state, trigger) is not None


def _carried_reason(work: Work) -> str | None:
    ask = work.request.ask
    return ask.reason if isinstance(ask, Take) else None


def relink(
    work: Work, case_id: str, name: str, *, source: str, target: str, actor: Actor
) -> None:
    """Move a case's link from one case to another, and the places it holds there."""
    case = work.cases[case_id]
    draft = work.draft(case, Kind.LINKED, Actor(actor.person, None), caused=True)
    draft.unlinked.append((name, source))
    draft.linked.append((name, target))
    ties = tuple(tie for tie in case.links if tie != (name, source))
    work.put(case.but(links=(*ties, (name, target))))
    move_places(work, case_id, source=source, target=target, actor=Actor(actor.person, None))
    settle_deadlines(work, case_id, case, None)
    titled(work, case_id)


def hand_over(work: Work, case_id: str, person: str) -> None:
    """Make somebody the assignee because a rung says so."""
    set_assignee(work, case_id, present(work, work.cases[case_id], person))
