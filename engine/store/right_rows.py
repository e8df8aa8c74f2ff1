"""The rows of rights as they stood on a day: roles held, mandates, absences. Instants are UTC microseconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from engine.tables import PersonRecord, Table, table_of

_person = table_of(PersonRecord)
_change = Table.metadata.tables["organisation_change"]


@dataclass(frozen=True, slots=True)
class Right:
    """A role held, a mandate or an absence, as it stood in one version of the organisation.

    `what` is the table it stands in: membership, mandate or absence; `of` the role, or the kind of
    mandate. `version` began it, at `at` and by `by` (None where that change was not noted).
    """

    what: str
    id: str
    person: str
    name: str | None
    of: str | None
    unit: str | None
    starts_on: date | None
    ends_on: date | None
    weekdays: str | None
    substitute: str | None
    version: int
    at: int | None
    by: str | None


def version_before(connection: sa.Connection, institution: str, before: int) -> int:
    """The version of the organisation that was in force just before an instant; 0 where there was none yet."""
    query = sa.select(sa.func.max(_change.c.version)).where(_change.c.institution == institution, _change.c.at < before)
    return int(connection.execute(query).scalar() or 0)


RIGHTS = ("membership", "mandate", "absence")
"""The tables of rights, in the order a report lists them."""


def rights(connection: sa.Connection, institution: str, version: int, *, day: date) -> tuple[Right, ...]:
    """What stood at a version and covers a local day: memberships, then mandates, then absences."""
    return tuple(right for what in RIGHTS for right in _rights(connection, institution, what, version, day))


def _rights(connection: sa.Connection, institution: str, what: str, version: int, day: date) -> Iterator[Right]:
    table = Table.metadata.tables[what]
    of = {"membership": "role", "mandate": "kind"}.get(what)
    query = (
        sa.select(table, _person.c.name.label("called"), _change.c.at.label("changed_at"), _change.c.by)
        .outerjoin_from(
            table, _person, (_person.c.institution == table.c.institution) & (_person.c.id == table.c.person)
        )
        .outerjoin(
            _change,
            (_change.c.institution == table.c.institution) & (_change.c.version == table.c.since_version),
        )
        .where(
            table.c.institution == institution,
            table.c.since_version <= version,
            sa.or_(table.c.until_version.is_(None), table.c.until_version > version),
            sa.or_(table.c.starts_on.is_(None), table.c.starts_on <= day),
            sa.or_(table.c.ends_on.is_(None), table.c.ends_on >= day),
        )
        .order_by(table.c.since_version, table.c.id)
    )
    for row in connection.execute(query).mappings():
        yield Right(
            what=what, id=row["id"], person=row["person"], name=row["called"], of=row[of] if of else None,
            unit=row.get("unit"), starts_on=row["starts_on"], ends_on=row["ends_on"], weekdays=row.get("weekdays"),
            substitute=row.get("substitute"), version=row["since_version"], at=row["changed_at"], by=row["by"],
        )  # fmt: skip
