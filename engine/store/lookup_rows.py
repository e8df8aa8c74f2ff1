"""What pages look up many at a time: the names of partners, and which of some cases may be read."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from engine.scope import Scope
from engine.store.scope import case_table, readable
from engine.tables import PartnerRecord, table_of

_partner = table_of(PartnerRecord)


def partner_names(connection: sa.Connection, institution: str, ids: Collection[str]) -> Mapping[str, str]:
    """The names of partners, by id; unknown ones are left out."""
    query = sa.select(_partner.c.id, _partner.c.name)
    query = query.where(_partner.c.institution == institution, _partner.c.id.in_(list(ids)))
    return {row.id: row.name for row in connection.execute(query)} if ids else {}


def readable_among(connection: sa.Connection, scope: Scope, cases: Collection[str]) -> frozenset[str]:
    """Those of the cases that the person may read."""
    query = sa.select(case_table.c.id).where(readable(scope), case_table.c.id.in_(list(cases)))
    return frozenset(row.id for row in connection.execute(query)) if cases else frozenset()
