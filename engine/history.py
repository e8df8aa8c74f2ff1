"""Histories: the events of a case, and the case as it was after any of them.

A case is folded from its events alone: every event's body says what it changed of
state, deadlines, links and places; its detail, unless erased, what it changed of the
facts. No rule is asked; `engine.replay` asks them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from engine.canonical import GENESIS
from engine.catalogue import Catalogue
from engine.model import Case
from engine.store.ledger import read_deadline
from engine.store.store import Store
from engine.tables import CaseRecord, Event, EventDetail, table_of

_event = table_of(Event)
_detail = table_of(EventDetail)
_case = table_of(CaseRecord)


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


def fold(case: Case | None, event: Written, catalogue: Catalogue) -> Case:
    """The case after the event, from the case before it (None for the first)."""
    body = event.body
    told = event.told or {}
    if case is None:
        case = _born(event)
    facts = {**case.facts, **told.get("changes", {})}
    rows = {(row.name, row.since): row for row in case.deadlines}
    for written in body.get("deadlines", ()):
        row = read_deadline(written)
        rows[row.name, row.since] = row
    gone = {tuple(pair) for pair in body.get("unlinked", ())}
    links = [tie for tie in case.links if tie not in gone]
    # In the order in which the store gives those of one event, which decides who acts in what role.
    links += sorted((name, to) for name, to in body.get("linked", ()))
    definition = catalogue.by_hash(body["definition"])
    final = definition.states[body["to"]].final
    return replace(
        case,
        state=body["to"],
        definition=body["definition"],
        facts=facts,
        assignee=body.get("assignee", case.assignee),
        acts=_acts(case, event, definition.watched),
        links=tuple(links),
        deadlines=tuple(row for _, row in sorted(rows.items()) if row.open),
        version=event.sequence,
        head=event.hash,
        updated_at=body["at"],
        closed_at=(case.closed_at or body["at"]) if final else None,
    )


def _acts(
    case: Case, event: Written, watched: frozenset[str]
) -> Mapping[str, tuple[str, ...]]:
    trigger, party = event.body["trigger"], event.body["party"]
    if trigger not in watched or party in {"clock", "import"}:
        return case.acts
    earlier = case.acts.get(trigger, ())
    return case.acts if party in earlier else {**case.acts, trigger: (*earlier, party)}


def _born(event: Written) -> Case:
    body = event.body
    return Case(
        institution=body["institution"],
        id=body["case"],
        number="",
        workflow=body["workflow"],
        definition=body["definition"],
        state=body["to"],
        unit=body["unit"],
        assignee=None,
        subject=body["subject"],
        title="",
        search="",
        facts={},
        acts={},
        version=0,
        head=GENESIS,
        opened_at=body["at"],
        updated_at=body["at"],
        closed_at=None,
    )


@dataclass(frozen=True)
class History:
    """Reads histories from the store."""

    store: Store
    catalogue: Catalogue

    def events(
        self, institution: str, case: str, *, after: int = 0, limit: int | None = None
    ) -> list[Written]:
        """The case's events after a sequence, oldest first."""
        query = _joined().where(
            _event.c.institution == institution,
            _event.c.case_id == case,
            _event.c.sequence > after,
        )
        with self.store.reads() as connection:
            rows = connection.execute(query.order_by(_event.c.sequence).limit(limit))
            return [read_event(row._asdict()) for row in rows]

    def case_at(
        self, institution: str, case: str, *, sequence: int | None = None, at: int | None = None
    ) -> Case | None:
        """The case as it was after a sequence, or at an instant; None where it was not yet."""
        was: Case | None = None
        for event in self.events(institution, case):
            if sequence is not None and event.sequence > sequence:
                break
            if at is not None and event.body["at"] > at:
                break
            was = fold(was, event, self.catalogue)
        return self._dressed(was) if was is not None else None

    def _dressed(self, was: Case) -> Case:
        """Give a folded case what stands in no event: its number and its words."""
        query = sa.select(_case.c.number, _case.c.title, _case.c.search).where(
            _case.c.institution == was.institution, _case.c.id == was.id
        )
        with self.store.reads() as connection:
            row = connection.execute(query).first()
        return replace(was, number=row[0], title=row[1], search=row[2]) if row else was


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
