"""Cases that somebody may read, found from their units: in time that grows with those cases, not with the house.

The same cases as `engine.store.scope` tells of; what lies in a unit is looked for state by state,
and what is only linked to it in `case_reach` (the migration `counts at size` says how that is kept).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, TypeAlias

import sqlalchemy as sa

from engine.scope import Scope
from engine.store.scope import case_table, gathered, reach_table

_case = case_table
_placed = _case.alias("placed_case")
_inside = _case.alias("case_inside")

Where: TypeAlias = list[sa.ColumnElement[bool]]


def places(institution: str, workflows: Collection[str] = ()) -> sa.CTE:
    """Every (workflow, state) that cases of these workflows (none named: of all) are in.

    The index of worklists is entered once for each, and never walked. One row a workflow has no state.
    """
    if workflows:
        names = [(name,) for name in sorted(workflows)]
        named = sa.values(sa.column("workflow", sa.String), name="named").data(names).cte("named")
    else:
        named = sa.select(_least(institution, _placed.c.workflow).label("workflow")).cte("named", recursive=True)
        more = _least(institution, _placed.c.workflow, _placed.c.workflow > named.c.workflow)
        named = named.union_all(sa.select(more).where(named.c.workflow.is_not(None)))
    mine = _placed.c.workflow == named.c.workflow
    first = sa.select(named.c.workflow, _least(institution, _placed.c.state, mine).label("state"))
    found = first.where(named.c.workflow.is_not(None)).cte("place", recursive=True)
    alike = (_placed.c.workflow == found.c.workflow, _placed.c.state > found.c.state)
    following = sa.select(found.c.workflow, _least(institution, _placed.c.state, *alike))
    return found.union_all(following.where(found.c.state.is_not(None)))


def _least(institution: str, column: sa.ColumnElement[str], *where: sa.ColumnElement[bool]) -> Any:
    return sa.select(sa.func.min(column)).where(_placed.c.institution == institution, *where).scalar_subquery()


def reachable(scope: Scope, *, workflows: Collection[str] = (), still: bool = False) -> sa.ColumnElement[bool]:
    """Hold for the rows that `among` holds for, of these workflows (none named: of all); with `still`, of open ones.

    For what is counted or put in order over all of them, where nothing else makes them few.
    """
    mine = _case.c.institution == scope.institution
    if scope.everything:
        return mine
    place = places(scope.institution, workflows)
    here: Where = [
        _inside.c.institution == scope.institution,
        # Not joined: SQLite would first read all cases of the units, to tell from them which states to look in.
        gathered(_inside.c.workflow, sa.select(place.c.workflow).scalar_subquery()),
        gathered(_inside.c.state, sa.select(place.c.state).where(place.c.state.is_not(None)).scalar_subquery()),
        _inside.c.unit.in_(scope.units),
    ]
    there: Where = [reach_table.c.institution == scope.institution, reach_table.c.unit.in_(scope.units)]
    if workflows:
        there.append(reach_table.c.workflow.in_(sorted(workflows)))
    if still:
        here.append(_inside.c.closed_at.is_(None))
        there.append(reach_table.c.ended == "")
    ids = sa.union_all(sa.select(_inside.c.id).where(*here), sa.select(reach_table.c.case_id).where(*there))
    return sa.and_(mine, gathered(_case.c.id, ids.scalar_subquery()))
