"""Turns what a client sent into what the engine is asked."""

from __future__ import annotations

from engine.model import NewPerson, Open, Take
from engine.people import clean_name, folded_email
from engine.store.narrowing import CaseFilter
from engine.vocabulary import Role
from service.bodies import Filter, NewCase, NewSubject, Step, as_tuple


def opening(body: NewCase) -> Open:
    """A case to be opened. Raises BadFields for a name or address that is none."""
    subject = _person(body.subject) if isinstance(body.subject, NewSubject) else body.subject
    return Open(body.workflow, body.unit, subject, body.facts, tuple(body.links.items()))


def _person(subject: NewSubject) -> NewPerson:
    return NewPerson(
        clean_name(subject.name, "subject.name"), folded_email(subject.email, "subject.email"), subject.language
    )


def taking(body: Step) -> Take:
    """A step to be taken."""
    return Take(
        trigger=body.trigger,
        fields=body.fields,
        reason=body.reason,
        comment=body.comment,
        on_behalf_of=Role(body.on_behalf_of) if body.on_behalf_of else None,
        evidence=body.evidence,
    )


def narrowing(wanted: Filter) -> CaseFilter:
    """Which cases a bulk step is for."""
    return CaseFilter(
        workflow=as_tuple(wanted.workflow),
        state=as_tuple(wanted.state),
        unit=as_tuple(wanted.unit),
        assignee=wanted.assignee,
        overdue=wanted.overdue,
        due_before=wanted.due_before,
        q=wanted.q,
    )
