"""Turns the engine's values into what the API sends.

A case and an event are made of plain values in the order of `service.models` and written by
orjson at once: through the models, which say what is sent, a step's answer took four times as
long. A test holds the two equal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from pydantic import BaseModel

from engine.canonical import instant
from engine.cases import Action
from engine.catalogue import Catalogue
from engine.model import Case, DeadlineRow, NewEvent
from engine.schemas import schema_of
from engine.store.event_rows import Written
from engine.vocabulary import Reason, State
from service.models import CaseSummary, EventRead
from service.plain import both
from service.shapes import shown

ROOT = "/api/v1"

_KEPT = 1024
"""How many forms are kept as written; more than all workflow files ask for."""


def case_summary(case: Case, catalogue: Catalogue) -> CaseSummary:
    """A case in a list."""
    return CaseSummary.model_validate(_parts(case, catalogue))


def case_read(case: Case, actions: Sequence[Action], catalogue: Catalogue) -> dict[str, Any]:
    """A case with what may be done, as `CaseRead`."""
    return {**_parts(case, catalogue), "actions": [_action(case, action) for action in actions]}


def as_json(value: Mapping[str, Any]) -> bytes:
    """Plain values as JSON; instants end in Z."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def _parts(case: Case, catalogue: Catalogue) -> dict[str, Any]:
    definition, state = catalogue.by_hash(case.definition), state_of(case, catalogue)
    links: dict[str, list[str]] = {}
    for name, to in case.links:
        links.setdefault(name, []).append(to)
    return {
        "id": case.id,
        "number": case.number,
        "registration_number": case.facts.get("registration_number"),
        "workflow": case.workflow,
        "definition": {"version": definition.version, "hash": case.definition},
        "state": case.state,
        "label": both(state.label),
        "final": state.final,
        "unit": case.unit,
        "assignee": case.assignee,
        "subject": case.subject,
        "title": case.title,
        "facts": case.facts,
        "links": links,
        "version": case.version,
        "opened_at": instant(case.opened_at),
        "updated_at": instant(case.updated_at),
        "deadlines": [deadline_parts(row) for row in case.deadlines],
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
        "next_rung": {"name": row.next_rung or "", "at": instant(row.acts_at or 0)} if coming else None,
    }


def _action(case: Case, action: Action) -> dict[str, Any]:
    transition = action.transition
    return {
        "trigger": transition.trigger,
        "label": both(transition.label),
        "to": action.to,
        "possible": action.possible,
        "reasons": [_reason(reason) for reason in action.reasons],
        "fields": _form(transition.form),
        "href": f"{ROOT}/cases/{case.id}/transitions",
        "reason_required": transition.reason_required,
        "on_behalf_of": action.actor.on_behalf_of if action.actor else None,
    }


@lru_cache(maxsize=_KEPT)
def _form(model: type[BaseModel]) -> orjson.Fragment:
    """The JSON Schema of a form as it is sent: most of the bytes of an answer, and always the same."""
    return orjson.Fragment(orjson.dumps(schema_of(model)))


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "message": both(reason.message),
        "who_can": reason.who_can,
        "from_date": reason.from_date,
    }


def event_read(event: NewEvent | Written) -> dict[str, Any]:
    """An event, just written or read back, as `EventRead`."""
    body: Mapping[str, Any] = event.body if isinstance(event, Written) else orjson.loads(event.body)
    rung, cause = body.get("rung") or {}, body.get("cause")
    return {
        "sequence": event.sequence,
        "kind": body["kind"],
        "trigger": body.get("trigger"),
        "from": body.get("from"),
        "to": body["to"],
        "party": body["party"],
        "on_behalf_of": body.get("on_behalf_of"),
        "role": body.get("role"),
        "at": instant(body["at"]),
        "deadline": rung.get("deadline"),
        "rung": rung.get("rung"),
        "due_at": shown(rung.get("due_at")),
        "cause": {"case": cause[0], "sequence": cause[1]} if cause else None,
        "detail": json.loads(event.detail) if event.detail is not None else None,
        "hash": event.hash,
    }


def event_model(event: NewEvent | Written) -> EventRead:
    """An event in a list."""
    return EventRead.model_validate(event_read(event))
