"""Which cases a person may read, as a condition on rows. The rule: `engine.scope`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from engine.scope import Scope
from engine.tables import CaseRecord, table_of

case_table = table_of(CaseRecord)
_own = case_table.alias("case_in_unit")
reach_table = sa.table(
    "case_reach", *(sa.column(name) for name in ("institution", "case_id", "unit", "own", "workflow", "ended"))
)
"""The units through which a case is read because it is linked to a case there (migration 0006)."""

MANY = 5000
"""Up to so many cases in one's units all of one's cases are gathered; of more, a list in its own order soon meets some.

Among a million cases the first costs some 20 ms at most, the second 10,000 rows looked at.
"""


class gathered(FunctionElement[Any]):  # noqa: N801 - reads as the functions of SQL do
    """Hold where a column is among what a query finds: `gathered(column, query.scalar_subquery())`.

    The same as IN. But PostgreSQL takes what is found as a list, and looks each up by its key;
    of an IN it must guess how many there are, and reads all links or all cases where it guesses many.
    It is of no type: of a Boolean, SQLite would be asked whether it equals 1, and use no index.
    """

    inherit_cache = True


@compiles(gathered)
def _as_in(element: gathered, compiler: SQLCompiler, **words: Any) -> str:
    column, found = (compiler.process(part, **words) for part in element.clauses)
    return f"{column} IN {found}"


@compiles(gathered, "postgresql")
def _as_list(element: gathered, compiler: SQLCompiler, **words: Any) -> str:
    column, found = (compiler.process(part, **words) for part in element.clauses)
    return f"{column} = ANY (ARRAY{found})"


def readable(scope: Scope) -> sa.ColumnElement[bool]:
    """Hold for the rows of case_record that the person may read."""
    mine = case_table.c.institution == scope.institution
    if scope.everything:
        return mine
    linked = sa.exists().where(
        reach_table.c.institution == case_table.c.institution,
        reach_table.c.case_id == case_table.c.id,
        reach_table.c.unit.in_(scope.units),
    )
    return sa.and_(mine, sa.or_(case_table.c.unit.in_(scope.units), linked))


def among(scope: Scope) -> sa.ColumnElement[bool]:
    """Hold for the same rows as `readable`, where nothing else makes them few: their ids are gathered by unit."""
    mine = case_table.c.institution == scope.institution
    if scope.everything:
        return mine
    return sa.and_(mine, gathered(case_table.c.id, ids_among(scope).scalar_subquery()))


def halves(
    scope: Scope, *, workflows: Collection[str] = (), still: bool = False
) -> tuple[tuple[sa.ColumnElement[bool], ...], ...]:
    """The same rows as `among` in parts that have none in common: those in the units, and those linked to them.

    Of these workflows (none named: of all); with `still` open ones. What lies in the units is read
    where it lies: gathered by ids, 5,000 cases of a million took half as long again.
    """
    mine = case_table.c.institution == scope.institution
    if scope.everything:
        return ((mine,),)
    return (mine, case_table.c.unit.in_(scope.units)), (
        mine,
        gathered(case_table.c.id, _linked(scope, workflows, still=still).scalar_subquery()),
        case_table.c.unit.not_in(scope.units),
    )


def ids_among(scope: Scope, *, workflows: Collection[str] = (), still: bool = False) -> sa.CompoundSelect[Any]:
    """The ids of the same cases, and of some others the person may read; for one who does not read everything."""
    here = sa.select(_own.c.id).where(_own.c.institution == scope.institution, _own.c.unit.in_(scope.units))
    return sa.union_all(here, _linked(scope, workflows, still=still))


def _linked(scope: Scope, workflows: Collection[str], *, still: bool) -> sa.Select[Any]:
    found = sa.select(reach_table.c.case_id).where(
        reach_table.c.institution == scope.institution, reach_table.c.unit.in_(scope.units)
    )
    found = found.where(reach_table.c.workflow.in_(sorted(workflows))) if workflows else found
    return found.where(reach_table.c.ended == "") if still else found


def inside(scope: Scope) -> sa.ColumnElement[bool]:
    """Hold for rows the person may read for their own unit's sake: most of those they may read, and quickly seen."""
    mine = case_table.c.institution == scope.institution
    return mine if scope.everything else sa.and_(mine, case_table.c.unit.in_(scope.units))


def reads_many(connection: sa.Connection, scope: Scope) -> bool:
    """Whether so many cases lie in the person's units that a list in its own order soon meets some of them."""
    if scope.everything:
        return True
    here = sa.select(_own.c.id).where(_own.c.institution == scope.institution, _own.c.unit.in_(scope.units))
    some = sa.select(sa.func.count()).select_from(here.limit(MANY).subquery())
    return connection.execute(some).scalar_one() >= MANY


def may_read(connection: sa.Connection, scope: Scope, case: str) -> bool:
    """Whether there is such a case and the person may read it."""
    query = sa.select(sa.literal(1)).select_from(case_table).where(readable(scope), case_table.c.id == case)
    return connection.execute(query).first() is not None
