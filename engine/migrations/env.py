"""Runs the migrations. Called by Alembic, through `engine.store.migrate`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context

from engine.tables import Table

engine = sa.create_engine(
    context.config.get_main_option("sqlalchemy.url") or "", poolclass=sa.pool.NullPool
)
with engine.connect() as connection:
    context.configure(
        connection=connection, target_metadata=Table.metadata, render_as_batch=True
    )
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
