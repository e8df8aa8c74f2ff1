"""The rows behind the register of agreements: found by words, partner, unit and end; their renewals; who holds a place.

Facts are reached by their names as JSON; which names those are, the caller says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from engine.model import Case
from engine.paging import Page, bad_cursor, seal, unseal
from engine.parts import in_parts
from engine.scope import Scope
from engine.store.insight_rows import CHUNK
from engine.store.ledger import read_case
from engine.store.narrowing import WORDS
from engine.store.reach import reachable
from engine.store.scope import case_table, readable
from engine.store.searching import speak_of
from engine.store.shown_cases import cases_of
from engine.tables import DeadlineRecord, LinkRecord, table_of

_case = case_table
_shown = _case.alias("shown_agreement")
_deadline = table_of(DeadlineRecord)
_link = table_of(LinkRecord)

LAST_DAY = "9999-12-31"
"""Stands for the end of an agreement that names none, so that it sorts last."""

SORTS = ("title", "number", "ends", "-ends")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterFilter:
    """What the register is narrowed to. Empty and None narrow nothing.

    `workflow` names the workflows that offer places. Every word of `q` must occur in number or
    title. With `ends_by` only open ones that end on or before that local day, by the fact or by
    one of the deadlines in `endings`; with `beyond`, all others.
    """

    workflow: tuple[str, ...]
    q: str | None = None
    partner: str | None = None
    unit: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    ends_by: date | None = None
    beyond: bool = False
    endings: frozenset[str] = frozenset()


def register(
    connection: sa.Connection, scope: Scope, narrowed: RegisterFilter, *, sort: str, cursor: str | None, limit: int
) -> Page[Case]:
    """A page of the agreements the person may read. The cursor holds an id; what it is sorted by is looked up.

    Raises BadFields for a cursor that is none of ours, and for an order there is none of.
    """
    if sort not in SORTS:
        raise bad_cursor()
    falling, key = sort.startswith("-"), _keys()[sort.removeprefix("-")]
    read = reachable(scope, workflows=narrowed.workflow)
    chosen = sa.select(_case.c.id, key.label("key")).where(read, *_conditions(connection, scope, narrowed))
    if cursor is not None:
        named, last_id = unseal(cursor, str, str)
        if named != sort:
            raise bad_cursor()
        last = sa.select(key).where(_case.c.institution == scope.institution, _case.c.id == last_id).scalar_subquery()
        beyond = key < last if falling else key > last
        chosen = chosen.where(sa.or_(beyond, (key == last) & (_case.c.id > last_id)))
    inner = chosen.order_by(key.desc() if falling else key, _case.c.id).limit(limit + 1).subquery("chosen")
    # The rows themselves are long; they are looked up only for those that are shown.
    query = sa.select(_shown).join(inner, inner.c.id == _shown.c.id).where(_shown.c.institution == scope.institution)
    order = (inner.c.key.desc() if falling else inner.c.key, _shown.c.id)
    rows = [row._asdict() for row in connection.execute(query.order_by(*order))]
    more = seal(sort, rows[limit - 1]["id"]) if len(rows) > limit else None
    return Page(cases_of(connection, scope.institution, rows[:limit]), more)


def _keys() -> Mapping[str, sa.ColumnElement[str]]:
    return {
        "title": sa.func.lower(_case.c.title),
        "number": _case.c.number,
        "ends": sa.func.coalesce(_fact("valid_to"), LAST_DAY),
    }


def _fact(name: str) -> sa.ColumnElement[str]:
    found: sa.ColumnElement[str] = _case.c.facts[name].as_string()
    return found


def _conditions(connection: sa.Connection, scope: Scope, narrowed: RegisterFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = [_case.c.workflow.in_(narrowed.workflow)]
    if narrowed.partner is not None:
        found.append(_case.c.partner == narrowed.partner)
    if narrowed.unit:
        found.append(_case.c.unit.in_(narrowed.unit))
    if narrowed.state:
        found.append(_case.c.state.in_(narrowed.state))
    if narrowed.ends_by is not None:
        near = _ends_by(scope.institution, narrowed.ends_by, narrowed.endings)
        found.append(sa.not_(near) if narrowed.beyond else near)
    words = (narrowed.q or "").split()[:WORDS]
    return [*found, speak_of(connection, scope.institution, words)] if words else found


def _ends_by(institution: str, day: date, endings: Collection[str]) -> sa.ColumnElement[bool]:
    # Gathered once, by the index of open deadlines, and not looked for beside each agreement.
    clock = sa.select(_deadline.c.case_id).where(
        _deadline.c.institution == institution,
        _deadline.c.name.in_(sorted(endings)),
        _deadline.c.ended_at.is_(None),
        _deadline.c.due_on <= day,
    )
    own = sa.func.coalesce(_fact("valid_to"), LAST_DAY) <= day.isoformat()
    return sa.and_(_case.c.closed_at.is_(None), sa.or_(own, _case.c.id.in_(clock)))


def agreements(
    connection: sa.Connection, scope: Scope, *, workflow: Sequence[str], ids: Collection[str] = ()
) -> tuple[Case, ...]:
    """The agreements the person may read (of these ids, where any are given), by id; without links and deadlines."""
    read = readable(scope) if ids else reachable(scope, workflows=workflow)
    query = sa.select(_case).where(read, _case.c.workflow.in_(workflow))
    if ids:
        query = query.where(_case.c.id.in_(sorted(ids)))
    # Put in order here: for the sake of it SQLite would walk all cases by their ids.
    rows = sorted(connection.execute(query), key=lambda row: str(row.id))
    return tuple(read_case(row._asdict(), (), ()) for row in rows)


def find(connection: sa.Connection, scope: Scope, *, workflow: Sequence[str], case: str) -> Case | None:
    """One agreement with its links and open deadlines; None where there is none the person may read."""
    query = sa.select(_case).where(readable(scope), _case.c.workflow.in_(workflow), _case.c.id == case)
    rows = [row._asdict() for row in connection.execute(query)]
    return next(iter(cases_of(connection, scope.institution, rows)), None)


@dataclass(frozen=True, slots=True)
class About:
    """A case that is about an agreement."""

    agreement: str
    case: Case


def about(
    connection: sa.Connection, scope: Scope, agreements: Sequence[str], *, ties: Collection[tuple[str, str]]
) -> list[About]:
    """The readable cases of these (workflow, link) pairs that link to the agreements, oldest first."""
    if not agreements or not ties:
        return []
    kinds = [(_case.c.workflow == workflow) & (_link.c.name == link) for workflow, link in sorted(ties)]
    query = (
        sa.select(_case, _link.c.to_case.label("agreement"))
        .join(_link, (_link.c.institution == _case.c.institution) & (_link.c.from_case == _case.c.id))
        .where(readable(scope), _link.c.to_case.in_(list(agreements)), sa.or_(*kinds))
        .order_by(_case.c.opened_at, _case.c.id)
    )
    rows = [row._asdict() for row in connection.execute(query)]
    return [About(row["agreement"], read_case(row, (), ())) for row in rows]


def holders(connection: sa.Connection, institution: str, ids: Collection[str]) -> dict[str, Case]:
    """The cases of these ids by id, without links and deadlines; ten thousand to a statement."""
    found: dict[str, Case] = {}
    for some in in_parts(sorted(ids), CHUNK):
        query = sa.select(_case).where(_case.c.institution == institution, _case.c.id.in_(some))
        found |= {row.id: read_case(row._asdict(), (), ()) for row in connection.execute(query)}
    return found
