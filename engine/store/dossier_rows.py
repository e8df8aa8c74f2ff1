"""What audit folders are made of: cases with those they are linked to, other applications, messages, what may be drawn.

Instants are UTC microseconds. Nobody's right to read is asked for here, unless a scope is given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from engine.dossiers.drawing import Member
from engine.dossiers.values import Ranked, Sent
from engine.model import Case
from engine.scope import Scope
from engine.store.scope import case_table, readable
from engine.store.shown_cases import cases_of
from engine.tables import Event, LinkRecord, OutboxRecord, table_of

_case = case_table
_event = table_of(Event)
_link = table_of(LinkRecord)
_outbox = table_of(OutboxRecord)


def cases(connection: sa.Connection, institution: str, ids: Collection[str]) -> Mapping[str, Case]:
    """These cases with their links, by id."""
    if not ids:
        return {}
    query = sa.select(_case).where(_case.c.institution == institution, _case.c.id.in_(list(ids)))
    rows = [row._asdict() for row in connection.execute(query)]
    return {case.id: case for case in cases_of(connection, institution, rows)}


def linked_to(
    connection: sa.Connection, institution: str, *, link: str, to: Collection[str], workflows: Collection[str]
) -> Sequence[Case]:
    """The cases of these workflows that are linked to any of these under this name, by number."""
    if not to:
        return ()
    tied = sa.select(_link.c.from_case).where(
        _link.c.institution == institution, _link.c.name == link, _link.c.to_case.in_(list(to))
    )
    query = sa.select(_case).where(
        _case.c.institution == institution, _case.c.id.in_(tied), _case.c.workflow.in_(list(workflows))
    )
    rows = [row._asdict() for row in connection.execute(query.order_by(_case.c.number, _case.c.id))]
    return cases_of(connection, institution, rows)


def first_steps(
    connection: sa.Connection, institution: str, cases: Mapping[str, Case], triggers: Collection[str]
) -> Mapping[str, Ranked]:
    """The first event of any of these steps in each case, by case."""
    if not cases or not triggers:
        return {}
    query = (
        sa.select(_event.c.case_id, _event.c.sequence, _event.c.at)
        .where(_event.c.institution == institution, _event.c.case_id.in_(list(cases)))
        .where(_event.c.trigger.in_(list(triggers)))
        .order_by(_event.c.case_id, _event.c.sequence.desc())
    )
    # The last of a case in this order is the first of its life.
    return {case: Ranked(case, cases[case].number, sequence, at) for case, sequence, at in connection.execute(query)}


def messages(connection: sa.Connection, institution: str, ids: Collection[str]) -> Sequence[Sent]:
    """The messages owed by the events of these cases."""
    if not ids:
        return ()
    named = ("case_id", "sequence", "recipient", "template", "sent_at")
    query = (
        sa.select(*(_outbox.c[name] for name in named))
        .where(_outbox.c.institution == institution, _outbox.c.case_id.in_(list(ids)))
        .order_by(_outbox.c.case_id, _outbox.c.sequence, _outbox.c.template, _outbox.c.recipient)
    )
    return [Sent(*row) for row in connection.execute(query)]


def drawable(
    connection: sa.Connection,
    institution: str,
    *,
    workflow: str,
    since: int | None,
    before: int | None,
    scope: Scope | None,
) -> Sequence[Member]:
    """The cases of a workflow that ended at or after `since` and before `before`; with `scope`, those readable."""
    query = sa.select(_case.c.id, _case.c.number).where(
        _case.c.institution == institution, _case.c.workflow == workflow, _case.c.closed_at.is_not(None)
    )
    if since is not None:
        query = query.where(_case.c.closed_at >= since)
    if before is not None:
        query = query.where(_case.c.closed_at < before)
    if scope is not None:
        query = query.where(readable(scope))
    return [Member(*row) for row in connection.execute(query)]


def may_read(connection: sa.Connection, scope: Scope, ids: Collection[str]) -> frozenset[str]:
    """Those of these cases that somebody may read."""
    if not ids:
        return frozenset()
    query = sa.select(_case.c.id).where(readable(scope), _case.c.id.in_(list(ids)))
    return frozenset(connection.execute(query).scalars())
