"""How the engine's values stand in the columns, alike on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

from engine.model import Case, DeadlineRow, NewEvent, Owed, Status
from engine.organisation import Absence, Mandate, Membership, Organisation, Span, UnitRow
from engine.vocabulary import Role

DERIVED_FIELDS = ("entered_at", "due_at", "missed_at", "partner")
"""Columns of a case's row that are worked out of the rest, for lists; no decision reads them."""
ORGANISATION_TABLES: Mapping[str, tuple[str, ...]] = {
    "unit": ("code", "name_sv", "name_en", "parent", "mailbox", "settings"),
    "membership": ("person", "role", "unit", "starts_on", "ends_on"),
    "mandate": ("person", "kind", "unit", "starts_on", "ends_on"),
    "absence": ("person", "starts_on", "ends_on", "weekdays", "substitute"),
    "closing_day": ("unit", "day"),
}
NOBODYS_CONCERN = """NOT EXISTS (SELECT 1 FROM membership m
    WHERE m.institution = person.institution AND m.person = person.id)
  AND NOT EXISTS (SELECT 1 FROM case_record o
    WHERE o.institution = person.institution AND o.subject = person.id
      AND NOT EXISTS (SELECT 1 FROM event e
        WHERE e.institution = o.institution AND e.case_id = o.id AND e.kind = 'erased'))"""
"""Of a row of `person`: they never held a role, and each case about them has been erased."""
Encode: TypeAlias = Callable[[Any], Any]
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def as_it_is(value: Any) -> Any:
    """Leave a value that becomes JSON for whoever encodes the whole row."""
    return value


def case_values(case: Case, number: str, encode: Encode = _encode) -> tuple[Any, ...]:
    """A case as the columns of CASE_FIELDS."""
    return (
        case.institution, case.id, number, case.workflow, case.definition, case.state,
        case.unit, case.assignee, case.subject, case.title, case.search, encode(case.facts),
        encode(case.acts), case.version, case.head, case.opened_at, case.updated_at,
        case.closed_at,
    )  # fmt: skip


def derived_values(case: Case) -> tuple[int, int | None, int | None, str | None]:
    """A case as the columns of DERIVED_FIELDS.

    The first is true of a case whose state is new by this very step; where the step left
    the state as it was, the column stays as it was.
    """
    due = [row.due_at for row in case.deadlines if row.due_at is not None and not row.resting]
    missed = [row.due_at for row in case.deadlines if row.due_at is not None and row.status is Status.MISSED]
    partner = case.facts.get("partner")
    return (
        case.updated_at, min(due, default=None), min(missed, default=None),
        partner if isinstance(partner, str) else None,
    )  # fmt: skip


def event_values(event: NewEvent) -> tuple[Any, ...]:
    """An event as the columns of EVENT_FIELDS."""
    return (
        event.institution, event.case, event.sequence, event.kind, event.trigger,
        event.from_state, event.to_state, event.party, event.on_behalf_of, event.role, event.at,
        event.definition, event.cause_case, event.cause_sequence, event.body, event.previous,
        event.hash,
    )  # fmt: skip


def deadline_values(
    institution: str, case: str, row: DeadlineRow, encode: Encode = _encode
) -> tuple[Any, ...]:
    """A deadline as the columns of DEADLINE_FIELDS."""
    return (
        institution, case, row.name, row.since, row.status, row.started_at, encode(row.ledger),
        row.due_on.isoformat() if row.due_on else None, row.due_at, encode(row.fired),
        row.next_rung, row.acts_at, row.ended_at,
    )  # fmt: skip


def outbox_values(institution: str, owed: Owed, now: int) -> tuple[Any, ...]:
    """A message owed as the columns of OUTBOX_FIELDS."""
    return (
        institution, owed.id, owed.case, owed.sequence, owed.channel, owed.recipient,
        owed.template, owed.deadline, owed.grouped, owed.not_before, 0, owed.not_before,
        "waiting", now,
    )  # fmt: skip


def read_organisation(institution: str, rows: Mapping[str, Any]) -> Organisation:
    """Make an organisation of the rows a ledger gives."""
    closing: dict[str, set[date]] = {}
    for row in rows["closing_day"]:
        closing.setdefault(row["unit"], set()).add(_day(row["day"]) or date.min)
    return Organisation(
        institution=institution,
        version=rows["version"],
        units={row["code"]: _unit(row) for row in rows["unit"]},
        memberships=tuple(
            Membership(r["person"], Role(r["role"]), r["unit"], _span(r))
            for r in rows["membership"]
        ),
        mandates=tuple(
            Mandate(r["person"], r["kind"], r["unit"], _span(r)) for r in rows["mandate"]
        ),
        absences=tuple(
            Absence(r["person"], _span(r), _weekdays(r["weekdays"]), r["substitute"])
            for r in rows["absence"]
        ),
        closing_days={unit: frozenset(days) for unit, days in closing.items()},
    )


def _unit(row: Mapping[str, Any]) -> UnitRow:
    settings = row["settings"]
    return UnitRow(
        code=row["code"],
        name_sv=row["name_sv"],
        name_en=row["name_en"],
        parent=row["parent"],
        mailbox=row["mailbox"],
        settings=json.loads(settings) if isinstance(settings, str) else settings,
    )


def _span(row: Mapping[str, Any]) -> Span:
    return Span(_day(row["starts_on"]), _day(row["ends_on"]))


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _weekdays(written: str | None) -> frozenset[int] | None:
    """Weekdays are written as their numbers, Monday 0: "0,2,3,4"."""
    return None if written is None else frozenset(int(day) for day in written.split(","))


