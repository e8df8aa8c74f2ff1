"""What lists read of a case's row follows from its steps, and says the same after an upgrade."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from engine.canonical import micros
from engine.store.migrate import upgrade
from engine.tables import Table
from tests.databases import administer, sibling_url
from tests.engine.house import House, local, open_house
from tests.engine.lives import lived
from tests.engine.made_by_hand import a_case, a_decision, written

DERIVED = ("entered_at", "due_at", "missed_at", "partner")
THURSDAY_ENDS = micros(local("2026-12-29 00:00"))
"""Three working days after the Monday before Christmas: the 22nd, 23rd and 28th."""


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


def derived(house: House, case: str) -> dict[str, Any]:
    (row,) = house.rows("case_record", id=case)
    return {name: row[name] for name in DERIVED}


def test_a_new_case_says_since_when_and_by_when(house: House) -> None:
    stay = house.open()
    opened = micros(house.clock.at)
    assert derived(house, stay) == {
        "entered_at": opened, "due_at": THURSDAY_ENDS, "missed_at": None, "partner": None,
    }  # fmt: skip


def test_only_another_state_is_entered_anew(house: House) -> None:
    stay = house.open()
    opened = micros(house.clock.at)
    house.clock.at = local("2026-12-22 10:00")
    house.take(stay, "take")
    assert derived(house, stay)["entered_at"] == opened
    house.take(stay, "propose", note="ready")
    assert derived(house, stay)["entered_at"] == micros(house.clock.at)


def test_what_rests_shows_no_due_date_and_what_is_met_owes_nothing(house: House) -> None:
    stay = house.open()
    house.take(stay, "ask")
    assert derived(house, stay)["due_at"] is None
    house.take(stay, "receive")
    assert derived(house, stay)["due_at"] == THURSDAY_ENDS
    house.take(stay, "propose", note="ready")
    house.take(stay, "approve", by="hedda")
    assert (derived(house, stay)["due_at"], derived(house, stay)["missed_at"]) == (None, None)


def test_what_was_missed_is_overdue_until_it_is_answered_also_while_it_rests(house: House) -> None:
    stay = house.open()
    house.climb(stay, at=local("2026-12-24 00:00"))
    house.climb(stay, at=local("2026-12-29 00:00"))
    assert derived(house, stay)["missed_at"] == derived(house, stay)["due_at"] == THURSDAY_ENDS
    house.take(stay, "ask")
    assert (derived(house, stay)["due_at"], derived(house, stay)["missed_at"]) == (None, THURSDAY_ENDS)


def test_a_case_says_which_partner_its_own_facts_name(house: House) -> None:
    written(house, a_decision(a_case(facts={"partner": "p1"}), a_case("c2", facts={"partner": {"odd": 1}})))
    assert [row["partner"] for row in house.rows("case_record")] == ["p1", None]
    written(house, a_decision(a_case(version=2, facts={}), opened=False))
    assert derived(house, "c1")["partner"] is None


@pytest.mark.parametrize("column", DERIVED)
def test_a_row_that_says_otherwise_than_its_history_is_found(sqlite_url: str, column: str) -> None:
    with lived(sqlite_url) as life:
        life.change("case_record", {column: "p9" if column == "partner" else 7}, id=life.contract)
        found = life.verdict(life.contract).first_wrong
        assert found is not None
        assert found.what == f"the case row's {column} differs from its history"


# Upgrading.


def migrate(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(resources.files("engine") / "migrations"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, revision)


@contextmanager
def unmigrated(url: str, tmp_path: Path) -> Iterator[str]:
    """An empty database of the same kind."""
    if url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'old.db'}"
        return
    name = f"old_{sa.make_url(url).database}"  # of which each test that runs beside this one has its own
    administer(url, "CREATE DATABASE {name} TEMPLATE template0", name=name)
    try:
        yield sibling_url(url, name)
    finally:
        administer(url, "DROP DATABASE {name} WITH (FORCE)", name=name)


def copy(source: sa.Connection, target: sa.Connection) -> None:
    """Carry all rows over that the older schema has tables and columns for."""
    known = set(sa.inspect(target).get_table_names())
    for name, table in Table.metadata.tables.items():
        if name not in known:
            continue
        there = {column["name"] for column in sa.inspect(target).get_columns(name)}
        every = (row._mapping for row in source.execute(table.select()))
        rows = [{key: value for key, value in row.items() if key in there} for row in every]
        if rows:
            old = sa.Table(name, sa.MetaData(), *(sa.Column(c.name, c.type) for c in table.columns if c.name in there))
            target.execute(old.insert(), rows)


def lines(connection: sa.Connection) -> list[Any]:
    """What lists and searches find cases by, in the order of the keys where they have any."""
    names = ", ".join(("id", *DERIVED))
    spoken = "SELECT case_id, words FROM case_words ORDER BY case_id"
    return [
        *connection.exec_driver_sql(f"SELECT {names} FROM case_record ORDER BY id").all(),
        *connection.exec_driver_sql(spoken).all(),
    ]


def test_an_older_database_says_the_same_once_it_is_upgraded(database_url: str, tmp_path: Path) -> None:
    with lived(database_url) as life, unmigrated(database_url, tmp_path) as url:
        resting = life.house.open(by="ann")
        life.house.climb(resting, at=local("2027-08-01 00:00"))
        life.house.climb(resting, at=local("2027-08-04 00:00"))
        life.house.take(resting, "ask")
        late = life.house.open(by="ann")
        life.house.take(late, "ask")
        migrate(url, "0002")
        source, target = life.house.store.engine, sa.create_engine(url)
        with source.connect() as lived_in, target.begin() as old:
            copy(lived_in, old)
        upgrade(url)
        with source.connect() as lived_in, target.connect() as new:
            assert lines(new) == lines(lived_in)
            assert any(row.missed_at and row.due_at is None for row in lines(new)[:5])
        target.dispose()
