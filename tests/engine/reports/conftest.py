"""The whole cast of the journeys, for reports about what they did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.catalogue import Catalogue
from tests.journeys.office import Office, open_office
from tests.service import office as offices


@pytest.fixture(scope="session")
def processes() -> Catalogue:
    """The real processes, loaded once."""
    return offices.catalogue()


@pytest.fixture
def office(database_url: str, processes: Catalogue) -> Iterator[Office]:
    """The cast, on SQLite, then on PostgreSQL."""
    with open_office(database_url, processes) as made:
        yield made


@pytest.fixture
def desk(sqlite_url: str, processes: Catalogue) -> Iterator[Office]:
    """The cast, on SQLite alone."""
    with open_office(sqlite_url, processes) as made:
        yield made
