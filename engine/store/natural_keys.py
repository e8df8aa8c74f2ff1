"""By what a list knows a case again: natural keys, references, and what it said the first time.

Everything here works on a handed connection, so that it sees what its own transaction has
written and shares its fate.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from engine.errors import Busy
from engine.tables import CaseRecord, EventDetail, NaturalKey, table_of

_key = table_of(NaturalKey)
_case = table_of(CaseRecord)
_detail = table_of(EventDetail)


@dataclass(frozen=True, slots=True)
class Known:
    """The case a key stands for, and the fingerprint of the row that opened it."""

    target: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Agreed:
    """An agreement as other lists name it. Days and texts are of its facts; what is not known is None."""

    id: str
    number: str
    state: str
    unit: str
    open: bool
    reference: str | None
    partner: str | None
    partner_name: str | None
    valid_from: date | None
    valid_to: date | None


AGREED_FACTS = ("reference", "partner", "partner_name", "valid_from", "valid_to")


def find(connection: Connection, institution: str, *, kind: str, key: str) -> Known | None:
    """What the key of this kind of list stands for, or None."""
    query = sa.select(_key.c.target, _key.c.fingerprint).where(
        _key.c.institution == institution, _key.c.kind == kind, _key.c.key == key
    )
    row = connection.execute(query).first()
    return Known(row[0], row[1]) if row else None


_REMEMBER = sa.text(
    "INSERT INTO natural_key (institution, kind, key, target, fingerprint) "
    "VALUES (:institution, :kind, :key, :target, :fingerprint) "
    "ON CONFLICT (institution, kind, key) DO NOTHING"
)


def remember(connection: Connection, institution: str, *, kind: str, key: str, target: str, fingerprint: str) -> None:
    """Note what a key stands for. Belongs into the transaction that opens the case.

    Raises Busy where somebody else has just opened a case under it: whoever tries again finds that.
    """
    said = {"institution": institution, "kind": kind, "key": key, "target": target}
    if connection.execute(_REMEMBER, {**said, "fingerprint": fingerprint}).rowcount != 1:
        raise Busy(f"another import of {kind} is at work")


def opened_with(connection: Connection, institution: str, case: str) -> Mapping[str, Any] | None:
    """The facts a case was opened with, as JSON values; None where they have been erased."""
    query = sa.select(_detail.c.detail).where(
        _detail.c.institution == institution, _detail.c.case_id == case, _detail.c.sequence == 1
    )
    detail = connection.execute(query).scalar()
    return None if detail is None else dict(json.loads(bytes(detail)).get("changes", {}))


def agreements(connection: Connection, institution: str, workflow: str) -> list[Agreed]:
    """Every agreement of the institution, by number. There are thousands, not more."""
    facts = [_case.c.facts[name].as_string().label(name) for name in AGREED_FACTS]
    query = (
        sa.select(_case.c.id, _case.c.number, _case.c.state, _case.c.unit, _case.c.closed_at, *facts)
        .where(_case.c.institution == institution, _case.c.workflow == workflow)
        .order_by(_case.c.number)
    )
    return [_agreed(row._asdict()) for row in connection.execute(query)]


def _agreed(row: Mapping[str, Any]) -> Agreed:
    return Agreed(
        id=row["id"],
        number=row["number"],
        state=row["state"],
        unit=row["unit"],
        open=row["closed_at"] is None,
        reference=row["reference"],
        partner=row["partner"],
        partner_name=row["partner_name"],
        valid_from=_day(row["valid_from"]),
        valid_to=_day(row["valid_to"]),
    )


def _day(written: str | None) -> date | None:
    return date.fromisoformat(written) if written else None
