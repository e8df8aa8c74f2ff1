"""The rows internal audit's reports are made of: events with what they tell, what is overdue, ways taken.

Instants are UTC microseconds, days are local. Nothing is judged here: which step is a decision,
or a deviation, the reports find out from the declarations.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.paging import seal, unseal
from engine.scope import Scope
from engine.store.event_lists import OF_ITS_CASE, STRETCH, Span, cursor_at, listed, newest_first, read_object
from engine.store.paging import after
from engine.store.scope import case_table, readable
from engine.tables import DeadlineRecord, Event, EventDetail, OutboxRecord, PersonRecord, table_of

_case = case_table
_event = table_of(Event)
_detail = table_of(EventDetail)
_person = table_of(PersonRecord)
_outbox = table_of(OutboxRecord)
_deadline = table_of(DeadlineRecord)

AT_ONCE = 1000
"""How many rows of a stream are fetched at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events may make a line: all that hold the narrowing and one of the alternatives.

    `since` is included, `before` is not. Alternatives: of one of the `kinds`; one of the `steps`, as
    (workflow, trigger); any event of the workflows `all_of`; done on somebody's behalf (`for_others`).
    """

    workflow: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    since: int | None = None
    before: int | None = None
    kinds: tuple[str, ...] = ()
    steps: tuple[tuple[str, str], ...] = ()
    all_of: tuple[str, ...] = ()
    for_others: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """An event, what it tells, and its case.

    `detail` is None where the event told nothing, or where that was `erased`. `name` is the
    party's, where it is a person not erased. `definition` is the hash of the one it was taken under.
    """

    case: str
    number: str
    workflow: str
    title: str
    unit: str
    subject: str | None
    opened_at: int
    sequence: int
    kind: str
    trigger: str | None
    from_state: str | None
    to_state: str
    party: str
    name: str | None
    role: str | None
    on_behalf_of: str | None
    at: int
    definition: str
    cause: str | None
    body: Mapping[str, Any]
    detail: Mapping[str, Any] | None

    @property
    def erased(self) -> bool:
        """Whether the event told something that is not there any more."""
        return self.detail is None and self.body.get("detail") is not None

    @property
    def cursor(self) -> str:
        """Names this row as the last one looked at."""
        return cursor_at(at=self.at, case=self.case, sequence=self.sequence)


@dataclass(frozen=True, slots=True)
class Stretch:
    """What was found among the events looked at, newest first, and where to look on (None: all were looked at)."""

    rows: tuple[Told, ...]
    cursor: str | None


def told(connection: sa.Connection, scope: Scope, wanted: Wanted, *, cursor: str | None, limit: int) -> Stretch:
    """So many events of readable cases, of a stretch after a cursor. Raises BadFields for a cursor none of ours."""
    span = Span(scope.institution, since=wanted.since, before=wanted.before, cursor=cursor, most=STRETCH)
    query = newest_first(_telling(scope, span).where(*_narrowed(wanted)), limit=limit)
    rows = tuple(_read(row._asdict()) for row in connection.execute(query))
    return Stretch(rows, rows[-1].cursor if len(rows) == limit else span.end(connection))


def told_of(
    connection: sa.Connection, scope: Scope, wanted: Wanted, *, cases: Collection[str], limit: int
) -> tuple[Told, ...]:
    """So many events of these cases, those that are readable, newest first."""
    query = _telling(scope).where(_case.c.id.in_(sorted(cases)), *_narrowed(wanted))
    return tuple(_read(row._asdict()) for row in connection.execute(newest_first(query, limit=limit)))


def _telling(scope: Scope, span: Span | None = None) -> sa.Select[Any]:
    return listed(scope, _case.c.subject, _case.c.opened_at, _detail.c.detail, span=span).outerjoin(
        _detail,
        (_detail.c.institution == _event.c.institution)
        & (_detail.c.case_id == _event.c.case_id)
        & (_detail.c.sequence == _event.c.sequence),
    )


def _narrowed(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    return [*_of_cases(wanted), sa.or_(sa.false(), *_alternatives(wanted))]


def _of_cases(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    several = {"workflow": wanted.workflow, "unit": wanted.unit}
    return [_case.c[name].in_(values) for name, values in several.items() if values]


def _alternatives(wanted: Wanted) -> Iterator[sa.ColumnElement[bool]]:
    if wanted.kinds:
        yield _event.c.kind.in_(wanted.kinds)
    if wanted.all_of:
        yield _case.c.workflow.in_(wanted.all_of)
    if wanted.for_others:
        yield _event.c.on_behalf_of.is_not(None)
    triggers: dict[str, list[str]] = {}
    for workflow, trigger in wanted.steps:
        triggers.setdefault(workflow, []).append(trigger)
    for workflow, named in sorted(triggers.items()):
        yield (_case.c.workflow == workflow) & _event.c.trigger.in_(sorted(named))


def _read(row: dict[str, Any]) -> Told:
    detail = None if row["detail"] is None else read_object(row["detail"])
    return Told(**{**row, "body": read_object(row["body"]), "detail": detail})


@dataclass(frozen=True, slots=True)
class Notice:
    """A message an event owed: to whom (`person:ID`, `unit:CODE`, `partner:ID`), which text, when it was sent."""

    recipient: str
    template: str
    state: str
    sent_at: int | None


def notices(
    connection: sa.Connection, institution: str, events: Collection[tuple[str, int]]
) -> dict[tuple[str, int], tuple[Notice, ...]]:
    """The messages that events owed, by (case, sequence), the first sent first."""
    wanted = set(events)
    if not wanted:
        return {}
    columns = [_outbox.c[name] for name in ("case_id", "sequence", "recipient", "template", "state", "sent_at")]
    query = sa.select(*columns).where(
        _outbox.c.institution == institution, _outbox.c.case_id.in_(sorted({case for case, _ in wanted}))
    )
    found: dict[tuple[str, int], tuple[Notice, ...]] = {}
    for case, sequence, *rest in connection.execute(query.order_by(_outbox.c.sent_at, _outbox.c.id)):
        if (case, sequence) in wanted:
            found[case, sequence] = (*found.get((case, sequence), ()), Notice(*rest))
    return found


# What is overdue.


@dataclass(frozen=True, slots=True)
class Late:
    """An open deadline whose time has run out, with its case. `since` is the event that started it."""

    case: str
    number: str
    workflow: str
    title: str
    unit: str
    state: str
    definition: str
    assignee: str | None
    called: str | None
    name: str
    since: int
    due_on: date | None
    due_at: int

    @property
    def cursor(self) -> str:
        """Names this row as the last one looked at."""
        return seal(self.unit, self.due_at, self.case, self.name, self.since)


def late(
    connection: sa.Connection, scope: Scope, wanted: Wanted, *, cursor: str | None, limit: int
) -> tuple[Late, ...]:
    """Missed and unanswered deadlines of readable cases by unit, the longest overdue first in each.

    `since` and `before` bound the instant at which the time ran out. Raises BadFields on a bad cursor.
    """
    order: Sequence[Any] = (
        _case.c.unit, _deadline.c.due_at, _deadline.c.case_id, _deadline.c.name, _deadline.c.since
    )  # fmt: skip
    query = _late(scope, wanted)
    if cursor is not None:
        query = query.where(after(order, unseal(cursor, str, int, str, str, int)))
    rows = connection.execute(query.order_by(*order).limit(limit)).mappings()
    return tuple(Late(**row) for row in rows)


def _late(scope: Scope, wanted: Wanted) -> sa.Select[Any]:
    own = ("number", "workflow", "title", "unit", "state", "definition", "assignee")
    query = (
        sa.select(
            _case.c.id.label("case"),
            *(_case.c[name] for name in own),
            _person.c.name.label("called"),
            *(_deadline.c[name] for name in ("name", "since", "due_on", "due_at")),
        )
        .join_from(
            _deadline, _case, (_case.c.institution == _deadline.c.institution) & (_case.c.id == _deadline.c.case_id)
        )
        .outerjoin(_person, (_person.c.institution == _case.c.institution) & (_person.c.id == _case.c.assignee))
        .where(readable(scope), _deadline.c.institution == scope.institution, _deadline.c.ended_at.is_(None))
        .where(_deadline.c.status == "missed", _deadline.c.due_at.is_not(None), _case.c.closed_at.is_(None))
        .where(*_of_cases(wanted))
    )
    if wanted.since is not None:
        query = query.where(_deadline.c.due_at > wanted.since)
    if wanted.before is not None:
        query = query.where(_deadline.c.due_at <= wanted.before)
    return query


# Paths.


def paths(connection: sa.Connection, scope: Scope, wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    """Stream the events of the readable cases opened in a period, case by case, oldest first.

    Each as (case, workflow, sequence, kind, trigger, from state, to state, role, instant). `since`
    and `before` bound the opening.
    """
    columns = [_event.c[name] for name in ("sequence", "kind", "trigger", "from_state", "to_state", "role", "at")]
    query = (
        sa.select(_event.c.case_id, _case.c.workflow, *columns)
        .join_from(_event, _case, OF_ITS_CASE)
        .where(readable(scope), _event.c.institution == scope.institution, *_of_cases(wanted))
    )
    if wanted.since is not None:
        query = query.where(_case.c.opened_at >= wanted.since)
    if wanted.before is not None:
        query = query.where(_case.c.opened_at < wanted.before)
    query = query.order_by(_event.c.case_id, _event.c.sequence).execution_options(yield_per=AT_ONCE)
    return (tuple(row) for row in connection.execute(query))
