"""Going over to tables whose rows lie under their key loses nothing, and going back does not either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from engine.tables import Table
from tests.engine.lives import lived
from tests.engine.store.test_derived import copy, migrate, unmigrated

KEYED = {"institution": "u.example", "fingerprint": "f"}
KEYS: Mapping[str, Mapping[str, Any]] = {
    "idempotency": {"party": "ann", "key": "k1", "case_id": "c1", "sequence": 1, "at": 1},
    "natural_key": {"kind": "partner", "key": "S LUND01", "target": "p1"},
}
LISTED = "SELECT name, sql FROM sqlite_master WHERE tbl_name IN ('deadline', 'outbox', 'event_detail') ORDER BY name"


@dataclass(frozen=True)
class Older:
    """A database of the schema before, that has lived, and by its side the rows it was given."""

    url: str
    engine: sa.Engine
    rows: dict[str, list[Any]]

    def now(self) -> dict[str, list[Any]]:
        with self.engine.connect() as connection:
            return rows_of(connection)

    def says(self, statement: str) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.exec_driver_sql(statement))


def rows_of(connection: sa.Connection) -> dict[str, list[Any]]:
    """All rows of all tables that the schema has, in the order of their keys."""
    there = set(sa.inspect(connection).get_table_names())
    tables = {name: table for name, table in Table.metadata.tables.items() if name in there}
    ordered = {name: ", ".join(column.name for column in table.primary_key) for name, table in tables.items()}
    return {
        name: list(connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY {keys}"))
        for name, keys in ordered.items()
    }


@pytest.fixture
def older(database_url: str, tmp_path: Path) -> Iterator[Older]:
    with lived(database_url) as life, unmigrated(database_url, tmp_path) as url:
        migrate(url, "0006")
        engine = sa.create_engine(url)
        with life.house.store.engine.connect() as source, engine.begin() as target:
            copy(source, target)
            for name, own in KEYS.items():
                target.execute(Table.metadata.tables[name].insert(), {**KEYED, **own})
            rows = rows_of(target)
        yield Older(url, engine, rows)
        engine.dispose()


def downgrade(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.files("engine") / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.downgrade(config, revision)


def test_every_row_is_there_after_going_over_and_after_going_back(older: Older) -> None:
    assert all(older.rows[name] for name in ("event", "event_detail", "deadline", "outbox", *KEYS))

    migrate(older.url, "0007")
    assert older.now() == older.rows

    downgrade(older.url, "0006")
    assert older.now() == older.rows


def test_going_back_and_over_again_leaves_the_same_tables_and_indexes(older: Older) -> None:
    said = LISTED if older.engine.dialect.name == "sqlite" else "SELECT indexdef FROM pg_indexes ORDER BY indexdef"
    before = older.says(said)
    migrate(older.url, "0007")
    over = older.says(said)
    downgrade(older.url, "0006")
    assert sorted(older.says(said)) == sorted(before) != over
    migrate(older.url, "0007")
    assert sorted(older.says(said)) == sorted(over)


def test_cases_are_still_found_by_their_words_and_units_after_going_over(older: Older) -> None:
    migrate(older.url, "0007")
    with older.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE case_record SET search = 'quite another', unit = 'elsewhere'")
    lines = [" ".join(words.split()) for (words,) in older.says("SELECT words FROM case_words")]
    assert [line for line in lines if "quite another" not in line] == []
    assert {own for (own,) in older.says("SELECT own FROM case_reach")} <= {"elsewhere"}


def test_going_over_is_done_wholly_or_not_at_all(sqlite_url: str, tmp_path: Path) -> None:
    with unmigrated(sqlite_url, tmp_path) as url:
        migrate(url, "0006")
        engine = sa.create_engine(url)
        with engine.begin() as connection:
            # The last of them cannot be made: its place is taken.
            connection.exec_driver_sql("CREATE TABLE natural_key_before (x)")
            before = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all()
        with pytest.raises(sa.exc.OperationalError, match="already"):
            migrate(url, "0007")
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT name, sql FROM sqlite_master ORDER BY name").all() == before
        engine.dispose()
