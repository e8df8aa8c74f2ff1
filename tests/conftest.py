"""Fixtures that every test may ask for: databases, empty but migrated, one a test.

`database_url` runs a test on both kinds; `sqlite_url` and `postgresql_url` name one. Set
FARDPLAN_TEST_DATABASE_URL to use a PostgreSQL of your own instead of one started for the run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

from tests.databases import Databases

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

DATABASES = pytest.StashKey[Databases]()

# A shared machine is slow by fits and starts, which is no fault of the code under test.
_UNHURRIED = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.register_profile("default", _UNHURRIED)
# In CI the same tree gives the same answer twice; new examples are sought at the desk.
hypothesis.settings.register_profile("ci", _UNHURRIED, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") == "true" else "default")


def pytest_configure(config: pytest.Config) -> None:
    """Make the run's folder, and remove it at the end with what was started in it.

    A worker of pytest-xdist takes the folder it was handed and leaves it standing.
    """
    # The tests ask nobody but the loopback, which a proxy that the machine may have must not come between.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"
    handed = getattr(config, "workerinput", None)
    if handed:
        config.stash[DATABASES] = Databases(Path(handed["folder"]), handed["given"])
    else:
        config.stash[DATABASES] = made = Databases.make()
        config.add_cleanup(made.close)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Hand the run's folder to a worker before it starts."""
    databases = node.config.stash[DATABASES]
    node.workerinput |= {"folder": str(databases.folder), "given": databases.given}


@pytest.fixture(scope="session")
def databases(pytestconfig: pytest.Config) -> Databases:
    """Where fresh databases come from, for tests that need more than one."""
    return pytestconfig.stash[DATABASES]


@pytest.fixture
def sqlite_url(databases: Databases, tmp_path: Path) -> str:
    """A migrated SQLite database in the test's own folder."""
    return databases.sqlite(tmp_path / "fardplan.db")


@pytest.fixture
def postgresql_url(databases: Databases) -> Iterator[str]:
    """A migrated PostgreSQL database; it goes when the test ends."""
    with databases.postgresql() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each kind of database in turn: one contract, two ways to keep it."""
    return str(request.getfixturevalue(f"{request.param}_url"))
