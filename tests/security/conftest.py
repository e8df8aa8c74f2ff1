"""The university, on SQLite: rights are decided above the database, and tests of the engine try both kinds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.catalogue import Catalogue
from tests.security.university import University, university
from tests.service import office as offices
from tests.service.office import Office


@pytest.fixture(scope="session")
def processes() -> Catalogue:
    """The real processes, loaded once."""
    return offices.catalogue()


@pytest.fixture
def place(sqlite_url: str, processes: Catalogue) -> Iterator[University]:
    """A university with somebody for every role, and no cases yet."""
    with university(sqlite_url, processes) as made:
        yield made


@pytest.fixture
def desk(sqlite_url: str, processes: Catalogue) -> Iterator[Office]:
    """The small office of the service's tests."""
    with offices.open_office(sqlite_url, processes) as made:
        yield made
