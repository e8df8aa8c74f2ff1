"""Which cases a changed workflow file is held against: open ones, and those changed of late."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import CaseRecord, table_of

_case = table_of(CaseRecord)


def count(store: Store, institution: str, workflows: Collection[str], *, since: int) -> int:
    """How many cases of the workflows are open, or were changed at or after an instant."""
    query = sa.select(sa.func.count()).select_from(_case).where(*_wanted(institution, workflows, since))
    with store.reads() as connection:
        return int(connection.execute(query).scalar_one())


def ids(store: Store, institution: str, workflows: Collection[str], *, since: int, at_once: int) -> Iterator[list[str]]:
    """Their ids, sorted (which is by opening), so many at a time; no connection is held in between."""
    last = ""
    while True:
        query = sa.select(_case.c.id).where(*_wanted(institution, workflows, since), _case.c.id > last)
        with store.reads() as connection:
            found = list(connection.execute(query.order_by(_case.c.id).limit(at_once)).scalars())
        if not found:
            return
        yield found
        last = found[-1]


def _wanted(institution: str, workflows: Collection[str], since: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _case.c.institution == institution,
        _case.c.workflow.in_(sorted(workflows)),
        sa.or_(_case.c.closed_at.is_(None), _case.c.updated_at >= since),
    )
