"""Both universities, once a worker, and the state machine of the description."""

from __future__ import annotations

from functools import partial

import pytest

from engine.catalogue import Catalogue
from tests.databases import Databases
from tests.fuzzing import described
from tests.fuzzing.playing import stage
from tests.fuzzing.universities import Universities
from tests.service.office import catalogue


@pytest.fixture(scope="session")
def processes() -> Catalogue:
    """The real processes, loaded once."""
    return catalogue()


@pytest.fixture(scope="session")
def made(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, processes: Catalogue
) -> Universities:
    """Both universities on SQLite."""
    file = tmp_path_factory.mktemp("universities") / "universities.db"
    return Universities.make(databases.sqlite(file), file, processes)


@pytest.fixture(scope="session")
def opened(made: Universities, processes: Catalogue) -> described.Opened:
    """Opens a stage over a fresh copy of them."""
    return partial(stage, made, processes)


@pytest.fixture(scope="session")
def walking(opened: described.Opened) -> described.Walking:
    """The state machine of the description; takes seconds to make."""
    return described.machine(opened)
