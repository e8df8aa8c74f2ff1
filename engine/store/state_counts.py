"""How many cases stand in each state, for one reader; flat as cases grow in number.

Figures stop at a bound, so each costs at most a thousand rows of an index that holds all that is
asked; the oldest of a state is the first row of another. Cases that are read only because of a
link are found by `case_reach` (`engine.store.reach`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa

from engine.scope import Scope
from engine.store.reach import places
from engine.store.scope import case_table, gathered, reach_table
from engine.store.waiting import within
from engine.tasks import Waiting

MOST = 999
"""So far cases of a state are counted; `MOST + 1` stands for any number above."""

_case = case_table
_reach = reach_table

Where: TypeAlias = Sequence[sa.ColumnElement[bool]]
Figure: TypeAlias = sa.ColumnElement[Any]

NONE = sa.literal(0)
NEVER = sa.cast(sa.null(), sa.BigInteger)


@dataclass(frozen=True, slots=True)
class StateCount:
    """The cases in one state: how many, since when the one that came first, how many overdue, how many wait for me.

    Numbers stop at `MOST + 1`. `oldest_entered_at` is of open cases, None where there is none.
    """

    workflow: str
    state: str
    count: int = 0
    oldest_entered_at: int | None = None
    overdue: int = 0
    mine: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted, for whom: cases of some workflows, of some units (none named: all of them).

    `mine` is what waits for the reader. With `closed` closed cases count too.
    """

    scope: Scope
    mine: Waiting
    workflows: Collection[str]
    units: tuple[str, ...] = ()
    closed: bool = False

    @property
    def inside(self) -> tuple[str, ...] | None:
        """The units whose own cases count; None: all."""
        if self.scope.everything:
            return self.units or None
        return tuple(unit for unit in self.scope.units if not self.units or unit in self.units)


def count_states(connection: sa.Connection, counted: Counted) -> Mapping[tuple[str, str], StateCount]:
    """Count by workflow and state, in one statement."""
    found: dict[tuple[str, str], StateCount] = {}
    for workflow, state, count, oldest, overdue, mine in connection.execute(sa.union_all(*_parts(counted))):
        before = found.get((workflow, state), StateCount(workflow, state))
        entered = [at for at in (before.oldest_entered_at, oldest) if at is not None]
        found[workflow, state] = StateCount(
            workflow,
            state,
            min(before.count + count, MOST + 1),
            min(entered, default=None),
            min(before.overdue + overdue, MOST + 1),
            min(before.mine + mine, MOST + 1),
        )
    return found


def _parts(counted: Counted) -> Iterator[sa.Select[Any]]:
    yield _inside(counted)
    yield _assigned(counted)
    if not counted.scope.everything:
        yield _linked(counted)


def _inside(counted: Counted) -> sa.Select[Any]:
    """Cases that lie in the units themselves, state by state."""
    place, units = places(counted.scope.institution, counted.workflows), counted.inside
    here = [
        _case.c.institution == counted.scope.institution,
        _case.c.workflow == place.c.workflow,
        _case.c.state == place.c.state,
        *([] if units is None else [_case.c.unit.in_(units)]),
    ]
    still = [*here, _case.c.closed_at.is_(None)]
    found = _up_to(place, here if counted.closed else still)
    if counted.closed and not counted.scope.everything:
        found += _ended(place, counted)
    figures = (found, _oldest(place, still, units), _up_to(place, [*still, _case.c.missed_at.is_not(None)]))
    mine = sum((_pooled(place, counted, number, still) for number in range(len(counted.mine.groups))), NONE)
    return sa.select(place.c.workflow, place.c.state, *figures, mine).where(place.c.state.is_not(None))


def _up_to(place: sa.CTE, where: Where) -> Figure:
    """How many rows there are, as far as they are counted."""
    rows: sa.Select[Any] = sa.select(sa.literal_column("1")).select_from(_case).where(*where).limit(MOST + 1)
    return _number(rows.correlate(place))


def _number(rows: sa.Select[Any]) -> Figure:
    return sa.select(sa.func.count()).select_from(rows.subquery()).scalar_subquery()


def _oldest(place: sa.CTE, still: Where, units: Sequence[str] | None) -> Figure:
    # Of all units the first row of an index says it; of some, theirs are gone through.
    if units is None:
        first = sa.select(_case.c.entered_at).where(*still).order_by(_case.c.entered_at).limit(1)
        return first.correlate(place).scalar_subquery()
    return sa.select(sa.func.min(_case.c.entered_at)).where(*still).correlate(place).scalar_subquery()


def _pooled(place: sa.CTE, counted: Counted, number: int, still: Where) -> Figure:
    """Unassigned cases of a group that wait for the reader."""
    group = counted.mine.groups[number]
    its = (place.c.workflow == group.workflow) & place.c.state.in_(group.states)
    waiting = _up_to(place, [*still, _case.c.assignee.is_(None), *within(_case, group)])
    return sa.case((its, waiting), else_=NONE)


def _ended(place: sa.CTE, counted: Counted) -> Figure:
    """Closed cases elsewhere that are linked to one of the reader's units."""
    where = (*_reached(counted), _reach.c.workflow == place.c.workflow, _reach.c.ended == place.c.state)
    several = len(counted.scope.units)
    # A case linked to several of the units has a row for each.
    rows = sa.select(_reach.c.case_id).where(*where).limit((MOST + 1) * several).correlate(place)
    return _number(rows) if several == 1 else _number(sa.select(rows.subquery().c.case_id).distinct())


def _reached(counted: Counted) -> list[sa.ColumnElement[bool]]:
    """Hold for what leads to cases outside the reader's units."""
    found = [
        _reach.c.institution == counted.scope.institution,
        _reach.c.unit.in_(counted.scope.units),
        _reach.c.own.not_in(counted.scope.units),
    ]
    return [*found, _reach.c.own.in_(counted.units)] if counted.units else found


def _assigned(counted: Counted) -> sa.Select[Any]:
    """Open cases assigned to the reader, or to those they stand in for, that they may read."""
    scope = counted.scope
    reached = sa.exists().where(
        _reach.c.institution == _case.c.institution,
        _reach.c.case_id == _case.c.id,
        _reach.c.unit.in_(scope.units),
    )
    where = [
        _case.c.institution == scope.institution,
        _case.c.assignee.in_(counted.mine.people),
        _case.c.workflow.in_(sorted(counted.workflows)),
        _case.c.closed_at.is_(None),
        *([_case.c.unit.in_(counted.units)] if counted.units else []),
        *([] if scope.everything else [sa.or_(_case.c.unit.in_(scope.units), reached)]),
    ]
    return _by_state(where, NONE, NEVER, NONE, sa.func.count())


def _linked(counted: Counted) -> sa.Select[Any]:
    """Open cases elsewhere that are linked to one of the reader's units."""
    ids = sa.select(_reach.c.case_id).where(
        *_reached(counted), _reach.c.ended == "", _reach.c.workflow.in_(sorted(counted.workflows))
    )
    pools = (
        sa.and_(_case.c.workflow == group.workflow, _case.c.state.in_(group.states), *within(_case, group))
        for group in counted.mine.groups
    )
    mine = sa.case((sa.and_(_case.c.assignee.is_(None), sa.or_(sa.false(), *pools)), 1))
    there = gathered(_case.c.id, ids.scalar_subquery())
    where = (_case.c.institution == counted.scope.institution, _case.c.closed_at.is_(None), there)
    figures = (sa.func.count(), sa.func.min(_case.c.entered_at), sa.func.count(_case.c.missed_at), sa.func.count(mine))
    return _by_state(where, *figures)


def _by_state(where: Where, *figures: Figure) -> sa.Select[Any]:
    state = (_case.c.workflow, _case.c.state)
    return sa.select(*state, *figures).where(*where).group_by(*state)
