"""Cases counted: how long they stand, how long they stood, who is late, under which definition.

Everything is counted over the cases somebody may read, in one statement each, alike on both
databases. Instants are UTC microseconds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.model import Case
from engine.paging import Page, seal, unseal
from engine.scope import Scope
from engine.store.paging import after
from engine.store.reach import reachable
from engine.store.scope import among, case_table
from engine.store.shown_cases import cases_of
from engine.tables import DefinitionRecord, Event, LinkRecord, PersonRecord, table_of

_case = case_table
_definition = table_of(DefinitionRecord)
_event = table_of(Event)
_link = table_of(LinkRecord)
_person = table_of(PersonRecord)
_entry = _event.alias("entry")
_linked = _case.alias("owner_case")

CHUNK = 10_000
"""How many ids go into one statement; both databases take more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What is counted or listed, as the rows know it. Empty and None narrow nothing.

    `entered_since` and `entered_before` are instants, the first included. `linked_unit` is the
    unit of the case linked under `through`. `ids` are the only cases meant; none of them: nothing.
    """

    workflow: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    assignee: str | None = None
    unassigned: bool = False
    open: bool | None = None
    overdue: bool | None = None
    definition: str | None = None
    entered_since: int | None = None
    entered_before: int | None = None
    through: str | None = None
    linked_unit: str | None = None
    ids: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class AgeRow:
    """The open cases of a state by age: as many counts as there were bounds, and the oldest entry."""

    workflow: str
    state: str
    counts: tuple[int, ...]
    oldest_at: int


@dataclass(frozen=True, slots=True)
class TimeRow:
    """How long visits to a state lasted, in microseconds; nearest ranks."""

    workflow: str
    state: str
    visits: int
    median: int
    ninetieth: int


@dataclass(frozen=True, slots=True)
class LateRow:
    """Overdue cases of one state, unit and assignee. `linked_unit` is where the state's owner is looked for."""

    workflow: str
    state: str
    unit: str
    linked_unit: str | None
    assignee: str | None
    name: str | None
    cases: int
    first_due_at: int | None


@dataclass(frozen=True, slots=True)
class UnderRow:
    """How many open cases stand under a definition, and how many there are in all."""

    workflow: str
    hash: str
    open: int
    cases: int


def _moved(event: sa.FromClause) -> sa.ColumnElement[bool]:
    """Hold for events that brought a case into another state, or into its first."""
    return sa.or_(event.c.from_state.is_(None), event.c.from_state != event.c.to_state)


def conditions(narrowed: Narrowed) -> list[sa.ColumnElement[bool]]:
    """What rows of case_record must hold to be meant."""
    several = {name: getattr(narrowed, name) for name in ("workflow", "state", "unit")}
    found: list[sa.ColumnElement[bool]] = [_case.c[name].in_(wanted) for name, wanted in several.items() if wanted]
    single = {name: getattr(narrowed, name) for name in ("assignee", "definition")}
    found += [_case.c[name] == wanted for name, wanted in single.items() if wanted is not None]
    if narrowed.unassigned:
        found.append(_case.c.assignee.is_(None))
    if narrowed.open is not None:
        found.append(_case.c.closed_at.is_(None) if narrowed.open else _case.c.closed_at.is_not(None))
    if narrowed.overdue is not None:
        found.append(_late() if narrowed.overdue else sa.not_(_late()))
    if narrowed.entered_since is not None:
        found.append(_case.c.entered_at >= narrowed.entered_since)
    if narrowed.entered_before is not None:
        found.append(_case.c.entered_at < narrowed.entered_before)
    if narrowed.through is not None and narrowed.linked_unit is not None:
        found.append(_unit_through(narrowed.through) == narrowed.linked_unit)
    if narrowed.ids is not None:
        found.append(_case.c.id.in_(sorted(narrowed.ids)))
    return found


def _open(scope: Scope, narrowed: Narrowed) -> sa.ColumnElement[bool]:
    """Hold for the open cases the person may read, of the workflows meant."""
    read = reachable(scope, workflows=narrowed.workflow, still=True)
    return sa.and_(read, _case.c.closed_at.is_(None))


def _late() -> sa.ColumnElement[bool]:
    # Nothing is owed by a closed case; said here so that only open ones are looked through.
    return sa.and_(_case.c.missed_at.is_not(None), _case.c.closed_at.is_(None))


def _unit_through(link: str) -> sa.ScalarSelect[str]:
    """The unit of the case linked under a name, the newest where there are several."""
    query = sa.select(_linked.c.unit).join(
        _link, (_link.c.institution == _linked.c.institution) & (_link.c.to_case == _linked.c.id)
    )
    query = query.where(
        _link.c.institution == _case.c.institution, _link.c.from_case == _case.c.id, _link.c.name == link
    )
    return query.order_by(_link.c.sequence.desc(), _link.c.to_case).limit(1).correlate(_case).scalar_subquery()


def ages(connection: sa.Connection, scope: Scope, narrowed: Narrowed, *, bounds: Sequence[int]) -> list[AgeRow]:
    """Count open cases by workflow, state and age.

    The n-th count holds those that came at or after the n-th bound and before the bound in
    front of it; one count more holds all that came earlier. Bounds fall.
    """
    inner = sa.select(_case.c.workflow, _case.c.state, _case.c.entered_at).where(
        _open(scope, narrowed), *conditions(narrowed)
    )
    stands = inner.subquery()
    counts = [_counted(which) for which in _between(stands.c.entered_at, bounds)]
    groups = (stands.c.workflow, stands.c.state)
    query = sa.select(*groups, sa.func.min(stands.c.entered_at), *counts).group_by(*groups)
    return [AgeRow(row[0], row[1], tuple(row[3:]), row[2]) for row in connection.execute(query)]


def _between(at: sa.ColumnElement[int], bounds: Sequence[int]) -> list[sa.ColumnElement[bool]]:
    newer = [sa.true(), *(at < bound for bound in bounds)]
    older = [*(at >= bound for bound in bounds), sa.true()]
    return [sa.and_(one, other) for one, other in zip(newer, older, strict=True)]


def _counted(which: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.coalesce(sa.func.sum(sa.case((which, 1), else_=0)), 0)


def times(connection: sa.Connection, scope: Scope, narrowed: Narrowed, *, since: int) -> list[TimeRow]:
    """How long visits lasted that ended at or after an instant, by workflow and state."""
    # Materialized, so that both databases walk the index of instants and not all histories.
    left = (
        sa.select(_event.c.institution, _event.c.case_id, _event.c.sequence, _event.c.from_state, _event.c.at)
        .where(_event.c.institution == scope.institution, _event.c.at >= since)
        .where(_event.c.from_state.is_not(None), _event.c.from_state != _event.c.to_state)
        .cte("departure")
        .prefix_with("MATERIALIZED")
    )
    # Not the greatest instant: SQLite would look for that along the index of all instants.
    came = sa.select(_entry.c.at).where(
        _entry.c.institution == left.c.institution,
        _entry.c.case_id == left.c.case_id,
        _entry.c.sequence < left.c.sequence,
        _entry.c.to_state == left.c.from_state,
        _moved(_entry),
    )
    entered_at = came.order_by(_entry.c.sequence.desc()).limit(1).correlate(left).scalar_subquery()
    spent = left.c.at - entered_at
    visits = (
        sa.select(_case.c.workflow, left.c.from_state.label("state"), spent.label("spent"))
        .join_from(left, _case, (_case.c.institution == left.c.institution) & (_case.c.id == left.c.case_id))
        .where(among(scope), *conditions(narrowed))
        .subquery("visit")
    )
    return [TimeRow(*row) for row in connection.execute(_ranked(visits))]


def _ranked(visits: sa.Subquery) -> sa.Select[Any]:
    """The nearest ranks of the median and the ninetieth percentile, by workflow and state."""
    alike = (visits.c.workflow, visits.c.state)
    nth = sa.func.row_number().over(partition_by=alike, order_by=visits.c.spent)
    count = sa.func.count().over(partition_by=alike)
    ranked = sa.select(*alike, visits.c.spent, nth.label("nth"), count.label("count")).subquery("ranked")

    def at_share(percent: int) -> sa.ColumnElement[int]:
        rank = (ranked.c.count * percent + 99) // 100
        return sa.func.max(sa.case((ranked.c.nth == rank, ranked.c.spent)))

    groups = (ranked.c.workflow, ranked.c.state)
    return (
        sa.select(*groups, sa.func.max(ranked.c.count), at_share(50), at_share(90)).group_by(*groups).order_by(*groups)
    )


def late(
    connection: sa.Connection, scope: Scope, narrowed: Narrowed, *, elsewhere: Mapping[str, Collection[tuple[str, str]]]
) -> list[LateRow]:
    """Overdue cases by workflow, state, unit and assignee.

    `elsewhere` names, by link, the (workflow, state) pairs whose owner is looked for in the
    unit of the case linked so.
    """
    there = [(_in_pairs(pairs), _unit_through(link)) for link, pairs in sorted(elsewhere.items()) if pairs]
    unit = sa.case(*there, else_=None) if there else sa.null()
    columns = [_case.c[name] for name in ("workflow", "state", "unit", "assignee", "missed_at")]
    inner = (
        sa.select(*columns, _person.c.name, unit.label("linked_unit"))
        .outerjoin_from(
            _case, _person, (_person.c.institution == _case.c.institution) & (_person.c.id == _case.c.assignee)
        )
        .where(_open(scope, narrowed), _late(), *conditions(narrowed))
        .subquery("overdue")
    )
    groups = [inner.c[name] for name in ("workflow", "state", "unit", "linked_unit", "assignee", "name")]
    query: sa.Select[Any] = sa.select(*groups, sa.func.count(), sa.func.min(inner.c.missed_at)).group_by(*groups)
    return [LateRow(*row) for row in connection.execute(query)]


def _in_pairs(pairs: Collection[tuple[str, str]]) -> sa.ColumnElement[bool]:
    return sa.or_(*((_case.c.workflow == workflow) & (_case.c.state == state) for workflow, state in sorted(pairs)))


def longest_waiting(
    connection: sa.Connection, scope: Scope, narrowed: Narrowed, *, limit: int
) -> tuple[list[str], int]:
    """The ids of the open cases that have stood longest where they are, and how many open ones there are."""
    query = sa.select(_case.c.id, sa.func.count().over()).where(
        _open(scope, narrowed), *conditions(narrowed)
    )
    rows = connection.execute(query.order_by(_case.c.entered_at, _case.c.id).limit(limit)).all()
    return [row[0] for row in rows], rows[0][1] if rows else 0


def under(connection: sa.Connection, scope: Scope) -> list[UnderRow]:
    """How many cases stand under each definition."""
    groups = (_case.c.workflow, _case.c.definition)
    still = _counted(_case.c.closed_at.is_(None))
    query = sa.select(*groups, still, sa.func.count()).where(among(scope)).group_by(*groups).order_by(*groups)
    return [UnderRow(*row) for row in connection.execute(query)]


def kept(connection: sa.Connection, institution: str) -> dict[str, tuple[str, int]]:
    """Name and version of every definition ever used, by hash."""
    query = sa.select(_definition.c.hash, _definition.c.name, _definition.c.version)
    rows = connection.execute(query.where(_definition.c.institution == institution))
    return {row.hash: (row.name, row.version) for row in rows}


def list_narrowed(
    connection: sa.Connection, scope: Scope, narrowed: Narrowed, *, cursor: str | None, limit: int
) -> Page[Case]:
    """A page of what was counted: who has stood longest where they are first. Raises BadFields on a bad cursor."""
    order: Sequence[Any] = (_case.c.entered_at, _case.c.id)
    query = sa.select(_case).where(among(scope), *conditions(narrowed))
    if cursor is not None:
        query = query.where(after(order, unseal(cursor, int, str)))
    rows = [row._asdict() for row in connection.execute(query.order_by(*order).limit(limit + 1))]
    last = rows[limit - 1] if len(rows) > limit else None
    cases = cases_of(connection, scope.institution, rows[:limit])
    return Page(cases, seal(last["entered_at"], last["id"]) if last else None)


def reached(connection: sa.Connection, scope: Scope, ids: Collection[str]) -> frozenset[str]:
    """Which of these cases are readable in a scope."""
    query = sa.select(_case.c.id).where(among(scope), _case.c.id.in_(sorted(ids)))
    return frozenset(connection.execute(query).scalars())
