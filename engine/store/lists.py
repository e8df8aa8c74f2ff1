"""Lists of cases: filter, order, page. SQLAlchemy Core, alike on both databases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.model import Case, DeadlineRow, Status
from engine.paging import Page, bad_cursor, seal, unseal
from engine.scope import Scope
from engine.store.ledger import read_case, read_deadline
from engine.store.paging import after
from engine.store.scope import case_table, readable
from engine.tables import DeadlineRecord, LinkRecord, PersonRecord, table_of

_case = case_table
_deadline = table_of(DeadlineRecord)
_link = table_of(LinkRecord)
_person = table_of(PersonRecord)

WORDS = 8
"""How many words of a search are looked at."""

NEVER = 2**62
"""Stands for the due instant of a case with nothing due, so that it sorts last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFilter:
    """What a list of cases is narrowed to. Empty and None narrow nothing.

    `unit` names units exactly, not those below them. `due_before` is a local day,
    inclusive. Every word of `q` must occur in the number, the title or the subject's name.
    """

    workflow: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    assignee: str | None = None
    overdue: bool | None = None
    due_before: date | None = None
    q: str | None = None


def list_cases(
    connection: sa.Connection, scope: Scope, *, narrowed: CaseFilter, sort: str, cursor: str | None, limit: int
) -> Page[Case]:
    """A page of the cases the person may read. Raises BadFields for a cursor that is none of ours."""
    key, falling = _order(sort)
    query = sa.select(_case, key.label("sort_key")).where(readable(scope), *_conditions(narrowed))
    if cursor is not None:
        kinds: tuple[type[int | str], ...] = (str, str if sort == "number" else int, str)
        named, *place = unseal(cursor, *kinds)
        if named != sort:
            raise bad_cursor()
        query = query.where(after((key, _case.c.id), place, falling=falling))
    query = query.order_by(key.desc() if falling else key, _case.c.id).limit(limit + 1)
    rows = [row._asdict() for row in connection.execute(query)]
    shown = rows[:limit]
    more = len(rows) > limit
    last = seal(sort, shown[-1]["sort_key"], shown[-1]["id"]) if more else None
    return Page(_with_ties(connection, scope.institution, shown), last)


def find_case(connection: sa.Connection, institution: str, case: str) -> Case | None:
    """One case as it now is, whoever may read it."""
    query = sa.select(_case).where(_case.c.institution == institution, _case.c.id == case)
    rows = [row._asdict() for row in connection.execute(query)]
    return next(iter(_with_ties(connection, institution, rows)), None)


def deadlines_of(
    connection: sa.Connection, institution: str, cases: Sequence[str]
) -> Mapping[str, tuple[DeadlineRow, ...]]:
    """The newest running of each deadline of these cases, ended ones too, by case id."""
    query = sa.select(_deadline).where(_deadline.c.institution == institution, _deadline.c.case_id.in_(cases))
    newest: dict[str, dict[str, DeadlineRow]] = {case: {} for case in cases}
    for row in connection.execute(query.order_by(_deadline.c.name, _deadline.c.since)):
        read = read_deadline(row._asdict())
        newest[row.case_id][read.name] = read
    return {case: tuple(rows.values()) for case, rows in newest.items()}


def overdue_condition() -> sa.ColumnElement[bool]:
    """Hold for deadlines that were missed and are not answered yet."""
    return sa.and_(_deadline.c.status == Status.MISSED.value, _deadline.c.ended_at.is_(None))


def due_condition(day: date) -> sa.ColumnElement[bool]:
    """Hold for open deadlines whose last day is not after `day`."""
    return sa.and_(_deadline.c.due_on <= day, _deadline.c.ended_at.is_(None))


def _conditions(narrowed: CaseFilter) -> list[sa.ColumnElement[bool]]:
    several = {name: getattr(narrowed, name) for name in ("workflow", "state", "unit")}
    found: list[sa.ColumnElement[bool]] = [_case.c[name].in_(wanted) for name, wanted in several.items() if wanted]
    if narrowed.assignee is not None:
        found.append(_case.c.assignee == narrowed.assignee)
    if narrowed.overdue is not None:
        late = _has_deadline(overdue_condition())
        found.append(late if narrowed.overdue else sa.not_(late))
    if narrowed.due_before is not None:
        found.append(_has_deadline(due_condition(narrowed.due_before)))
    found += [_speaks_of(word) for word in (narrowed.q or "").split()[:WORDS]]
    return found


def _has_deadline(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        _deadline.c.institution == _case.c.institution, _deadline.c.case_id == _case.c.id, which
    )


def _speaks_of(word: str) -> sa.ColumnElement[bool]:
    # SQLite folds only A to Z, so a name is also looked for in the ways it is usually written.
    written = {word, word.lower(), word.capitalize(), word.upper()}
    named = sa.exists().where(
        _person.c.institution == _case.c.institution,
        _person.c.id == _case.c.subject,
        sa.or_(*(_person.c.name.icontains(way, autoescape=True) for way in sorted(written))),
    )
    return sa.or_(
        _case.c.search.contains(word.casefold(), autoescape=True),
        _case.c.number.icontains(word, autoescape=True),
        named,
    )


def _order(sort: str) -> tuple[sa.ColumnElement[Any], bool]:
    """What to sort by, and whether it falls."""
    falling, name = sort.startswith("-"), sort.removeprefix("-")
    if name != "due":
        return {"opened": _case.c.opened_at, "updated": _case.c.updated_at, "number": _case.c.number}[name], falling
    first_due = (
        sa.select(sa.func.min(_deadline.c.due_at))
        .where(
            _deadline.c.institution == _case.c.institution,
            _deadline.c.case_id == _case.c.id,
            _deadline.c.ended_at.is_(None),
        )
        .scalar_subquery()
    )
    return sa.func.coalesce(first_due, -NEVER if falling else NEVER), falling


def _with_ties(
    connection: sa.Connection, institution: str, rows: Sequence[Mapping[str, Any]]
) -> tuple[Case, ...]:
    """Make cases of rows, with links and deadlines, in two more reads for all of them."""
    ids = [row["id"] for row in rows]
    if not ids:
        return ()
    ties: dict[str, list[tuple[str, str]]] = {case: [] for case in ids}
    query = sa.select(_link.c.from_case, _link.c.name, _link.c.to_case).where(
        _link.c.institution == institution, _link.c.from_case.in_(ids)
    )
    for source, name, to in connection.execute(query.order_by(_link.c.sequence, _link.c.name, _link.c.to_case)):
        ties[source].append((name, to))
    deadlines = deadlines_of(connection, institution, ids)
    return tuple(read_case(row, ties[row["id"]], deadlines[row["id"]]) for row in rows)
