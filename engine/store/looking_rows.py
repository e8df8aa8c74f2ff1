"""How a case has moved on, for whoever has it open."""

from __future__ import annotations

import sqlalchemy as sa

from engine.scope import Scope
from engine.store.scope import case_table, readable


def version_of(connection: sa.Connection, scope: Scope, case: str) -> int | None:
    """The version of the case, if the person may read it; else None."""
    query = sa.select(case_table.c.version).where(readable(scope), case_table.c.id == case)
    return connection.execute(query).scalar()
