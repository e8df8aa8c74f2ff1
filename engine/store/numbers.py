"""The numbers people know cases by, for what is kept by id."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from engine.parts import in_parts
from engine.tables import CaseRecord, table_of

_case = table_of(CaseRecord)

AT_ONCE = 5_000
"""Ids a statement is asked for."""


def numbers_of(connection: sa.Connection, institution: str, cases: Collection[str]) -> dict[str, str]:
    """The numbers of these cases by id; those that have no row are left out."""
    found: dict[str, str] = {}
    for some in in_parts(sorted(cases), AT_ONCE):
        query = sa.select(_case.c.id, _case.c.number).where(_case.c.institution == institution, _case.c.id.in_(some))
        found |= {row.id: row.number for row in connection.execute(query)}
    return found
