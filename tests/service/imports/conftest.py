"""A small university, on each database; and on SQLite alone where the database does not matter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.catalogue import Catalogue
from tests.service.lists import Lists, open_lists


@pytest.fixture
def lists(database_url: str, processes: Catalogue, tmp_path: Path) -> Iterator[Lists]:
    """A small university on SQLite, then on PostgreSQL."""
    with open_lists(database_url, processes, tmp_path) as made:
        yield made


@pytest.fixture
def light(sqlite_url: str, processes: Catalogue, tmp_path: Path) -> Iterator[Lists]:
    """A small university on SQLite."""
    with open_lists(sqlite_url, processes, tmp_path) as made:
        yield made
