"""Events across cases as lists for auditors: each with its case and its party, newest first, a page at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from engine.paging import seal, unseal
from engine.scope import Scope
from engine.store.scope import case_table, readable
from engine.tables import Event, PersonRecord, table_of

_case = case_table
_event = table_of(Event)
_person = table_of(PersonRecord)

_ORDER = (_event.c.at, _event.c.case_id, _event.c.sequence)

OF_ITS_CASE: Final = (_case.c.institution == _event.c.institution) & (_case.c.id == _event.c.case_id)
"""Joins an event with its case."""


STRETCH: Final = 2000
"""So many events are looked at to find what a list is narrowed to; what is older stands on the next page.

Which case an event is of, and what it tells, no index of instants knows: without an end, whoever
asks for what is rare would have the whole history read (18 s of 2,000,000 events; a stretch takes 20 ms).
"""


@dataclass(frozen=True, slots=True)
class Span:
    """Which events are looked at: from `since` (included) to `before` (not), after a cursor, so many at most."""

    institution: str
    since: int | None
    before: int | None
    cursor: str | None
    most: int

    def bounds(self) -> list[sa.ColumnElement[bool]]:
        """Hold for the events meant, however many. Raises BadFields for a cursor that is none of ours."""
        found: list[sa.ColumnElement[bool]] = [_event.c.institution == self.institution]
        if self.since is not None:
            found.append(_event.c.at >= self.since)
        if self.before is not None:
            found.append(_event.c.at < self.before)
        if self.cursor is not None:
            last_at, *rest = unseal(self.cursor, int, str, int)
            # The first condition follows from the second; it lets the index of instants be walked.
            found += [_event.c.at <= last_at, sa.tuple_(*_ORDER) < sa.tuple_(last_at, *rest)]
        return found

    def keys(self) -> sa.Select[Any]:
        """The keys of the events looked at, newest first."""
        keys = sa.select(_event.c.institution, _event.c.case_id, _event.c.sequence, _event.c.at)
        return newest_first(keys.where(*self.bounds()), limit=self.most)

    def end(self, connection: sa.Connection) -> str | None:
        """The cursor of the last event looked at; None where there are no more than were."""
        last = connection.execute(self.keys().limit(1).offset(self.most - 1)).first()
        return None if last is None else cursor_at(at=last.at, case=last.case_id, sequence=last.sequence)


def listed(scope: Scope, *more: sa.ColumnElement[Any], span: Span | None = None) -> sa.Select[Any]:
    """Events of readable cases with what every list shows of them, and `more` columns of what is joined on.

    `name` is the party's, where it is a person not erased. With a span only its events are looked at.
    """
    source: sa.FromClause = _event
    if span is not None:
        keys = span.keys().subquery("looked_at")
        source = keys.join(
            _event,
            (_event.c.institution == keys.c.institution)
            & (_event.c.case_id == keys.c.case_id)
            & (_event.c.sequence == keys.c.sequence),
        )
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
        .join_from(source, _case, OF_ITS_CASE)
        .outerjoin(_person, (_person.c.institution == _event.c.institution) & (_person.c.id == _event.c.party))
        .where(readable(scope), _event.c.institution == scope.institution)
    )


def newest_first(query: sa.Select[Any], *, limit: int) -> sa.Select[Any]:
    """So many events, the newest first."""
    return query.order_by(*(column.desc() for column in _ORDER)).limit(limit)


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
