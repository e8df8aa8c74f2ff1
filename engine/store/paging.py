"""Where the next page begins, as a condition on rows. The cursor itself: `engine.paging`."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from engine.paging import Value


def after(
    columns: Sequence[sa.ColumnElement[Value]], values: Sequence[Value], *, falling: bool = False
) -> sa.ColumnElement[bool]:
    """Hold for rows that come after `values` in the order of `columns`.

    With `falling` the first column falls; the others always rise.
    """
    first, value = columns[0], values[0]
    beyond = first < value if falling else first > value
    if len(columns) == 1:
        return beyond
    return sa.or_(beyond, sa.and_(first == value, after(columns[1:], values[1:])))
