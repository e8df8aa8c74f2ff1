"""The small changes that move no state: corrections, comments, assignees, links."""

from __future__ import annotations

from pydantic import ValidationError

from engine import rights
from engine.advance import set_assignee
from engine.clockwork import settle_deadlines
from engine.drafts import Work, titled
from engine.errors import BadFields, GuardRefused, NotYourTurn
from engine.faults import words_for
from engine.house_messages import COMMENT
from engine.judging import ERASED, not_your_role
from engine.model import AskKind, Assign, Case, Comment, Correct, Kind, Tie
from engine.opening import bad_opening, check_link
from engine.organisation import STAFF
from engine.places import holds_place, settle_place
from engine.telling import addressees
from engine.vocabulary import Actor, Reason, Text, Who
from engine.vocabulary.people import as_who

MOST_TOLD = 20
"""How many recipients a comment may name; whoever has more to tell writes to a unit."""


def _staff(work: Work, case: Case) -> Actor:
    """The person in a role of casework, or NotYourTurn: auditors change nothing."""
    person = work.request.person
    role = rights.staff_role(work, person, case) if person else None
    if person is not None and role is None:
        reason = not_your_role(tuple(Who(role) for role in STAFF))
        raise NotYourTurn(reason.message, (reason,), case=case.id, state=case.state)
    _refuse_erased(case)
    return Actor(person, role)


def may_note(work: Work, case: Case, kind: AskKind) -> None:
    """Refuse a small change for whoever asks and as the case stands, whatever it would be. Raises Refused."""
    if kind is Correct:
        _corrector(work, case)
    elif kind in {Comment, Assign, Tie}:
        _staff(work, case)
    if kind in {Assign, Tie}:
        _refuse_final(work, case)


def _corrector(work: Work, case: Case) -> Actor:
    """The person in a role that may put facts right, or NotYourTurn."""
    who = tuple(as_who(spec) for spec in work.definition(case).workflow.corrected_by)
    person = work.request.person
    role = rights.role_among(work, person, case, who) if person else None
    if person is not None and role is None:
        reason = not_your_role(who)
        raise NotYourTurn(reason.message, (reason,), case=case.id, state=case.state)
    _refuse_erased(case)
    return Actor(person, role)


def correct(work: Work, case: Case, ask: Correct) -> None:
    """Put facts right. Dates that deadlines hang on move them; a place may be exchanged."""
    workflow = work.definition(case).workflow
    actor = _corrector(work, case)
    _refuse_protected(case, ask, workflow.protected)
    if not ask.reason.strip():
        raise bad_opening("reason_required", "Skriv en motivering.", "Write a reason.")
    draft = work.draft(case, Kind.CORRECTED, actor, caused=False)
    draft.detail["reason"] = ask.reason
    try:
        work.change_facts(case.id, ask.facts)
    except ValidationError as error:
        text = Text("Rättelsen går inte att läsa.", "The correction cannot be read.")
        raise BadFields(text, tuple(words_for(error)), case=case.id, state=case.state) from error
    after = work.cases[case.id].facts
    draft.detail["fields"] = {name: after[name] for name in ask.facts}
    settle_place(work, case.id, case.state, actor)
    settle_deadlines(work, case.id, case, None)
    titled(work, case.id)


def _refuse_protected(case: Case, ask: Correct, protected: tuple[str, ...]) -> None:
    if not ask.facts:
        raise bad_opening("field:facts", "facts: inget att rätta.", "facts: nothing to correct.")
    touched = sorted(set(protected) & set(ask.facts))
    if touched:
        text = Text(
            f"facts.{touched[0]}: skrivs bara av systemet.",
            f"facts.{touched[0]}: is written by the system only.",
        )
        raise BadFields(text, (Reason(f"field:facts.{touched[0]}", text),), case=case.id)


def comment(work: Work, case: Case, ask: Comment) -> None:
    """Note a text on the case. Whom it names is told at once: a person has written it, no clock."""
    actor = _staff(work, case)
    _refuse_strangers(work, case, ask.to)
    draft = work.draft(case, Kind.COMMENTED, actor, caused=False)
    draft.detail["text"] = ask.text
    work.owe(case.id, template=COMMENT, recipients=ask.to)


def _refuse_strangers(work: Work, case: Case, to: tuple[str, ...]) -> None:
    """Refuse recipients the case is no business of, and more of them than one comment tells. Raises BadFields."""
    if len(to) > MOST_TOLD:
        raise bad_opening(
            "field:to", f"to: ange högst {MOST_TOLD} mottagare.", f"to: name at most {MOST_TOLD} recipients."
        )
    if not to:
        return
    known = set(addressees(work, case))
    reasons = tuple(_stranger(at, recipient) for at, recipient in enumerate(to) if recipient not in known)
    if reasons:
        raise BadFields(reasons[0].message, reasons, case=case.id, state=case.state)


def _stranger(at: int, recipient: str) -> Reason:
    """Say why somebody cannot be told. It says the same whether there is such a person or not."""
    sv = "får inte se ärendet, eller kan inte nås; välj någon som hör till det"
    en = "may not see the case, or cannot be reached; choose somebody who belongs to it"
    return Reason(f"field:to.{at}", Text(f"to.{at}: {recipient} {sv}.", f"to.{at}: {recipient} {en}."))


def assign(work: Work, case: Case, ask: Assign) -> None:
    """Make somebody the assignee; they must hold a role of casework there. None gives it back."""
    actor = _staff(work, case)
    _refuse_final(work, case)
    if ask.person is not None and rights.staff_role(work, ask.person, case) is None:
        raise bad_opening(
            "field:person",
            "person: har ingen roll i ärendets enhet.",
            "person: holds no role in the case's unit.",
        )
    draft = work.draft(case, Kind.ASSIGNED, actor, caused=False)
    draft.extra.update(asked=ask.person, assignee=ask.person)
    work.put(case.but(assignee=ask.person))
    set_assignee(work, case.id, ask.person)


def tie(work: Work, case: Case, ask: Tie) -> None:
    """Link the case to another; a link of the same name is replaced."""
    actor = _staff(work, case)
    definition = work.definition(case)
    _refuse_final(work, case)
    target = work.cases.get(ask.case)
    person = work.request.person
    if target is not None and person and not rights.may_read(work, person, target):
        target = None
    if target is None or target.id == case.id:
        text = Text(f"Ärendet {ask.case} finns inte.", f"There is no case {ask.case}.")
        raise BadFields(text, (Reason("field:case", text),), case=case.id)
    check_link(work, definition, ask.name, ask.case)
    holds = definition.workflow.holds
    if holds and holds.link == ask.name and holds_place(work, case, case.state):
        text = Text(
            "Ärendet har en plats under avtalet; lämna den först.",
            "The case holds a place under the agreement; give it up first.",
        )
        raise GuardRefused(text, (Reason("holds_place", text),), case=case.id, state=case.state)
    draft = work.draft(case, Kind.LINKED, actor, caused=False)
    old = case.link(ask.name)
    if old is not None:
        draft.unlinked.append((ask.name, old))
    draft.linked.append((ask.name, ask.case))
    ties = tuple(pair for pair in case.links if pair[0] != ask.name)
    work.put(case.but(links=(*ties, (ask.name, ask.case))))
    settle_deadlines(work, case.id, case, None)
    titled(work, case.id)


def _refuse_final(work: Work, case: Case) -> None:
    if work.definition(case).states[case.state].final:
        text = Text("Ärendet är avslutat.", "The case is closed.")
        raise GuardRefused(text, (Reason("final", text),), case=case.id, state=case.state)


def _refuse_erased(case: Case) -> None:
    """Nothing is written on a case again once its details are erased, lest new ones gather there."""
    if case.erased:
        raise GuardRefused(ERASED.message, (ERASED,), case=case.id, state=case.state)
