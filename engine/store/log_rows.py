"""Cases with their events as an event log needs them, many thousands of them and never many at once.

Instants are UTC microseconds. What stands in a detail (reasons, comments) is not read at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from engine.model import CLOCK_PARTY, IMPORT_PARTY
from engine.store.store import Session, Store
from engine.tables import CaseRecord, DefinitionRecord, Event, LinkRecord, table_of

AT_ONCE = 200
"""Cases read in one go: what is held in memory at any time."""

_case = table_of(CaseRecord)
_event = table_of(Event)
_link = table_of(LinkRecord)
_definition = table_of(DefinitionRecord)
_linked = _case.alias("linked")
_cause = _case.alias("cause_of")

OF_CASE = (
    "id", "number", "workflow", "definition", "state", "unit", "subject", "partner", "opened_at", "closed_at",
)  # fmt: skip
OF_EVENT = (
    "case_id", "sequence", "kind", "trigger", "from_state", "to_state", "party", "role", "on_behalf_of", "at",
    "definition",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Which cases: of these workflows (none named: of all), opened at or after `since` and before `until`.

    `cases` are the ids of the only ones meant; None: no matter which.
    """

    workflow: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    cases: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Logged:
    """One case: columns of its row, its links as (name, number) to cases of the same log, columns of its events."""

    row: Mapping[str, Any]
    links: Sequence[tuple[str, str]]
    events: Sequence[Mapping[str, Any]]


@contextmanager
def one_instant(store: Store) -> Iterator[Session]:
    """A connection to read many pages with, all as of one instant."""
    with store.reads() as connection:
        if not store.sqlite:
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def logged(connection: Session, institution: str, span: Span, *, facts: bool = False) -> Iterator[Logged]:
    """Stream cases by id, each with its whole history, oldest event first."""
    names = (*OF_CASE, "facts") if facts else OF_CASE
    page = (
        sa.select(*(_case.c[name] for name in names))
        .where(_within(_case, institution, span))
        .order_by(_case.c.id)
        .limit(AT_ONCE)
    )
    last = ""
    while rows := connection.execute(page.where(_case.c.id > last)).mappings().all():
        last = rows[-1]["id"]
        ids = [row["id"] for row in rows]
        events = _grouped(connection.execute(_events(institution, ids, span)).mappings(), "case_id")
        links = _grouped(connection.execute(_links(institution, ids, span)).mappings(), "from_case")
        for row in rows:
            tied = [(tie["name"], tie["number"]) for tie in links.get(row["id"], ())]
            yield Logged(dict(row), tied, events.get(row["id"], ()))


def count(connection: Session, institution: str, span: Span) -> int:
    """How many cases lie in a span."""
    return connection.execute(
        sa.select(sa.func.count()).select_from(_case).where(_within(_case, institution, span))
    ).scalar_one()


def event_names(connection: Session, institution: str, span: Span) -> list[str]:
    """The triggers, and the kinds where there is none, that occur."""
    name = sa.func.coalesce(_event.c.trigger, _event.c.kind)
    query = sa.select(name).select_from(_event).join(_case, _of_case()).where(_within(_case, institution, span))
    return sorted(connection.execute(query.distinct()).scalars())


def workflows(connection: Session, institution: str, span: Span) -> list[str]:
    """The workflows that occur."""
    query = sa.select(_case.c.workflow).where(_within(_case, institution, span)).distinct()
    return sorted(connection.execute(query).scalars())


def people(connection: Session, institution: str, span: Span) -> Iterator[str]:
    """Stream the ids of those who acted in a case or whom one is about, each once."""
    mine = _within(_case, institution, span)
    acted = sa.select(_event.c.party.label("id")).join(_case, _of_case()).where(mine)
    acted = acted.where(_event.c.party.not_in((CLOCK_PARTY, IMPORT_PARTY)))
    meant = sa.select(_case.c.subject).where(mine, _case.c.subject.is_not(None))
    return _streamed(connection, sa.union(acted, meant))


def units(connection: Session, institution: str, span: Span) -> Iterator[str]:
    """Stream the units whose cases these are, each once."""
    return _streamed(connection, sa.select(_case.c.unit).where(_within(_case, institution, span)).distinct())


def partners(connection: Session, institution: str, span: Span) -> Iterator[str]:
    """Stream the ids of the partners the cases name, each once."""
    query = sa.select(_case.c.partner).where(_within(_case, institution, span), _case.c.partner.is_not(None))
    return _streamed(connection, query.distinct())


def versions(connection: Session, institution: str) -> dict[str, int]:
    """The version each definition gives itself, by its hash."""
    query = sa.select(_definition.c.hash, _definition.c.version).where(_definition.c.institution == institution)
    return {row.hash: row.version for row in connection.execute(query)}


def _within(case: sa.FromClause, institution: str, span: Span) -> sa.ColumnElement[bool]:
    found = [case.c.institution == institution]
    if span.workflow:
        found.append(case.c.workflow.in_(span.workflow))
    if span.since is not None:
        found.append(case.c.opened_at >= span.since)
    if span.until is not None:
        found.append(case.c.opened_at < span.until)
    if span.cases is not None:
        found.append(case.c.id.in_(span.cases))
    return sa.and_(*found)


def _events(institution: str, ids: Sequence[str], span: Span) -> sa.Select[Any]:
    # The case that caused an event is named only where it stands in the same log.
    cause = (
        (_cause.c.institution == _event.c.institution)
        & (_cause.c.id == _event.c.cause_case)
        & _within(_cause, institution, span)
    )
    return (
        sa.select(*(_event.c[name] for name in OF_EVENT), _cause.c.number.label("cause"))
        .outerjoin(_cause, cause)
        .where(_event.c.institution == institution, _event.c.case_id.in_(ids))
        .order_by(_event.c.case_id, _event.c.sequence)
    )


def _links(institution: str, ids: Sequence[str], span: Span) -> sa.Select[Any]:
    return (
        sa.select(_link.c.from_case, _link.c.name, _linked.c.number)
        .join(_linked, (_linked.c.institution == _link.c.institution) & (_linked.c.id == _link.c.to_case))
        .where(_link.c.institution == institution, _link.c.from_case.in_(ids), _within(_linked, institution, span))
        .order_by(_link.c.from_case, _link.c.name, _linked.c.number)
    )


def _of_case() -> sa.ColumnElement[bool]:
    return (_case.c.institution == _event.c.institution) & (_case.c.id == _event.c.case_id)


def _grouped(rows: sa.MappingResult, key: str) -> dict[str, list[Mapping[str, Any]]]:
    return {name: [dict(row) for row in group] for name, group in groupby(rows, lambda row: str(row[key]))}


def _streamed(connection: Session, query: sa.Select[Any] | sa.CompoundSelect[Any]) -> Iterator[str]:
    return iter(connection.execute(query.execution_options(yield_per=1000)).scalars())
