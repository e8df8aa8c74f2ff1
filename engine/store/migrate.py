"""Brings a database to the newest schema, and tells whether it has it."""

from __future__ import annotations

from importlib import resources

import sqlalchemy as sa

_present = sa.table("alembic_version", sa.column("version_num"))


def upgrade(url: str) -> None:
    """Create or upgrade all tables. Leaves no connection open."""
    # Imported here: each start asks whether the schema is the newest, but few change it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(resources.files("engine") / "migrations"))
    # Alembic reads its settings as a template, in which a percent sign is doubled.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")


def newest() -> str:
    """The newest revision. The name of each migration begins with its own, and they are in order."""
    files = (resources.files("engine") / "migrations" / "versions").iterdir()
    return max(file.name for file in files if file.name[0].isdigit()).partition("_")[0]


def at_head(url: str) -> bool:
    """Whether the database has the newest schema."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            has_any = sa.inspect(connection).has_table(_present.name)
            found = connection.execute(sa.select(_present.c.version_num)).scalars().all() if has_any else []
    finally:
        engine.dispose()
    return found == [newest()]
