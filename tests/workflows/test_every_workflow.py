"""What holds of any workflow file, without a line of test of its own (STYLE 9).

Random people, fields and times walk every file found; what must hold is held after every
act and at the end. `pytest -s` prints how often each arrow was taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.store.store import Store
from tests.databases import Databases
from tests.workflows.fitting import prepare
from tests.workflows.promises import hold_all
from tests.workflows.town import CATALOGUE, Town
from tests.workflows.walking import Arrow, Walk, distances, walk_along

LONGEST = 30
SEEDS = st.lists(st.integers(0, 1 << 30), min_size=12, max_size=LONGEST)
"""The first seed opens the case and what stands around it; each other is one act."""
ATTEMPTS = 40
TAKEN: Counter[Arrow] = Counter()
"""How often each arrow was taken in this process."""

quiet = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> Iterator[None]:
    prepare()
    yield
    for (workflow, state, trigger), count in sorted(TAKEN.items()):
        print(f"{count:6} {workflow}: {state} --{trigger}-->")


@pytest.fixture(scope="module")
def on_sqlite(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(Store(databases.sqlite(tmp_path_factory.mktemp("walks") / "walks.db"))) as store:
        yield store


@pytest.fixture(scope="module")
def on_postgresql(databases: Databases) -> Iterator[Store]:
    with databases.postgresql() as url, closing(Store(url)) as store:
        yield store


def hold(store: Store, workflow: str, seeds: list[int]) -> None:
    walk = walk_along(Town(store), workflow, seeds)
    TAKEN.update(walk.taken)
    hold_all(walk.town)


@pytest.mark.parametrize("workflow", CATALOGUE.names)
@settings(quiet, max_examples=16)
@given(seeds=SEEDS)
def test_whatever_is_done_every_promise_holds(on_sqlite: Store, workflow: str, seeds: list[int]) -> None:
    hold(on_sqlite, workflow, seeds)


@pytest.mark.parametrize("workflow", CATALOGUE.names)
@settings(quiet, max_examples=4)
@given(seeds=SEEDS)
def test_whatever_is_done_every_promise_holds_on_postgresql(
    on_postgresql: Store, workflow: str, seeds: list[int]
) -> None:
    hold(on_postgresql, workflow, seeds)


@pytest.mark.parametrize("workflow", CATALOGUE.names)
def test_every_state_can_be_reached_by_people_and_time(on_sqlite: Store, workflow: str) -> None:
    reached: set[str] = set()
    for state in CATALOGUE.current(workflow).states:
        for attempt in range(ATTEMPTS):
            if state in reached:
                break
            walk = heading(on_sqlite, workflow, state, Random(attempt))
            reached |= {found for name, found in walk.reached if name == workflow}
            TAKEN.update(walk.taken)
            hold_all(walk.town)
    assert set(CATALOGUE.current(workflow).states) - reached == set()


def heading(store: Store, workflow: str, state: str, chance: Random) -> Walk:
    """Walk from a new case towards a state, until it is there, lost, or tired."""
    walk = Walk(Town(store), workflow)
    walk.begin(chance)
    for _ in range(LONGEST):
        here = walk.state()
        if here == state or here not in distances(workflow, state):
            break
        walk.head_for(state, chance)
    return walk
