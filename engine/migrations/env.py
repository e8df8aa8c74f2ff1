"""Runs the migrations, all of them as one transaction. Called by Alembic, through `engine.store.migrate`.

Python's driver of SQLite would commit each change of a table by itself, and a migration that fails
would leave half a schema; so transactions are begun by hand, with the write lock from the start.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context

from engine.store.admission import IN_USE, be_alone
from engine.tables import Table


def _by_hand(connection: Any, _record: Any) -> None:
    connection.isolation_level = None


def _at_once(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _alone(connection: sa.Connection) -> None:
    """Refuse to change tables under somebody who works with them; who comes now is not let in."""
    if connection.dialect.name == "postgresql":
        be_alone(lambda: connection.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(IN_USE))))


engine = sa.create_engine(
    context.config.get_main_option("sqlalchemy.url") or "", poolclass=sa.pool.NullPool
)
if engine.dialect.name == "sqlite":
    sa.event.listen(engine, "connect", _by_hand)
    sa.event.listen(engine, "begin", _at_once)
try:
    with engine.begin() as connection:
        _alone(connection)
        context.configure(connection=connection, target_metadata=Table.metadata, render_as_batch=True)
        with context.begin_transaction():
            context.run_migrations()
finally:
    engine.dispose()
