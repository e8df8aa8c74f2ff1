"""A page begins right after the last row of the one before."""

from __future__ import annotations

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from engine.store.paging import after


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), unique=True, max_size=12),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    st.booleans(),
)
def test_what_comes_after_is_what_the_order_says(
    rows: list[tuple[int, int]], place: tuple[int, int], falling: bool
) -> None:
    table = sa.table("t", sa.column("a", sa.Integer), sa.column("b", sa.Integer))
    with sa.create_engine("sqlite://").connect() as connection:
        connection.execute(sa.text("CREATE TABLE t (a INTEGER, b INTEGER)"))
        for row in rows:
            connection.execute(sa.insert(table).values(a=row[0], b=row[1]))
        query = sa.select(table).where(after((table.c.a, table.c.b), place, falling=falling))
        found = {tuple(row) for row in connection.execute(query)}

    def rank(row: tuple[int, int]) -> tuple[int, int]:
        return (-row[0] if falling else row[0], row[1])

    assert found == {row for row in rows if rank(row) > rank(place)}
