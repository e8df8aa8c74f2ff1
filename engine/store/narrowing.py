"""What a list of cases can be narrowed to, as conditions on rows of case_record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias

import sqlalchemy as sa

from engine.calendar import Calendar
from engine.canonical import micros
from engine.model import Status
from engine.scope import Scope
from engine.store.scope import among, case_table, gathered, halves, ids_among, inside, readable, reads_many
from engine.store.searching import Road, said_by_few, speak_of, spoken_among
from engine.store.waiting import Bounds, Due, parts_of, waits
from engine.tables import DeadlineRecord, LinkRecord, table_of
from engine.tasks import Waiting

Where: TypeAlias = tuple[sa.ColumnElement[bool], ...]

_case = case_table
_deadline = table_of(DeadlineRecord)
_link = table_of(LinkRecord)
_named = case_table.alias("partners_case")

WORDS = 8
"""How many words of a search are looked at."""

COUNTED = 3000
"""Up to so many cases are counted; of more it is told that they are more."""

FEW = ("assignee", "subject", "waits_for", "linked_to", "partner")
"""What leaves so few cases that each can be looked at for whether the person may read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What a list of cases is narrowed to. Empty and None narrow nothing.

    `unit` names units exactly, not those below them. `due_before`, `opened_from` and
    `opened_to` are local days, inclusive. Every word of `q` must occur in the number, the
    title or the subject's name, one of less than three letters at the beginning of a word.

    `waits_for` is the id of a person for whom the case waits (`engine.tasks`). `closed` is
    whether it is in a final state. `due` says how pressing an open case is on the local day
    `today` (None: the present day): overdue, due that day, by the coming Sunday, later, or
    not dated. `linked_to` is the id of a case it is linked to, under the name `link` where
    one is given. `partner` is a partner's id: cases whose facts name it, and cases linked to
    those. `entered_before` is an instant before which the present state was entered.
    """

    workflow: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    assignee: str | None = None
    overdue: bool | None = None
    due_before: date | None = None
    q: str | None = None
    waits_for: str | None = None
    unassigned: bool | None = None
    closed: bool | None = None
    due: Due | None = None
    today: date | None = None
    subject: str | None = None
    linked_to: str | None = None
    link: str | None = None
    partner: str | None = None
    entered_before: int | None = None
    opened_from: date | None = None
    opened_to: date | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """For whom a list is made, and by which days and tasks its filter is to be understood.

    `waiting` is what waits for the person the filter's `waits_for` names.
    """

    scope: Scope
    calendar: Calendar
    bounds: Bounds
    waiting: Waiting | None = None


def bounds_of(calendar: Calendar, today: date) -> Bounds:
    """The instants that part what is overdue, due today, this week and later."""
    sunday = date.fromordinal(min(today.toordinal() + 6 - today.weekday(), date.max.toordinal()))
    return Bounds(
        today=micros(calendar.start_of(today)),
        tomorrow=micros(calendar.end_of(today)),
        monday=micros(calendar.end_of(sunday)),
    )


@dataclass(frozen=True, slots=True)
class Way:
    """How to find what a filter leaves: conditions that hold for it, and from which end to go about them.

    Where it is few it is gathered, in `parts` that have no row in common, and then put in order;
    else the order is walked until a page is full, and there is one part. `counted` is how many
    were counted, None where they were not; with `more` there are more than that. `words` are
    those that each case met on the walk is to be asked for.
    """

    parts: tuple[Where, ...]
    gathered: bool
    counted: int | None = None
    more: bool = False
    words: tuple[str, ...] = ()


def way_to(connection: sa.Connection, terms: Terms, narrowed: CaseFilter) -> Way:
    """Ask how many there are, as far as that costs little, and choose."""
    scope, words = terms.scope, _words_of(narrowed)
    others = tuple(_others(terms, narrowed))
    if _leaves_few(narrowed):
        return Way(((readable(scope), *others, *_spoken(connection, terms, words, Road.CHECK)),), gathered=True)
    if not reads_many(connection, scope):
        return Way(_of_few(connection, scope, narrowed, words, others), gathered=True)
    if words and said_by_few(connection, scope.institution, words):
        return Way(((readable(scope), *others, *_spoken(connection, terms, words, Road.GATHER)),), gathered=True)
    return _of_many(connection, scope, narrowed, words, others)


def _of_many(
    connection: sa.Connection, scope: Scope, narrowed: CaseFilter, words: list[str], others: Where
) -> Way:
    """For somebody who reads many cases, and words that many of these say."""
    walked = ((readable(scope), *others),)
    if words and not others:
        return Way(walked, gathered=False, words=tuple(words))
    some = sa.select(_case.c.id).where(inside(scope), *others).limit(COUNTED + 1).subquery()
    count = connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
    if count > COUNTED:
        return Way(walked, gathered=False, counted=None if words else COUNTED, more=True, words=tuple(words))
    if scope.everything and not others:
        # Nothing would bring them together: other institutions' cases lie between them.
        return Way(walked, gathered=False, counted=count)
    said = (speak_of(connection, scope.institution, words, road=Road.CHECK),) if words else ()
    return Way(tuple((*half, *others, *said) for half in _halves(scope, narrowed)), gathered=True)


def _of_few(
    connection: sa.Connection, scope: Scope, narrowed: CaseFilter, words: list[str], others: Where
) -> tuple[Where, ...]:
    """For somebody who reads so few cases that all of them may be gathered."""
    if not words:
        return tuple((*half, *others) for half in _halves(scope, narrowed))
    sqlite, mine = connection.dialect.name == "sqlite", _case.c.institution == scope.institution
    ids = ids_among(scope, workflows=narrowed.workflow, still=narrowed.closed is False).scalar_subquery()
    return ((mine, spoken_among(scope.institution, words, ids, sqlite=sqlite), *others),)


def _halves(scope: Scope, narrowed: CaseFilter) -> tuple[Where, ...]:
    return halves(scope, workflows=narrowed.workflow, still=narrowed.closed is False)


def conditions(
    connection: sa.Connection, terms: Terms, narrowed: CaseFilter, *, counted: bool = False
) -> list[sa.ColumnElement[bool]]:
    """Hold for the rows the person may read that the filter leaves; `counted`: all of them are gone through."""
    few = _leaves_few(narrowed)
    road = Road.CHECK if few else Road.GATHER if counted else Road.EITHER
    return [
        (readable if few else among)(terms.scope),
        *_others(terms, narrowed),
        *_spoken(connection, terms, _words_of(narrowed), road),
    ]


def parts(connection: sa.Connection, terms: Terms, narrowed: CaseFilter) -> list[list[sa.ColumnElement[bool]]]:
    """The same as `conditions` in parts that have no row in common: one for each way a case waits for the person.

    Each is read from an index that holds all that is asked. Looked up by their ids, all at
    once, 4,700 tasks of a million cases took three times as long.
    """
    if terms.waiting is None or narrowed.waits_for is None:
        return [conditions(connection, terms, narrowed, counted=True)]
    words = _spoken(connection, terms, _words_of(narrowed), Road.CHECK)
    common = [readable(terms.scope), *_others(terms, replace(narrowed, waits_for=None)), *words]
    return [[*common, *part] for part in parts_of(terms.waiting, _case)]


def _words_of(narrowed: CaseFilter) -> list[str]:
    return (narrowed.q or "").split()[:WORDS]


def _leaves_few(narrowed: CaseFilter) -> bool:
    return any(getattr(narrowed, name) is not None for name in FEW)


def _spoken(
    connection: sa.Connection, terms: Terms, words: list[str], road: Road
) -> Iterator[sa.ColumnElement[bool]]:
    if words:
        yield speak_of(connection, terms.scope.institution, words, road=road)


def _others(terms: Terms, narrowed: CaseFilter) -> Iterator[sa.ColumnElement[bool]]:
    """What is asked beside rights and words."""
    yield from _columns(narrowed)
    yield from _of_time(terms, narrowed)
    yield from _of_others(terms, narrowed)


def overdue_condition() -> sa.ColumnElement[bool]:
    """Hold for deadlines that were missed and are not answered yet."""
    return sa.and_(_deadline.c.status == Status.MISSED.value, _deadline.c.ended_at.is_(None))


def due_condition(day: date) -> sa.ColumnElement[bool]:
    """Hold for open deadlines whose last day is not after `day`."""
    return sa.and_(_deadline.c.due_on <= day, _deadline.c.ended_at.is_(None))


def _columns(narrowed: CaseFilter) -> Iterator[sa.ColumnElement[bool]]:
    for name in ("workflow", "state", "unit"):
        wanted = getattr(narrowed, name)
        if wanted:
            yield _case.c[name].in_(wanted)
    for name in ("assignee", "subject"):
        wanted = getattr(narrowed, name)
        if wanted is not None:
            yield _case.c[name] == wanted
    if narrowed.unassigned is not None:
        yield _case.c.assignee.is_(None) if narrowed.unassigned else _case.c.assignee.is_not(None)
    if narrowed.closed is not None:
        yield _case.c.closed_at.is_not(None) if narrowed.closed else _case.c.closed_at.is_(None)
    if narrowed.overdue is not None:
        late = _case.c.missed_at.is_not(None)
        # Nothing is owed by a closed case; said here so that only open ones are looked through.
        yield sa.and_(late, _case.c.closed_at.is_(None)) if narrowed.overdue else sa.not_(late)


def _of_time(terms: Terms, narrowed: CaseFilter) -> Iterator[sa.ColumnElement[bool]]:
    if narrowed.due is not None:
        yield sa.and_(terms.bounds.group() == narrowed.due, _case.c.closed_at.is_(None))
    if narrowed.entered_before is not None:
        yield _case.c.entered_at < narrowed.entered_before
    if narrowed.opened_from is not None:
        yield _case.c.opened_at >= micros(terms.calendar.start_of(narrowed.opened_from))
    if narrowed.opened_to is not None:
        yield _case.c.opened_at < micros(terms.calendar.end_of(narrowed.opened_to))


def _of_others(terms: Terms, narrowed: CaseFilter) -> Iterator[sa.ColumnElement[bool]]:
    institution = terms.scope.institution
    if narrowed.due_before is not None:
        due = sa.select(_deadline.c.case_id).where(_deadline.c.institution == institution)
        yield gathered(_case.c.id, due.where(due_condition(narrowed.due_before)).scalar_subquery())
    if narrowed.waits_for is not None:
        yield waits(terms.waiting) if terms.waiting else sa.false()
    if narrowed.linked_to is not None:
        tied = sa.select(_link.c.from_case).where(_link.c.institution == institution)
        tied = tied.where(_link.c.to_case == narrowed.linked_to)
        tied = tied.where(_link.c.name == narrowed.link) if narrowed.link else tied
        yield gathered(_case.c.id, tied.scalar_subquery())
    if narrowed.partner is not None:
        yield gathered(_case.c.id, _with_partner(institution, narrowed.partner).scalar_subquery())


def _with_partner(institution: str, partner: str) -> sa.CompoundSelect[tuple[str]]:
    naming = sa.select(_named.c.id).where(_named.c.institution == institution, _named.c.partner == partner)
    tied = sa.select(_link.c.from_case).where(
        _link.c.institution == institution, gathered(_link.c.to_case, naming.scalar_subquery())
    )
    return sa.union_all(naming, tied)
