"""Sealed events with their details, in the order of the tree, as they are stored; for exports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from engine.tables import CaseRecord, DefinitionRecord, Event, EventDetail, SealRun, table_of

_case = table_of(CaseRecord)
_definition = table_of(DefinitionRecord)
_detail = table_of(EventDetail)
_event = table_of(Event)
_run = table_of(SealRun)

AT_ONCE = 1000
CHUNK = 5000
"""Rows kept in memory; ids in one statement."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A sealed event as it is stored. `leaf` counts from 0; `detail` and `nonce` are None where they are gone."""

    leaf: int
    case: str
    sequence: int
    hash: str
    previous: str
    body: bytes
    detail: bytes | None
    nonce: bytes | None


@dataclass(frozen=True, slots=True)
class KeptDefinition:
    """A definition as it was kept when it was first used, with the text of its file."""

    hash: str
    name: str
    version: int
    source: str


def stored(
    connection: sa.Connection, institution: str, *, size: int, cases: Sequence[str] | None = None
) -> Iterator[Stored]:
    """The first `size` events of the tree, or those of some cases among them, in its order.

    PostgreSQL keeps them on its side (a server-side cursor); neither database has them all in memory.
    """
    leaf = _run.c.first_leaf + _event.c.sequence - _run.c.first_sequence
    columns = (_event.c[name] for name in ("case_id", "sequence", "hash", "previous", "body"))
    query: sa.Select[Any] = (
        sa.select(leaf.label("leaf"), *columns, _detail.c.detail, _detail.c.nonce)
        .join_from(
            _run,
            _event,
            (_event.c.institution == _run.c.institution)
            & (_event.c.case_id == _run.c.case_id)
            & _event.c.sequence.between(_run.c.first_sequence, _run.c.last_sequence),
        )
        .outerjoin(
            _detail,
            (_detail.c.institution == _event.c.institution)
            & (_detail.c.case_id == _event.c.case_id)
            & (_detail.c.sequence == _event.c.sequence),
        )
        .where(_run.c.institution == institution, _run.c.first_leaf < size, leaf < size)
        .order_by(_run.c.first_leaf, _event.c.sequence)
        .execution_options(stream_results=True, yield_per=AT_ONCE)
    )
    if cases is not None:
        query = query.where(_run.c.case_id.in_(cases))
    for at, case, sequence, hashed, previous, body, detail, nonce in connection.execute(query):
        told, blind = (None if part is None else bytes(part) for part in (detail, nonce))
        yield Stored(at, case, sequence, hashed, previous, bytes(body), told, blind)


def definitions(
    connection: sa.Connection, institution: str, cases: Sequence[str] | None = None
) -> list[KeptDefinition]:
    """The definitions that events (of some cases) name, by name and version."""
    named = sa.select(_event.c.definition).where(_event.c.institution == institution).distinct()
    if cases is not None:
        named = named.where(_event.c.case_id.in_(cases))
    names = ("hash", "name", "version", "source")
    query = sa.select(*(_definition.c[name] for name in names)).where(
        _definition.c.institution == institution, _definition.c.hash.in_(named)
    )
    rows = connection.execute(query.order_by(_definition.c.name, _definition.c.version, _definition.c.hash))
    return [KeptDefinition(*row) for row in rows]
