"""The office, on each database; and on SQLite alone where the database does not matter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.catalogue import Catalogue
from tests.service import office as offices
from tests.service.office import Office


@pytest.fixture(scope="session")
def processes() -> Catalogue:
    """The real processes, loaded once."""
    return offices.catalogue()


@pytest.fixture
def office(database_url: str, processes: Catalogue) -> Iterator[Office]:
    """A small office on SQLite, then on PostgreSQL."""
    with offices.open_office(database_url, processes) as made:
        yield made


@pytest.fixture
def desk(sqlite_url: str, processes: Catalogue) -> Iterator[Office]:
    """A small office on SQLite."""
    with offices.open_office(sqlite_url, processes) as made:
        yield made


@pytest.fixture
def timed(database_url: str, processes: Catalogue) -> Iterator[Office]:
    """A small office with its test clock on."""
    with offices.open_office(database_url, processes, test_clock=True) as made:
        yield made
