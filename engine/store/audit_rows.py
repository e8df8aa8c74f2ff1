"""The rows an auditor reads: events across cases, who read what, who has a case open.

Instants are UTC microseconds, days are local.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.paging import Page, seal, unseal
from engine.scope import Scope
from engine.store.event_lists import STRETCH, Span, cursor_at, listed, newest_first, read_object
from engine.store.paging import after
from engine.store.scope import case_table, readable
from engine.tables import CasePresence, CaseReading, Event, PersonRecord, table_of

_case = case_table
_event = table_of(Event)
_person = table_of(PersonRecord)
_reading = table_of(CaseReading)
_presence = table_of(CasePresence)
_cause = _case.alias("cause")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Which events are looked for. Empty and None narrow nothing; `since` is included, `before` is not."""

    workflow: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    trigger: tuple[str, ...] = ()
    party: str | None = None
    unit: tuple[str, ...] = ()
    since: int | None = None
    before: int | None = None
    number: str | None = None


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event with what a list shows of its case. `name` is the party's, where it is a person not erased."""

    case: str
    number: str
    workflow: str
    title: str
    unit: str
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
    deadline: str | None
    rung: str | None
    cause: str | None
    cause_number: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """That somebody read a case on a local day: first and last time, and how often.

    `number` and `title` are the case's as it now is, None where the one who asks may not read it now.
    """

    case: str
    number: str | None
    title: str | None
    person: str
    name: str | None
    day: date
    first_at: int
    last_at: int
    count: int


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who has a case open, and when their page last said so."""

    person: str
    name: str | None
    beat_at: int


def events(connection: sa.Connection, scope: Scope, trace: Trace, *, cursor: str | None, limit: int) -> Page[EventRow]:
    """A page of events of readable cases, newest first. Raises BadFields for a cursor that is none of ours.

    Of what is rare a page may hold fewer than there are: it ends where STRETCH events were looked at.
    """
    narrowed = _traced(trace)
    # Of all events the first are the page; else the page is looked for among more of them.
    all_are_shown = scope.everything and not narrowed
    most = limit + 1 if all_are_shown else STRETCH
    span = Span(scope.institution, since=trace.since, before=trace.before, cursor=cursor, most=most)
    # The events of one case are found by it, however old they are.
    of_case = trace.number is not None
    query = listed(scope, _cause.c.number.label("cause_number"), span=None if of_case else span).outerjoin(
        _cause, (_cause.c.institution == _event.c.institution) & (_cause.c.id == _event.c.cause_case)
    )
    query = newest_first(query.where(*narrowed, *(span.bounds() if of_case else ())), limit=limit + 1)
    rows = [row._asdict() for row in connection.execute(query)]
    shown = tuple(_event_row(dict(row)) for row in rows[:limit])
    if len(rows) > limit:
        last = shown[-1]
        return Page(shown, cursor_at(at=last.at, case=last.case, sequence=last.sequence))
    return Page(shown, None if of_case or all_are_shown else span.end(connection))


def _event_row(row: dict[str, Any]) -> EventRow:
    # What a deadline did stands in the body alone.
    told = read_object(row.pop("body")).get("rung")
    climbed = told if isinstance(told, dict) else {}
    return EventRow(**row, deadline=climbed.get("deadline"), rung=climbed.get("rung"))


def _traced(trace: Trace) -> list[sa.ColumnElement[bool]]:
    several = {_case.c.workflow: trace.workflow, _case.c.unit: trace.unit}
    several |= {_event.c.kind: trace.kind, _event.c.trigger: trace.trigger}
    found: list[sa.ColumnElement[bool]] = [column.in_(wanted) for column, wanted in several.items() if wanted]
    if trace.party is not None:
        found.append(_event.c.party == trace.party)
    if trace.number is not None:
        found.append(_case.c.number == trace.number)
    return found


# One statement each, so that two pages of one person at the same moment meet in one row.
_NOTE = sa.text(
    "INSERT INTO case_reading (institution, case_id, person, day, first_at, last_at, count) "
    "VALUES (:institution, :case, :person, :day, :at, :at, 1) "
    "ON CONFLICT (institution, case_id, person, day) DO UPDATE SET count = case_reading.count + 1, "
    "first_at = CASE WHEN excluded.first_at < case_reading.first_at THEN excluded.first_at "
    "ELSE case_reading.first_at END, "
    "last_at = CASE WHEN excluded.last_at > case_reading.last_at THEN excluded.last_at "
    "ELSE case_reading.last_at END"
).bindparams(sa.bindparam("day", type_=sa.Date))
_BEAT = sa.text(
    "INSERT INTO case_presence (institution, case_id, person, beat_at) VALUES (:institution, :case, :person, :at) "
    "ON CONFLICT (institution, case_id, person) DO UPDATE SET "
    "beat_at = CASE WHEN excluded.beat_at > case_presence.beat_at THEN excluded.beat_at "
    "ELSE case_presence.beat_at END"
)


def note_reading(connection: sa.Connection, values: Mapping[str, Any]) -> None:
    """Note that a person read a case: institution, case, person, day, at."""
    connection.execute(_NOTE, dict(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingFilter:
    """Which readings are looked for: of a case, by a person, over local days, both included."""

    case: str | None = None
    person: str | None = None
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """Of which cases number and title are told, and of which everybody's readings; of others one's own."""

    told: Scope
    audited: Scope


def readings(
    connection: sa.Connection,
    institution: str,
    wanted: ReadingFilter,
    *,
    sight: Sight | None,
    cursor: str | None,
    limit: int,
) -> Page[Reading]:
    """A page of readings, the latest first; with `sight`, as far as it reaches."""
    # A day follows from its instants, so these three name one row.
    order: Sequence[Any] = (_reading.c.last_at, _reading.c.case_id, _reading.c.person)
    query = _readings(sight).where(_reading.c.institution == institution, *_of(wanted))
    if sight is not None and wanted.person != sight.told.person:
        query = query.where(_shown(sight))
    if cursor is not None:
        query = query.where(after(order, unseal(cursor, int, str, str), falling=True))
    query = query.order_by(_reading.c.last_at.desc(), *order[1:]).limit(limit + 1)
    rows = [Reading(**row._asdict()) for row in connection.execute(query)]
    last = rows[limit - 1] if len(rows) > limit else None
    return Page(tuple(rows[:limit]), seal(last.last_at, last.case, last.person) if last else None)


def _shown(sight: Sight) -> sa.ColumnElement[bool]:
    """Hold for readings of the cases audited, and for one's own."""
    own = _reading.c.person == sight.told.person
    return readable(sight.audited) if sight.audited.everything else sa.or_(own, readable(sight.audited))


def _readings(sight: Sight | None) -> sa.Select[Any]:
    case: tuple[sa.ColumnElement[Any], ...] = (_case.c.number, _case.c.title)
    if sight is not None and not sight.told.everything:
        may = readable(sight.told)
        case = tuple(sa.case((may, column)).label(column.name) for column in case)
    own = (_reading.c[name] for name in ("person", "day", "first_at", "last_at", "count"))
    return (
        sa.select(_reading.c.case_id.label("case"), *case, *own, _person.c.name)
        .join_from(
            _reading, _case, (_case.c.institution == _reading.c.institution) & (_case.c.id == _reading.c.case_id)
        )
        .outerjoin(_person, (_person.c.institution == _reading.c.institution) & (_person.c.id == _reading.c.person))
    )


def _of(wanted: ReadingFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if wanted.case is not None:
        found.append(_reading.c.case_id == wanted.case)
    if wanted.person is not None:
        found.append(_reading.c.person == wanted.person)
    if wanted.from_day is not None:
        found.append(_reading.c.day >= wanted.from_day)
    if wanted.to_day is not None:
        found.append(_reading.c.day <= wanted.to_day)
    return found


def beat(connection: sa.Connection, values: Mapping[str, Any]) -> None:
    """Note that a person has a case open: institution, case, person, at."""
    connection.execute(_BEAT, dict(values))


def present(connection: sa.Connection, institution: str, case: str, *, besides: str, since: int) -> tuple[Present, ...]:
    """Who else has had the case open at or after an instant, whoever came last first."""
    query = (
        sa.select(_presence.c.person, _person.c.name, _presence.c.beat_at)
        .outerjoin(_person, (_person.c.institution == _presence.c.institution) & (_person.c.id == _presence.c.person))
        .where(_presence.c.institution == institution, _presence.c.case_id == case)
        .where(_presence.c.person != besides, _presence.c.beat_at >= since)
        .order_by(_presence.c.beat_at.desc(), _presence.c.person)
    )
    return tuple(Present(*row) for row in connection.execute(query))


def leave(connection: sa.Connection, institution: str, case: str, person: str) -> None:
    """Forget that a person has a case open."""
    mine = (_presence.c.institution == institution) & (_presence.c.case_id == case) & (_presence.c.person == person)
    connection.execute(_presence.delete().where(mine))


def forget(connection: sa.Connection, *, before: int) -> int:
    """Forget who had a case open before an instant, in every institution; how many rows went."""
    return connection.execute(_presence.delete().where(_presence.c.beat_at < before)).rowcount
