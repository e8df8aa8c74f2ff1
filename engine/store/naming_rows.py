"""What ids stand for: the names of people and partners, the numbers of cases. One statement for all of them."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from engine.tables import CaseRecord, PartnerRecord, PersonRecord, table_of

_case = table_of(CaseRecord)
_partner = table_of(PartnerRecord)
_person = table_of(PersonRecord)


def named(connection: sa.Connection, institution: str, ids: Collection[str]) -> list[tuple[str, str, str | None]]:
    """Kind ("person", "case", "partner"), id and words of those that are known."""
    wanted = sorted(set(ids))
    if not wanted:
        return []
    sources = (
        (_person, "person", _person.c.name),
        (_case, "case", _case.c.number),
        (_partner, "partner", _partner.c.name),
    )
    parts = (
        sa.select(sa.literal(kind), table.c.id, words).where(table.c.institution == institution, table.c.id.in_(wanted))
        for table, kind, words in sources
    )
    return [(kind, id_, words) for kind, id_, words in connection.execute(sa.union_all(*parts))]
