"""The rows of events with their details, as they are stored. What they make of a case: `engine.history`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import Event, EventDetail, table_of

_event = table_of(Event)
_detail = table_of(EventDetail)


@dataclass(frozen=True, slots=True)
class Written:
    """An event as it is stored: the columns, the body as bytes and as read, the detail."""

    case: str
    sequence: int
    columns: Mapping[str, Any]
    raw: bytes
    body: Mapping[str, Any]
    previous: str
    hash: str
    detail: bytes | None
    nonce: bytes | None

    @property
    def told(self) -> Mapping[str, Any] | None:
        """The detail as read; None where there is none (any more)."""
        return json.loads(self.detail) if self.detail is not None else None


def read_event(row: Mapping[str, Any]) -> Written:
    """Make an event of a row of event joined to event_detail. Unreadable bytes give an empty body."""
    try:
        body = json.loads(bytes(row["body"]))
    except ValueError:
        body = {}
    return Written(
        case=row["case_id"],
        sequence=row["sequence"],
        columns=row,
        raw=bytes(row["body"]),
        body=body if isinstance(body, dict) else {},
        previous=row["previous"],
        hash=row["hash"],
        detail=bytes(row["detail"]) if row["detail"] is not None else None,
        nonce=bytes(row["nonce"]) if row["nonce"] is not None else None,
    )


def events(
    store: Store, institution: str, case: str, *, after: int = 0, limit: int | None = None
) -> list[Written]:
    """The case's events after a sequence, oldest first."""
    query = _joined().where(
        _event.c.institution == institution, _event.c.case_id == case, _event.c.sequence > after
    )
    with store.reads() as connection:
        rows = connection.execute(query.order_by(_event.c.sequence).limit(limit))
        return [read_event(row._asdict()) for row in rows]


def _joined() -> sa.Select[Any]:
    return sa.select(_event, _detail.c.detail, _detail.c.nonce).outerjoin(
        _detail,
        (_detail.c.institution == _event.c.institution)
        & (_detail.c.case_id == _event.c.case_id)
        & (_detail.c.sequence == _event.c.sequence),
    )


def all_events(
    connection: sa.Connection, institution: str, cases: Iterable[str] | None = None
) -> Iterable[Written]:
    """Stream the events of an institution (or of some cases), case by case, oldest first."""
    query = _joined().where(_event.c.institution == institution)
    if cases is not None:
        query = query.where(_event.c.case_id.in_(list(cases)))
    query = query.order_by(_event.c.case_id, _event.c.sequence).execution_options(yield_per=1000)
    rows = connection.execute(query)
    return (read_event(row._asdict()) for row in rows)
