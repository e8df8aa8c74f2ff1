"""Whole walks through the real workflows, taken again in batches, leave the very same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa

from engine.batching import Result
from engine.model import Outcome, Request
from engine.store.ledger import Ledger
from engine.store.store import Store
from engine.tables import Table
from tests.databases import Databases
from tests.engine.house import CountedIds
from tests.workflows.fitting import prepare
from tests.workflows.town import CATALOGUE, Town
from tests.workflows.walking import walk_along

Asked = tuple[datetime, Request]
SEEDS = {name: tuple(Random(f"{name}{n}").randrange(1 << 30) for n in range(25)) for name in CATALOGUE.names}


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    prepare()


@contextmanager
def town(databases: Databases, target: Path) -> Iterator[Town]:
    with closing(Store(databases.sqlite(target))) as store:
        made = Town(store, name="walks.se")
        made.cases.ids = CountedIds()
        yield made


def recorded(town: Town) -> list[Asked]:
    """Notes every request from now on, whoever makes it, with the instant."""
    asked: list[Asked] = []
    step, steps_in = town.cases.step, town.cases.steps_in

    def noted_step(request: Request) -> Outcome:
        asked.append((town.clock.at, request))
        return step(request)

    def noted_steps(ledger: Ledger, requests: Sequence[Request]) -> list[Result]:
        asked.extend((town.clock.at, request) for request in requests)
        return steps_in(ledger, requests)

    cases: Any = town.cases
    cases.step, cases.steps_in = noted_step, noted_steps
    return asked


def rows(town: Town) -> dict[str, list[str]]:
    with town.store.reads() as connection:
        return {
            name: sorted(repr(tuple(row)) for row in connection.execute(sa.select(table)))
            for name, table in Table.metadata.tables.items()
        }


@pytest.mark.parametrize("workflow", CATALOGUE.names)
def test_a_walk_taken_again_in_batches_leaves_the_same_rows(
    databases: Databases, tmp_path: Path, workflow: str
) -> None:
    with town(databases, tmp_path / "alone.db") as alone, town(databases, tmp_path / "together.db") as together:
        asked = recorded(alone)
        walk_along(alone, workflow, SEEDS[workflow])
        for at, same in groupby(asked, key=lambda each: each[0]):
            together.clock.at = at
            together.cases.steps([request for _, request in same])
        assert len(asked) > 10
        assert rows(together) == rows(alone)
