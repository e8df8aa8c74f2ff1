"""The rows behind a grid of cases: whom they are about against what one of their facts says.

Facts are reached by their names as JSON; which names those are, the caller says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from engine.parts import in_parts
from engine.scope import Scope
from engine.store.event_rows import Written, read_event
from engine.store.scope import among, case_table
from engine.tables import Event, EventDetail, PersonRecord, table_of

_case = case_table
_person = table_of(PersonRecord)
_event = table_of(Event)
_detail = table_of(EventDetail)

CHUNK = 500
"""So many ids stand in one statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFilter:
    """What a grid is narrowed to. Empty and None narrow nothing.

    `facts` are (name, text) pairs that must all hold; `known` names a fact that must be known.
    `closed` is whether the case is in a final state.
    """

    workflow: str
    state: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    closed: bool | None = None
    subject: str | None = None
    facts: tuple[tuple[str, str], ...] = ()
    known: str | None = None


@dataclass(frozen=True, slots=True)
class GridRow:
    """One case of a grid: whom it is about (by id and name, as far as known), and its texts in the order asked for."""

    case: str
    number: str
    state: str
    unit: str
    subject: str | None
    name: str | None
    texts: tuple[str | None, ...]


def rows(
    connection: sa.Connection, scope: Scope, narrowed: GridFilter, *, names: Sequence[str], limit: int
) -> list[GridRow]:
    """The cases the person may read that the filter leaves, by the subject's name, those without one last."""
    own = (_person.c.institution == _case.c.institution) & (_person.c.id == _case.c.subject)
    texts = [_text(name).label(f"text_{place}") for place, name in enumerate(names)]
    query = (
        sa.select(_case.c.id, _case.c.number, _case.c.state, _case.c.unit, _case.c.subject, _person.c.name, *texts)
        .outerjoin(_person, own)
        .where(*_conditions(scope, narrowed))
        .order_by(
            _person.c.name.is_(None),
            sa.func.lower(_person.c.name),
            _case.c.subject.is_(None),
            _case.c.subject,
            _case.c.id,
        )
        .limit(limit)
    )
    return [
        GridRow(row[0], row[1], row[2], row[3], row[4], row[5], tuple(row[6:])) for row in connection.execute(query)
    ]


def values(
    connection: sa.Connection, scope: Scope, narrowed: GridFilter, *, names: Sequence[str], limit: int
) -> list[tuple[tuple[str | None, ...], int]]:
    """What these facts say together, and in how many cases; most first."""
    texts = [_text(name).label(f"text_{place}") for place, name in enumerate(names)]
    count = sa.func.count().label("found")
    inner = sa.select(*texts).where(*_conditions(scope, narrowed)).subquery()
    columns = list(inner.c)
    query = sa.select(*columns, count).group_by(*columns).order_by(count.desc(), *columns).limit(limit)
    return [(tuple(row[:-1]), int(row[-1])) for row in connection.execute(query)]


def latest(
    connection: sa.Connection, institution: str, cases: Sequence[str], triggers: Collection[str]
) -> Mapping[str, tuple[Written, ...]]:
    """The last event of each of these triggers, by case, oldest first. For cases already shown to be readable."""
    found: dict[str, dict[str, Written]] = {}
    for some in in_parts(cases, CHUNK):
        for row in connection.execute(_told(institution, some, triggers)):
            event = read_event(row._asdict())
            later = found.setdefault(event.case, {})
            later.pop(event.columns["trigger"], None)
            later[event.columns["trigger"]] = event
    return {case: tuple(events.values()) for case, events in found.items()}


def _told(institution: str, cases: Sequence[str], triggers: Collection[str]) -> sa.Select[tuple[object, ...]]:
    own = (
        (_detail.c.institution == _event.c.institution)
        & (_detail.c.case_id == _event.c.case_id)
        & (_detail.c.sequence == _event.c.sequence)
    )
    asked = (_event.c.institution == institution, _event.c.case_id.in_(cases), _event.c.trigger.in_(list(triggers)))
    query = sa.select(_event, _detail.c.detail, _detail.c.nonce).outerjoin(_detail, own).where(*asked)
    return query.order_by(_event.c.case_id, _event.c.sequence)


def _text(name: str) -> sa.ColumnElement[str]:
    """A fact as text; none where it is not known."""
    found: sa.ColumnElement[str] = _case.c.facts[name].as_string()
    return found


def _conditions(scope: Scope, narrowed: GridFilter) -> list[sa.ColumnElement[bool]]:
    where = [among(scope), _case.c.workflow == narrowed.workflow]
    where += [
        _case.c[name].in_(wanted) for name, wanted in (("state", narrowed.state), ("unit", narrowed.unit)) if wanted
    ]
    if narrowed.closed is not None:
        where.append(_case.c.closed_at.is_not(None) if narrowed.closed else _case.c.closed_at.is_(None))
    if narrowed.subject is not None:
        where.append(_case.c.subject == narrowed.subject)
    if narrowed.known is not None:
        where.append(_text(narrowed.known).is_not(None))
    return [*where, *(_text(name) == text for name, text in narrowed.facts)]
