"""What SQLite is told to expect of the tables that grow, so that it chooses alike in every office."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op


def expect(table: str, figures: Mapping[str, str]) -> None:
    """Tell SQLite what to expect of a table's indexes: by the index's name, its figures as in `sqlite_stat1`."""
    _have_the_table()
    told = sa.text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:table, :index, :stat)")
    _each(told, table, figures)


def forget(table: str, figures: Mapping[str, str]) -> None:
    """Take back what SQLite was told of a table's indexes."""
    _have_the_table()
    _each(sa.text("DELETE FROM sqlite_stat1 WHERE tbl = :table AND idx = :index AND stat = :stat"), table, figures)


def _have_the_table() -> None:
    """Have the table of figures made where it is missing: a database put together from a dump may lack it."""
    op.execute("ANALYZE sqlite_schema")


def _each(told: sa.TextClause, table: str, figures: Mapping[str, str]) -> None:
    for index, stat in figures.items():
        op.get_bind().execute(told, {"table": table, "index": index, "stat": stat})
