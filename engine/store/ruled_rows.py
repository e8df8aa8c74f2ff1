"""Which cases a check of rules looks at. Instants are UTC microseconds."""

from __future__ import annotations

import sqlalchemy as sa

from engine.scope import Scope
from engine.store.scope import case_table, readable


def newest(connection: sa.Connection, scope: Scope, workflow: str, *, limit: int) -> list[tuple[str, int]]:
    """The newest cases of a workflow that may be read, as id and instant of opening, the newest first."""
    query = (
        sa.select(case_table.c.id, case_table.c.opened_at)
        .where(readable(scope), case_table.c.workflow == workflow)
        .order_by(case_table.c.opened_at.desc(), case_table.c.id.desc())
        .limit(limit)
    )
    return [(row.id, row.opened_at) for row in connection.execute(query)]
