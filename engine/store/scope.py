"""Which cases a person may read, as a condition on rows. The rule: `engine.scope`."""

from __future__ import annotations

import sqlalchemy as sa

from engine.scope import Scope
from engine.tables import CaseRecord, LinkRecord, table_of

case_table = table_of(CaseRecord)
_link = table_of(LinkRecord)
_other = case_table.alias("linked_case")
_own = case_table.alias("case_in_unit")

MANY = 1000
"""Of a hundred times as many cases, a page's fifty are met after five thousand."""


def readable(scope: Scope) -> sa.ColumnElement[bool]:
    """Hold for the rows of case_record that the person may read."""
    mine = case_table.c.institution == scope.institution
    if scope.everything:
        return mine
    linked = sa.exists().where(
        _link.c.institution == case_table.c.institution,
        _link.c.from_case == case_table.c.id,
        _other.c.institution == _link.c.institution,
        _other.c.id == _link.c.to_case,
        _other.c.unit.in_(scope.units),
    )
    return sa.and_(mine, sa.or_(case_table.c.unit.in_(scope.units), linked))


def among(scope: Scope) -> sa.ColumnElement[bool]:
    """Hold for the same rows as `readable`, where nothing else makes them few: their ids are gathered by unit."""
    mine = case_table.c.institution == scope.institution
    if scope.everything:
        return mine
    here = sa.select(_own.c.id).where(_own.c.institution == scope.institution, _own.c.unit.in_(scope.units))
    linked = (
        sa.select(_link.c.from_case)
        .join(_own, (_own.c.institution == _link.c.institution) & (_own.c.id == _link.c.to_case))
        .where(_own.c.institution == scope.institution, _own.c.unit.in_(scope.units))
    )
    return sa.and_(mine, case_table.c.id.in_(sa.union_all(here, linked)))


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
