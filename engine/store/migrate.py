"""Brings a database to the newest schema, and tells which it has."""

from __future__ import annotations

from importlib import resources

import sqlalchemy as sa

_present = sa.table("alembic_version", sa.column("version_num"))


def upgrade(url: str, *, to: str = "head") -> None:
    """Create or upgrade all tables, wholly or not at all. Leaves no connection open.

    Raises `admission.DatabaseInUse` where a process works with a PostgreSQL database that is to change.
    """
    if to == "head" and at_head(url):
        return
    # Imported here: each start asks whether the schema is the newest, but few change it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(resources.files("engine") / "migrations"))
    # Alembic reads its settings as a template, in which a percent sign is doubled.
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, to)


def newest() -> str:
    """The newest revision. The name of each migration begins with its own, and they are in order."""
    files = (resources.files("engine") / "migrations" / "versions").iterdir()
    return max(file.name for file in files if file.name[0].isdigit()).partition("_")[0]


def schema_of(url: str) -> str | None:
    """The revision of a database's schema; None where it has no tables of ours."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            has_any = sa.inspect(connection).has_table(_present.name)
            found = connection.execute(sa.select(_present.c.version_num)).scalar() if has_any else None
    finally:
        engine.dispose()
    return None if found is None else str(found)


def at_head(url: str) -> bool:
    """Whether the database has the newest schema."""
    return schema_of(url) == newest()
