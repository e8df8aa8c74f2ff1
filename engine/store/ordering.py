"""Cases in an order, a page at a time: put in order once they are gathered, or found by walking along the order.

Which of the two it is, `engine.store.narrowing` tells. SQLAlchemy Core, alike on both databases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import sqlalchemy as sa

from engine.paging import Value
from engine.store.paging import after
from engine.store.scope import case_table
from engine.store.searching import LOOKED, said_of

_case = case_table

NEVER: Final = 2**62
"""Stands for the due instant of a case with nothing due, so that it sorts last."""

Rows: TypeAlias = Sequence[Mapping[str, Any]]
Where: TypeAlias = Sequence[sa.ColumnElement[bool]]
Place: TypeAlias = Sequence[Value]
"""Where a page begins: the values of the order, of the last row before it."""


def gathered_in_order(
    connection: sa.Connection,
    institution: str,
    parts: Sequence[Where],
    order: Sequence[sa.ColumnElement[Any]],
    place: Place | None,
    *,
    falling: bool = False,
    most: int,
) -> Rows:
    """So many rows after a place, of all that are found first, part by part, and then put in order.

    Beside the values of the order, `key_0`, `key_1`…, each row tells as `found_in_all` how many there are.
    """
    keys = [column.label(f"key_{number}") for number, column in enumerate(order)]
    found = sa.union_all(*(sa.select(_case.c.id.label("chosen_id"), *keys).where(*where) for where in parts))
    # Said outright: either database might else walk some order to the end for what is rare in it.
    kept = found.cte("found").prefix_with("MATERIALIZED")
    again = [kept.c[key.name] for key in keys]
    in_all = sa.select(sa.func.count()).select_from(kept).scalar_subquery().label("found_in_all")
    chosen = sa.select(kept)
    if place is not None:
        chosen = chosen.where(after(again, place, falling=falling))
    page = chosen.order_by(*_sorted(again, falling=falling)).limit(most).subquery("chosen")
    return looked_up(connection, institution, page, len(keys), falling=falling, more=(in_all,))


def rows_in_order(
    connection: sa.Connection,
    institution: str,
    where: Where,
    order: Sequence[sa.ColumnElement[Any]],
    place: Place | None,
    *,
    falling: bool = False,
    most: int,
) -> Rows:
    """So many rows of case_record after a place in an order, with its values as `key_0`, `key_1`….

    With `falling` the first column falls. The rows themselves, which are long, are looked up
    only for those that are shown.
    """
    keys = [column.label(f"key_{number}") for number, column in enumerate(order)]
    chosen: sa.Select[Any] = sa.select(_case.c.id.label("chosen_id"), *keys).where(*where)
    if place is not None:
        chosen = chosen.where(after(order, place, falling=falling))
    page = chosen.order_by(*_sorted(keys, falling=falling)).limit(most).subquery("chosen")
    return looked_up(connection, institution, page, len(keys), falling=falling)


def looked_up(
    connection: sa.Connection,
    institution: str,
    page: sa.Subquery,
    keys: int,
    *,
    falling: bool = False,
    more: Sequence[sa.ColumnElement[Any]] = (),
) -> Rows:
    """The rows of a page of keys (`chosen_id`, `key_0`…), in its order."""
    shown = _case.alias("shown_case")
    order = [page.c[f"key_{number}"] for number in range(keys)]
    query = (
        sa.select(shown, *order, *more)
        .join_from(page, shown, shown.c.id == page.c.chosen_id)
        .where(shown.c.institution == institution)
        .order_by(*_sorted(order, falling=falling))
    )
    return [row._asdict() for row in connection.execute(query)]


def _sorted(columns: Sequence[sa.ColumnElement[Any]], *, falling: bool) -> list[sa.ColumnElement[Any]]:
    return [columns[0].desc() if falling else columns[0], *columns[1:]]


def due_or_last(*, falling: bool) -> sa.ColumnElement[Any]:
    """The instant something is owed; what owes nothing comes last, whichever way the others are ordered."""
    return sa.case((_dated(), _case.c.due_at), else_=sa.literal(-NEVER if falling else NEVER, sa.BigInteger))


def _dated() -> sa.ColumnElement[bool]:
    return sa.and_(_case.c.due_at.is_not(None), _case.c.closed_at.is_(None))


@dataclass(frozen=True, slots=True)
class Walk:
    """A walk along an order until a page is full: `most` rows for which `where` holds and that say `words`."""

    connection: sa.Connection
    institution: str
    where: Where
    words: tuple[str, ...]
    most: int

    def along(
        self, order: Sequence[sa.ColumnElement[Any]], place: Place | None, *, falling: bool = False, less: int = 0
    ) -> tuple[Rows, Place | None]:
        """`most` less so many rows after a place.

        With words no more than `LOOKED` cases are looked at; the place of the last of them is given where more follow.
        """
        connection, institution, most = self.connection, self.institution, self.most - less
        if not self.words:
            return rows_in_order(connection, institution, self.where, order, place, falling=falling, most=most), None
        met = sa.select(*order).where(*self.where).order_by(*_sorted(order, falling=falling))
        met = met if place is None else met.where(after(order, place, falling=falling))
        last = connection.execute(met.offset(LOOKED - 1).limit(1)).first()
        said = said_of(institution, self.words, _case.c.id, folded=connection.dialect.name != "sqlite")
        where = [*self.where, said, *([] if last is None else _until(order, tuple(last), falling=falling))]
        rows = rows_in_order(connection, institution, where, order, place, falling=falling, most=most)
        return rows, None if last is None or len(rows) >= most else tuple(last)


def _until(order: Sequence[sa.ColumnElement[Any]], place: Place, *, falling: bool) -> Where:
    """Hold for rows up to a place; the first by itself, for an index can end with it."""
    first = order[0] >= place[0] if falling else order[0] <= place[0]
    return [first, sa.not_(after(order, place, falling=falling))]


def by_due(walk: Walk, place: Place | None, *, falling: bool) -> tuple[Rows, Place | None]:
    """Cases that owe something by the instant it is owed, then all others, whichever way the first are ordered."""
    undated = -NEVER if falling else NEVER
    rows: list[Mapping[str, Any]] = []
    if place is None or place[0] != undated:
        dated = replace(walk, where=[*walk.where, _dated()])
        found, beyond = dated.along((_case.c.due_at, _case.c.id), place, falling=falling)
        rows, place = [*found], None
        if beyond:
            return rows, beyond
    if len(rows) >= walk.most:
        return rows, None
    others = replace(walk, where=[*walk.where, sa.or_(_case.c.due_at.is_(None), _case.c.closed_at.is_not(None))])
    left, beyond = others.along((_case.c.id,), place and place[1:], less=len(rows))
    return [*rows, *({**row, "key_0": undated} for row in left)], (undated, *beyond) if beyond else None
