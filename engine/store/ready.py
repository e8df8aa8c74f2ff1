"""Says in clear words why a database cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from engine.errors import EngineError
from engine.store.migrate import at_head


class DatabaseNotReady(EngineError):
    """The database cannot be reached, or has not the newest schema."""


def _sqlite_file(url: str) -> Path | None:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in {None, "", ":memory:"}:
        return None
    return Path(str(parsed.database))


def must_be_ready(url: str) -> None:
    """Raise DatabaseNotReady where the service cannot work with the database as it is."""
    with reaching(url):
        file = _sqlite_file(url)
        # Asking SQLite would make an empty file, which then stands in the way.
        ready = at_head(url) if file is None or file.exists() else False
    if not ready:
        raise DatabaseNotReady("the database has not the newest tables; run `fardplan db upgrade` first")


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Turn what a driver raises inside into DatabaseNotReady, with words that hold no password."""
    try:
        make_url(url).get_dialect()
        yield
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError) as error:
        raise DatabaseNotReady(
            "FARDPLAN_DATABASE_URL is no database URL; give sqlite:///FILE or postgresql+psycopg://…"
        ) from error
    except sa.exc.DBAPIError as error:
        said = " ".join(str(error.orig).split())[:300]
        raise DatabaseNotReady(f"the database cannot be used: {said}") from error
