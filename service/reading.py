"""Turns the engine's values into what the API sends."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.canonical import instant
from engine.cases import Action
from engine.catalogue import Catalogue
from engine.model import Case, DeadlineRow, NewEvent
from engine.schemas import schema_of
from engine.store.event_rows import Written
from engine.vocabulary import State
from service.models import (
    ActionRead,
    CaseRead,
    CaseSummary,
    DeadlineRead,
    DefinitionRead,
    EventRead,
    NextRung,
    reason_read,
    words,
)
from service.shapes import shown

ROOT = "/api/v1"


def case_summary(case: Case, catalogue: Catalogue) -> CaseSummary:
    """A case in a list."""
    return CaseSummary(**_parts(case, catalogue))


def case_read(case: Case, actions: Sequence[Action], catalogue: Catalogue) -> CaseRead:
    """A case with what may be done."""
    return CaseRead(**_parts(case, catalogue), actions=[action_read(case, action) for action in actions])


def _parts(case: Case, catalogue: Catalogue) -> dict[str, Any]:
    definition, state = catalogue.by_hash(case.definition), state_of(case, catalogue)
    links: dict[str, list[str]] = {}
    for name, to in case.links:
        links.setdefault(name, []).append(to)
    copied = (
        "id", "number", "workflow", "state", "unit", "assignee", "subject", "title", "facts", "version",
    )  # fmt: skip
    return {
        **{name: getattr(case, name) for name in copied},
        "registration_number": case.facts.get("registration_number"),
        "definition": DefinitionRead(version=definition.version, hash=case.definition),
        "label": words(state.label),
        "final": state.final,
        "links": links,
        "opened_at": instant(case.opened_at),
        "updated_at": instant(case.updated_at),
        "deadlines": [DeadlineRead(**deadline_parts(row)) for row in case.deadlines],
    }


def state_of(case: Case, catalogue: Catalogue) -> State:
    """The case's state; its words come from the newest file that still has it (DESIGN 4)."""
    newest = catalogue.current(case.workflow).states if case.workflow in catalogue.names else {}
    return newest.get(case.state) or catalogue.by_hash(case.definition).states[case.state]


def deadline_parts(row: DeadlineRow) -> dict[str, Any]:
    """What is shown of a deadline."""
    coming = row.next_rung is not None and row.acts_at is not None
    return {
        "name": row.name,
        "status": row.status,
        "due_at": shown(row.due_at),
        "due_on": row.due_on,
        "next_rung": NextRung(name=row.next_rung or "", at=instant(row.acts_at or 0)) if coming else None,
    }


def action_read(case: Case, action: Action) -> ActionRead:
    """A transition judged for somebody."""
    transition = action.transition
    return ActionRead(
        trigger=transition.trigger,
        label=words(transition.label),
        to=action.to,
        possible=action.possible,
        reasons=[reason_read(reason) for reason in action.reasons],
        fields=schema_of(transition.form),
        href=f"{ROOT}/cases/{case.id}/transitions",
        reason_required=transition.reason_required,
        on_behalf_of=action.actor.on_behalf_of if action.actor else None,
    )


def event_read(event: NewEvent | Written) -> EventRead:
    """An event, just written or read back."""
    body: Mapping[str, Any] = event.body if isinstance(event, Written) else json.loads(event.body)
    rung, cause = body.get("rung") or {}, body.get("cause")
    return EventRead.model_validate(
        {
            **{name: body.get(name) for name in ("trigger", "from", "on_behalf_of", "role")},
            "sequence": event.sequence,
            "kind": body["kind"],
            "to": body["to"],
            "party": body["party"],
            "at": instant(body["at"]),
            "deadline": rung.get("deadline"),
            "rung": rung.get("rung"),
            "due_at": shown(rung.get("due_at")),
            "cause": {"case": cause[0], "sequence": cause[1]} if cause else None,
            "detail": json.loads(event.detail) if event.detail is not None else None,
            "hash": event.hash,
        }
    )
