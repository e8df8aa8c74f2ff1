"""Events across cases as lists for auditors: each with its case and its party, newest first, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from engine.paging import seal, unseal
from engine.scope import Scope
from engine.store.scope import case_table, readable
from engine.tables import Event, PersonRecord, table_of

_case = case_table
_event = table_of(Event)
_person = table_of(PersonRecord)

OF_ITS_CASE: Final = (_case.c.institution == _event.c.institution) & (_case.c.id == _event.c.case_id)
"""Joins an event with its case."""


def listed(scope: Scope, *more: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Events of readable cases with what every list shows of them, and `more` columns of what is joined on.

    `name` is the party's, where it is a person not erased.
    """
    own = ("sequence", "kind", "trigger", "from_state", "to_state", "party", "role", "on_behalf_of", "at")
    return (
        sa.select(
            _event.c.case_id.label("case"),
            *(_case.c[name] for name in ("number", "workflow", "title", "unit")),
            *(_event.c[name] for name in (*own, "definition", "body")),
            _event.c.cause_case.label("cause"),
            _person.c.name,
            *more,
        )
        .join_from(_event, _case, OF_ITS_CASE)
        .outerjoin(_person, (_person.c.institution == _event.c.institution) & (_person.c.id == _event.c.party))
        .where(readable(scope), _event.c.institution == scope.institution)
    )


def newest_first(query: sa.Select[Any], *, cursor: str | None, limit: int) -> sa.Select[Any]:
    """The events after a cursor, newest first. Raises BadFields for a cursor that is none of ours."""
    order: Sequence[Any] = (_event.c.at, _event.c.case_id, _event.c.sequence)
    if cursor is not None:
        last_at, *rest = unseal(cursor, int, str, int)
        # The first condition follows from the second; it lets the index of instants be walked.
        query = query.where(_event.c.at <= last_at, sa.tuple_(*order) < sa.tuple_(last_at, *rest))
    return query.order_by(*(column.desc() for column in order)).limit(limit)


def cursor_at(*, at: int, case: str, sequence: int) -> str:
    """Names an event as the last one looked at."""
    return seal(at, case, sequence)


def read_object(raw: bytes) -> Mapping[str, Any]:
    """What the bytes of a body or a detail hold; what was tampered with tells nothing."""
    try:
        found = json.loads(bytes(raw))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
