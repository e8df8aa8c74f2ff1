"""The office, on each database, and on SQLite alone where the database does not matter; the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.catalogue import Catalogue
from service.compose import House, build
from service.settings import Settings
from tests.service import office as offices
from tests.service.office import Office
from tests.service.roads import Run, alone, fardplan


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


@pytest.fixture
def nothing_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting from outside, and a working folder of the test's own."""
    alone(monkeypatch, tmp_path)


@pytest.fixture
def run(nothing_around: None, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, processes: Catalogue) -> Run:
    """Run a command in this process, on a migrated SQLite database."""
    monkeypatch.setenv("FARDPLAN_DATABASE_URL", sqlite_url)
    monkeypatch.setattr("service.compose.load_catalogue", lambda _: processes)
    return fardplan


@pytest.fixture
def house(nothing_around: None, sqlite_url: str, processes: Catalogue) -> Iterator[House]:
    """The house on the same database, to look at what a command did."""
    with closing(build(Settings.read(database_url=sqlite_url), catalogue=processes)) as made:
        yield made
