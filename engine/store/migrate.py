"""Brings a database to the newest schema."""

from __future__ import annotations

from importlib import resources

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("engine") / "migrations"))
    # Alembic reads its settings as a template, in which a percent sign is doubled.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Create or upgrade all tables. Leaves no connection open."""
    command.upgrade(_config(url), "head")


def at_head(url: str) -> bool:
    """Whether the database has the newest schema."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
    finally:
        engine.dispose()
    return present == ScriptDirectory.from_config(_config(url)).get_current_head()
