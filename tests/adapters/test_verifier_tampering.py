"""Single random changes to an export: every one is found, where it was made wherever that can be told.

More of them, and to the database as well: `python -m tests.tampering --changes 10000`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.databases import Databases
from tests.exports import Archive, archived
from tests.tampering import LINES, Export, tamper_with_database, tamper_with_export

SEEDS = (*range(220), 26454)
"""Some of them, and those that were once named in another place than where they were made."""

DATABASE_SEEDS = (*range(30), 6547, 6587)
"""Some of them, and those that once went by unseen."""


@pytest.fixture(scope="module")
def archive(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("archive")
    with archived(databases.sqlite(folder / "fardplan.db"), folder) as made:
        yield made


@pytest.fixture(scope="module")
def export(archive: Archive) -> Export:
    other = archive.papers("other.jsonl", only=(archive.life.stay,))
    return Export(archive.papers(), other)


def test_every_change_of_an_export_is_found_where_it_was_made(export: Export, tmp_path: Path) -> None:
    outcomes = [tamper_with_export(export, tmp_path, seed) for seed in SEEDS]
    assert [(seed, done) for seed, done in zip(SEEDS, outcomes, strict=True) if not done.right] == []
    assert len({done.change.kind for done in outcomes}) == len(LINES) + len(("older as new", "checkpoint altered"))
    assert export.papers.fault() is None


@settings(max_examples=40)
@given(seed=st.integers(min_value=10_000, max_value=10**9))
def test_so_are_those_of_other_seeds(export: Export, seed: int) -> None:
    done = tamper_with_export(export, export.papers.export.parent, seed)
    assert done.right, done


def test_every_change_of_the_database_is_found_where_it_was_made(archive: Archive) -> None:
    before = archive.house.dump()
    outcomes = [(seed, tamper_with_database(archive, seed)) for seed in DATABASE_SEEDS]
    assert [(seed, done) for seed, done in outcomes if not done.right] == []
    assert archive.house.dump() == before
