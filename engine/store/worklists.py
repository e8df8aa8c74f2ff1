"""Lists beside the cases themselves: deadlines, messages owed, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.model import DeadlineRow
from engine.paging import Page, seal, unseal
from engine.people import PersonCard
from engine.scope import Scope
from engine.store.ledger import read_deadline
from engine.store.narrowing import due_condition, overdue_condition
from engine.store.ordering import NEVER
from engine.store.paging import after
from engine.store.scope import case_table, readable
from engine.tables import DeadlineRecord, OutboxRecord, PersonRecord, table_of

_case = case_table
_deadline = table_of(DeadlineRecord)
_outbox = table_of(OutboxRecord)
_person = table_of(PersonRecord)


@dataclass(frozen=True, slots=True)
class OwedDeadline:
    """A deadline with what a list shows of its case."""

    case: str
    number: str
    title: str
    workflow: str
    state: str
    unit: str
    assignee: str | None
    row: DeadlineRow


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineFilter:
    """What a list of deadlines is narrowed to. Without `status` only open ones are shown."""

    workflow: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    overdue: bool | None = None
    due_before: date | None = None


def list_deadlines(
    connection: sa.Connection, scope: Scope, *, narrowed: DeadlineFilter, cursor: str | None, limit: int
) -> Page[OwedDeadline]:
    """A page of deadlines of cases the person may read, the soonest due first, undated ones last."""
    due = sa.func.coalesce(_deadline.c.due_at, NEVER)
    order: Sequence[Any] = (due, _deadline.c.case_id, _deadline.c.name, _deadline.c.since)
    shown = ("number", "title", "workflow", "state", "unit", "assignee")
    query = (
        sa.select(_deadline, *(_case.c[name].label(f"case_{name}") for name in shown), due.label("sort_key"))
        .join(_case, (_case.c.institution == _deadline.c.institution) & (_case.c.id == _deadline.c.case_id))
        .where(readable(scope), *_deadline_conditions(narrowed))
    )
    if cursor is not None:
        query = query.where(after(order, unseal(cursor, int, str, str, int)))
    rows = [row._asdict() for row in connection.execute(query.order_by(*order).limit(limit + 1))]
    items = tuple(
        OwedDeadline(case=row["case_id"], row=read_deadline(row), **{name: row[f"case_{name}"] for name in shown})
        for row in rows[:limit]
    )
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(items, seal(last["sort_key"], last["case_id"], last["name"], last["since"]) if last else None)


def _deadline_conditions(narrowed: DeadlineFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if narrowed.workflow:
        found.append(_case.c.workflow.in_(narrowed.workflow))
    if narrowed.unit:
        found.append(_case.c.unit.in_(narrowed.unit))
    if narrowed.status:
        found.append(_deadline.c.status.in_(narrowed.status))
    else:
        found.append(_deadline.c.ended_at.is_(None))
    if narrowed.overdue is not None:
        found.append(overdue_condition() if narrowed.overdue else sa.not_(overdue_condition()))
    if narrowed.due_before is not None:
        found.append(due_condition(narrowed.due_before))
    return found


def list_outbox(
    connection: sa.Connection,
    institution: str,
    *,
    scope: Scope | None,
    state: str | None,
    cursor: str | None,
    limit: int,
) -> Page[Mapping[str, Any]]:
    """A page of messages owed and sent, newest first, as rows; with `scope`, of readable cases only."""
    order: Sequence[Any] = (_outbox.c.created_at, _outbox.c.id)
    query = sa.select(_outbox).where(*_outbox_conditions(institution, scope, state))
    if cursor is not None:
        query = query.where(after(order, unseal(cursor, int, str), falling=True))
    query = query.order_by(_outbox.c.created_at.desc(), _outbox.c.id).limit(limit + 1)
    rows = [row._asdict() for row in connection.execute(query)]
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(tuple(rows[:limit]), seal(last["created_at"], last["id"]) if last else None)


def find_owed(
    connection: sa.Connection, institution: str, owed: str, *, scope: Scope | None
) -> Mapping[str, Any] | None:
    """One row of the outbox, None where there is none or the person may not see it."""
    query = sa.select(_outbox).where(_outbox.c.id == owed, *_outbox_conditions(institution, scope, None))
    row = connection.execute(query).first()
    return row._asdict() if row else None


def _outbox_conditions(institution: str, scope: Scope | None, state: str | None) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [_outbox.c.institution == institution]
    if state is not None:
        found.append(_outbox.c.state == state)
    if scope is not None:
        found.append(_outbox.c.case_id.in_(sa.select(_case.c.id).where(readable(scope))))
    return found


def list_people(
    connection: sa.Connection, institution: str, ids: Sequence[str], *, cursor: str | None, limit: int
) -> Page[PersonCard]:
    """A page of these people, by name. The cursor holds the last one's id; the name is looked up."""
    name = sa.func.coalesce(_person.c.name, "")
    query = sa.select(_person).where(_person.c.institution == institution, _person.c.id.in_(ids))
    if cursor is not None:
        (last_id,) = unseal(cursor, str)
        last_name = sa.select(name).where(_person.c.institution == institution, _person.c.id == last_id)
        query = query.where(sa.tuple_(name, _person.c.id) > sa.tuple_(last_name.scalar_subquery(), last_id))
    rows = [row._asdict() for row in connection.execute(query.order_by(name, _person.c.id).limit(limit + 1))]
    last = rows[limit - 1] if len(rows) > limit else None
    people = tuple(_read_person(row) for row in rows[:limit])
    return Page(people, seal(last["id"]) if last else None)


def find_person(connection: sa.Connection, institution: str, person: str) -> PersonCard | None:
    """Somebody by id."""
    query = sa.select(_person).where(_person.c.institution == institution, _person.c.id == person)
    row = connection.execute(query).first()
    return _read_person(row._asdict()) if row else None


def _read_person(row: Mapping[str, Any]) -> PersonCard:
    return PersonCard(row["id"], row["name"], row["email"], row["language"])


def outbox_counts(
    connection: sa.Connection, institution: str | None = None, *, scope: Scope | None = None
) -> Mapping[str, int]:
    """How many messages wait, and how many are dead letters: of an institution (with `scope`, as listed), or of all."""
    counted = sa.select(_outbox.c.state, sa.func.count()).where(_outbox.c.state.in_(("waiting", "dead")))
    if institution is not None:
        counted = counted.where(*_outbox_conditions(institution, scope, None))
    rows = connection.execute(counted.group_by(_outbox.c.state))
    return {"waiting": 0, "dead": 0, **{row[0]: row[1] for row in rows}}
