"""Says in clear words why a database cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from engine.store.admission import DatabaseNotReady, must_know
from engine.store.migrate import schema_of

__all__ = ["DatabaseNotReady", "file_of", "must_be_ready", "reaching"]

DRIVERS: Final = frozenset({"pysqlite", "psycopg"})
"""What is spoken to a database through."""


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None where there is none."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return None
    return Path(str(parsed.database))


def must_be_ready(url: str) -> None:
    """Raise DatabaseNotReady where the service cannot work with the database as it is."""
    with reaching(url):
        file = file_of(url)
        # Asking SQLite would make an empty file, which then stands in the way.
        schema = schema_of(url) if file is None or file.exists() else None
    must_know(schema)


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Turn what a driver raises inside into DatabaseNotReady, with words that hold no password."""
    _must_be_ours(url)
    try:
        yield
    except sa.exc.DBAPIError as error:
        said = " ".join(str(error.orig).split())[:300]
        raise DatabaseNotReady(f"the database cannot be used: {said}") from error


def _must_be_ours(url: str) -> None:
    """Raise DatabaseNotReady for what is no URL, names a database of another kind, or none that stays."""
    try:
        parsed = make_url(url)
        driver = parsed.get_dialect().driver
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ValueError) as error:
        raise DatabaseNotReady(
            "FARDPLAN_DATABASE_URL is no database URL; give sqlite:///FILE or postgresql+psycopg://…"
        ) from error
    if driver not in DRIVERS:
        raise DatabaseNotReady(
            f"FARDPLAN_DATABASE_URL: {parsed.drivername} is not known here; give sqlite:///FILE or "
            "postgresql+psycopg://…"
        )
    if parsed.get_backend_name() == "sqlite" and file_of(url) is None:
        raise DatabaseNotReady(
            "FARDPLAN_DATABASE_URL names no file, so all would be gone when the command ends; give sqlite:///FILE"
        )
