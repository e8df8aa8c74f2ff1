"""The cases that are linked to a case."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from engine.scope import Scope
from engine.store.scope import case_table, readable
from engine.tables import LinkRecord, table_of

_case = case_table
_link = table_of(LinkRecord)


@dataclass(frozen=True, slots=True)
class LinkedHere:
    """A case that links to another under `link`. `due_at` and `missed_at` are instants, or None."""

    link: str
    id: str
    number: str
    title: str
    workflow: str
    definition: str
    state: str
    due_at: int | None
    missed_at: int | None
    closed_at: int | None


def linked_here(connection: sa.Connection, scope: Scope, case: str, *, limit: int) -> list[LinkedHere]:
    """The readable cases that link to the case: open ones first, of these the newest."""
    names = ("id", "number", "title", "workflow", "definition", "state", "due_at", "missed_at", "closed_at")
    query = (
        sa.select(_link.c.name, *(_case.c[name] for name in names))
        .join_from(_link, _case, (_case.c.institution == _link.c.institution) & (_case.c.id == _link.c.from_case))
        .where(_link.c.institution == scope.institution, _link.c.to_case == case, readable(scope))
        .order_by(_case.c.closed_at.is_not(None), _case.c.opened_at.desc(), _case.c.id)
        .limit(limit)
    )
    return [LinkedHere(*row) for row in connection.execute(query)]
