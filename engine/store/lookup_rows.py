"""What pages look up many at a time: the names of partners, which of some cases may be read, and who may be known."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from engine.scope import Scope
from engine.store.scope import case_table, readable
from engine.tables import MembershipRecord, PartnerRecord, table_of

_partner = table_of(PartnerRecord)
_membership = table_of(MembershipRecord)


def partner_names(connection: sa.Connection, institution: str, ids: Collection[str]) -> Mapping[str, str]:
    """The names of partners, by id; unknown ones are left out."""
    query = sa.select(_partner.c.id, _partner.c.name)
    query = query.where(_partner.c.institution == institution, _partner.c.id.in_(list(ids)))
    return {row.id: row.name for row in connection.execute(query)} if ids else {}


def readable_among(connection: sa.Connection, scope: Scope, cases: Collection[str]) -> frozenset[str]:
    """Those of the cases that the person may read."""
    query = sa.select(case_table.c.id).where(readable(scope), case_table.c.id.in_(list(cases)))
    return frozenset(row.id for row in connection.execute(query)) if cases else frozenset()


def known_among(connection: sa.Connection, scope: Scope, people: Collection[str]) -> frozenset[str]:
    """Those of the people whom the person may know: staff, past and present, and whom a readable case is about."""
    wanted = list(people)
    staff = sa.select(_membership.c.person).where(
        _membership.c.institution == scope.institution, _membership.c.person.in_(wanted)
    )
    about = sa.select(case_table.c.subject).where(readable(scope), case_table.c.subject.in_(wanted))
    return frozenset(connection.execute(sa.union(staff, about)).scalars()) if wanted else frozenset()
