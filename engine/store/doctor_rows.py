"""What the doctor reads beside whole cases: stretches of them, their surroundings, rows that lost theirs.

Every statement is about one institution and one stretch, and is found by an index. Instants are
UTC microseconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from engine.store.paging import after
from engine.store.scope import case_table, reach_table
from engine.tables import (
    DeadlineRecord,
    Event,
    EventDetail,
    IdempotencyRecord,
    LinkRecord,
    OutboxRecord,
    table_of,
)

_case = case_table
_event = table_of(Event)
_detail = table_of(EventDetail)
_deadline = table_of(DeadlineRecord)
_outbox = table_of(OutboxRecord)
_link = table_of(LinkRecord)
_newer = _link.alias("newer")
_key = table_of(IdempotencyRecord)
_words = sa.table("case_words", sa.column("institution"), sa.column("case_id"))

OF_A_CASE: Final[Mapping[str, tuple[sa.FromClause, str]]] = {
    "event": (_event, "case_id"),
    "event_detail": (_detail, "case_id"),
    "deadline": (_deadline, "case_id"),
    "outbox": (_outbox, "case_id"),
    "link": (_link, "from_case"),
    "case_reach": (reach_table, "case_id"),
    "case_words": (_words, "case_id"),
}
"""The tables whose rows belong to a case, and the column that says to which; all have an index by it."""

_NAME = "coalesce((SELECT p.name FROM person p WHERE p.institution = c.institution AND p.id = c.subject), '')"
_SAID = f"c.number || ' ' || c.search || ' ' || {_NAME}"
_LINES: Final = {
    "sqlite": f"'  ' || replace({_SAID}, ' ', '  ')",
    "postgresql": f"' ' || lower({_SAID})",
}
"""The line by which searches find a case, as the migration `lists at size` writes it."""

_UNSPOKEN = (
    "SELECT c.id FROM case_record c LEFT JOIN case_words w ON w.institution = c.institution AND w.case_id = c.id "
    "WHERE c.institution = :institution AND c.id IN :ids AND (w.words IS NULL OR w.words <> {line})"
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Cases that are looked at together, by their ids.

    Where it is `whole`, it is all there is after the id `after` up to the id `last` (None: to the end),
    rows of cases that are not there included.
    """

    institution: str
    ids: tuple[str, ...]
    whole: bool = False
    after: str = ""
    last: str | None = None

    def holds(self, column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Hold for the rows of this stretch, whose case the column names."""
        if not self.whole:
            return column.in_(self.ids)
        beyond = column > self.after
        return beyond if self.last is None else sa.and_(beyond, column <= self.last)


class Reached(NamedTuple):
    """A row of `case_reach`: through which unit, and what of the case it repeats."""

    unit: str
    own: str
    workflow: str
    ended: str


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A row of the outbox. `sequence` is that of the event that owes it."""

    case_id: str
    id: str
    sequence: int
    template: str
    state: str
    attempts: int
    next_try: int
    lease_until: int | None


@dataclass(frozen=True, slots=True)
class Tied:
    """A case that is tied to another (`to`) by its newest link of this name."""

    to: str
    case: str
    name: str
    definition: str
    state: str


@dataclass(frozen=True, slots=True)
class LostKey:
    """An idempotency key that names an event which is not there."""

    party: str
    key: str
    case: str
    sequence: int


# Stretches.


def stretch_after(connection: sa.Connection, institution: str, last: str, size: int) -> Stretch:
    """The next cases after an id, in the order of their ids; where they are fewer than `size` there are no more."""
    query = sa.select(_case.c.id).where(_case.c.institution == institution, _case.c.id > last)
    ids = tuple(connection.execute(query.order_by(_case.c.id).limit(size)).scalars())
    return Stretch(institution, ids, whole=True, after=last, last=ids[-1] if len(ids) == size else None)


def changed_after(
    connection: sa.Connection, institution: str, last: tuple[int, str], size: int
) -> list[tuple[int, str]]:
    """The next cases by when they were changed, as (updated_at, id), after such a pair."""
    order: Sequence[Any] = (_case.c.updated_at, _case.c.id)
    query = sa.select(*order).where(_case.c.institution == institution, after(order, last))
    return [(row[0], row[1]) for row in connection.execute(query.order_by(*order).limit(size))]


def count(connection: sa.Connection, institution: str) -> int:
    """How many cases the institution has."""
    query = sa.select(sa.func.count()).select_from(_case).where(_case.c.institution == institution)
    return int(connection.execute(query).scalar_one())


def strays(connection: sa.Connection, stretch: Stretch) -> dict[str, tuple[str, ...]]:
    """Cases that have no row, and the tables that hold rows of them."""
    found: dict[str, tuple[str, ...]] = {}
    for name, (table, by) in OF_A_CASE.items():
        column = table.c[by]
        mine = sa.exists().where(_case.c.institution == table.c.institution, _case.c.id == column)
        query = sa.select(column).distinct().where(table.c.institution == stretch.institution, stretch.holds(column))
        for case in connection.execute(query.where(~mine)).scalars():
            found[case] = (*found.get(case, ()), name)
    return found


# What lies around cases.


def messages(connection: sa.Connection, institution: str, ids: Collection[str]) -> list[MessageRow]:
    """All messages of these cases, sent or not."""
    columns = (_outbox.c[field.name] for field in fields(MessageRow))
    query = sa.select(*columns).where(_outbox.c.institution == institution, _outbox.c.case_id.in_(ids))
    return [MessageRow(*row) for row in connection.execute(query)]


def tied_to(connection: sa.Connection, institution: str, ids: Collection[str]) -> list[Tied]:
    """The cases that are tied to these, each by its newest link of a name."""
    same = (_newer.c[name] == _link.c[name] for name in ("institution", "from_case", "name"))
    beyond = sa.tuple_(_newer.c.sequence, _newer.c.to_case) > sa.tuple_(_link.c.sequence, _link.c.to_case)
    query = (
        sa.select(_link.c.to_case, _link.c.from_case, _link.c.name, _case.c.definition, _case.c.state)
        .join(_case, (_case.c.institution == _link.c.institution) & (_case.c.id == _link.c.from_case))
        .where(_link.c.institution == institution, _link.c.to_case.in_(ids), ~sa.exists().where(*same, beyond))
    )
    return [Tied(*row) for row in connection.execute(query)]


def units_of(connection: sa.Connection, institution: str, ids: Iterable[str]) -> dict[str, str]:
    """The units of those of these cases that the institution has, by id."""
    query = sa.select(_case.c.id, _case.c.unit).where(_case.c.institution == institution, _case.c.id.in_(sorted(ids)))
    return {row[0]: row[1] for row in connection.execute(query)}


def abroad(connection: sa.Connection, institution: str, ids: Iterable[str]) -> frozenset[str]:
    """Those of these ids that are cases of another institution. Asked of few: no index is led by them."""
    query = sa.select(_case.c.id).where(_case.c.institution != institution, _case.c.id.in_(sorted(ids)))
    return frozenset(connection.execute(query).scalars())


def reached(connection: sa.Connection, institution: str, ids: Collection[str]) -> list[tuple[str, Reached]]:
    """The units through which these cases are read, as (case, row)."""
    columns = (reach_table.c[name] for name in ("case_id", *Reached._fields))
    query = sa.select(*columns).where(reach_table.c.institution == institution, reach_table.c.case_id.in_(ids))
    return [(row[0], Reached(*row[1:])) for row in connection.execute(query)]


def unspoken(connection: sa.Connection, institution: str, ids: Collection[str]) -> frozenset[str]:
    """Those of these cases whose line in `case_words` is missing, or not what number, words and name make."""
    if not ids:
        return frozenset()
    statement = sa.text(_UNSPOKEN.format(line=_LINES[connection.dialect.name]))
    asked = statement.bindparams(sa.bindparam("ids", expanding=True))
    found = connection.execute(asked, {"institution": institution, "ids": list(ids)})
    return frozenset(found.scalars())


def step_at(connection: sa.Connection, institution: str, case: str, sequence: int) -> tuple[str, str | None] | None:
    """Definition and trigger of an event; None where it is not there."""
    query = sa.select(_event.c.definition, _event.c.trigger).where(
        _event.c.institution == institution, _event.c.case_id == case, _event.c.sequence == sequence
    )
    row = connection.execute(query).first()
    return (row[0], row[1]) if row else None


# Keys.


@dataclass(frozen=True, slots=True)
class KeyStretch:
    """Keys that were looked at together: how many, where they end (None: there are no more), the lost ones."""

    count: int
    last: tuple[str, str] | None
    lost: list[LostKey]


def keys_after(connection: sa.Connection, institution: str, last: tuple[str, str], size: int) -> KeyStretch:
    """Look at the next keys after one, as (party, key), in the order of their keys."""
    order: Sequence[Any] = (_key.c.party, _key.c.key)
    some = sa.select(_key).where(_key.c.institution == institution, after(order, last))
    some = some.order_by(*order).limit(size)
    seen = [(row[0], row[1]) for row in connection.execute(some.with_only_columns(*order))]
    ends = seen[-1] if len(seen) == size else None
    return KeyStretch(len(seen), ends, _lost(connection, some.subquery("some_keys")))


def lost_among(connection: sa.Connection, institution: str, keys: Sequence[tuple[str, str]]) -> list[LostKey]:
    """Those of these keys, as (party, key), that are still lost."""
    if not keys:
        return []
    mine = sa.tuple_(_key.c.party, _key.c.key).in_(keys)
    some = sa.select(_key).where(_key.c.institution == institution, mine)
    return _lost(connection, some.subquery("some_keys"))


def _lost(connection: sa.Connection, some: sa.Subquery) -> list[LostKey]:
    event = sa.exists().where(
        _event.c.institution == some.c.institution,
        _event.c.case_id == some.c.case_id,
        _event.c.sequence == some.c.sequence,
    )
    query = sa.select(some.c.party, some.c.key, some.c.case_id, some.c.sequence).where(~event)
    return [LostKey(*row) for row in connection.execute(query)]
