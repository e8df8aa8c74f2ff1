"""By what a list knows a case again: natural keys, references, and what it said the first time.

Everything here works on a handed connection, so that it sees what its own transaction has
written and shares its fate.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
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


def known(connection: Connection, institution: str, *, kind: str, keys: Collection[str]) -> dict[str, Known]:
    """What keys of this kind of list stand for, by key. Unknown ones are left out."""
    if not keys:
        return {}
    query = sa.select(_key.c.key, _key.c.target, _key.c.fingerprint).where(
        _key.c.institution == institution, _key.c.kind == kind, _key.c.key.in_(list(keys))
    )
    return {key: Known(target, fingerprint) for key, target, fingerprint in connection.execute(query)}


_REMEMBER = sa.text(
    "INSERT INTO natural_key (institution, kind, key, target, fingerprint) "
    "VALUES (:institution, :kind, :key, :target, :fingerprint) "
    "ON CONFLICT (institution, kind, key) DO NOTHING"
)


def remember(connection: Connection, institution: str, *, kind: str, opened: Mapping[str, Known]) -> None:
    """Note what keys stand for, by key. Belongs into the transaction that opens the cases.

    Raises Busy where somebody else has just opened a case under one of them: whoever tries again finds that.
    """
    rows = [
        {"institution": institution, "kind": kind, "key": key, "target": each.target, "fingerprint": each.fingerprint}
        for key, each in opened.items()
    ]
    if rows and connection.execute(_REMEMBER, rows).rowcount != len(rows):
        raise Busy(f"another import of {kind} is at work")


def opened_with(
    connection: Connection, institution: str, cases: Collection[str]
) -> dict[str, Mapping[str, Any]]:
    """The facts cases were opened with, as JSON values, by case. Those that have been erased are left out."""
    if not cases:
        return {}
    query = sa.select(_detail.c.case_id, _detail.c.detail).where(
        _detail.c.institution == institution, _detail.c.case_id.in_(list(cases)), _detail.c.sequence == 1
    )
    found = ((case, json.loads(bytes(detail))) for case, detail in connection.execute(query))
    return {case: dict(detail.get("changes", {})) for case, detail in found}


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
