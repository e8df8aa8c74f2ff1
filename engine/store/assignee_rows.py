"""How much work lies with whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from engine.store.scope import case_table
from engine.store.store import Session

_case = case_table


def open_cases(connection: Session, institution: str, people: Collection[str]) -> Mapping[str, int]:
    """How many open cases are assigned to each of these people; those with none are left out."""
    query = (
        sa.select(_case.c.assignee, sa.func.count().label("open_cases"))
        .where(_case.c.institution == institution, _case.c.closed_at.is_(None), _case.c.assignee.in_(list(people)))
        .group_by(_case.c.assignee)
    )
    return {row.assignee: row.open_cases for row in connection.execute(query)}
