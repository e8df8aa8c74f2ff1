"""What is read beside cases to tell whom they wait for: each a single statement for all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa

from engine.store.ledger import Reverse
from engine.store.scope import case_table
from engine.tables import Event, LinkRecord, OutboxRecord, table_of

_case = case_table
_origin = case_table.alias("origin")
_event = table_of(Event)
_link = table_of(LinkRecord)
_outbox = table_of(OutboxRecord)


def found_from(
    connection: sa.Connection, institution: str, cases: Collection[str], relations: Collection[Reverse]
) -> tuple[str, ...]:
    """The ids of the cases found from these by relations that go by link."""
    ways = [_along(each) for each in relations if each.link is not None]
    if not cases or not ways:
        return ()
    query = (
        sa.select(_case.c.id)
        .distinct()
        .join(_link, (_link.c.institution == _case.c.institution) & (_link.c.from_case == _case.c.id))
        .join(_origin, (_origin.c.institution == _link.c.institution) & (_origin.c.id == _link.c.to_case))
        .where(_link.c.institution == institution, _link.c.to_case.in_(cases), sa.or_(*ways))
    )
    return tuple(connection.execute(query.order_by(_case.c.id)).scalars())


def _along(relation: Reverse) -> sa.ColumnElement[bool]:
    stands = _case.c.state.in_(relation.states) if relation.states else _case.c.closed_at.is_(None)
    return sa.and_(
        _link.c.name == relation.link,
        _origin.c.workflow == relation.owner,
        _case.c.workflow == relation.workflow,
        stands,
    )


def entered(connection: sa.Connection, institution: str, cases: Collection[str]) -> Mapping[str, int]:
    """When each of these cases came into the state it is in, by case id."""
    changed = sa.or_(_event.c.from_state.is_(None), _event.c.from_state != _event.c.to_state)
    query = (
        sa.select(_event.c.case_id, sa.func.max(_event.c.at))
        .where(_event.c.institution == institution, _event.c.case_id.in_(cases), changed)
        .group_by(_event.c.case_id)
    )
    return {case: int(at) for case, at in connection.execute(query)}


def told(
    connection: sa.Connection, institution: str, cases: Collection[str], template: str
) -> Mapping[tuple[str, str], int]:
    """When a message of this template was last owed, by case id and recipient."""
    query = (
        sa.select(_outbox.c.case_id, _outbox.c.recipient, sa.func.max(_outbox.c.created_at))
        .where(_outbox.c.institution == institution, _outbox.c.case_id.in_(cases), _outbox.c.template == template)
        .group_by(_outbox.c.case_id, _outbox.c.recipient)
    )
    return {(case, recipient): int(at) for case, recipient, at in connection.execute(query)}
