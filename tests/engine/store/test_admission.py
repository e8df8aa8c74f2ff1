"""One release at a time: who does not know the schema does not write, and nobody changes it under another."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from engine.errors import ReadOnly
from engine.store import admission
from engine.store.admission import DatabaseInUse, DatabaseNotReady
from engine.store.migrate import newest, schema_of, upgrade
from engine.store.ready import must_be_ready
from engine.store.store import Store
from engine.tables import Table
from tests.engine.house import INSTITUTION, House, open_house
from tests.engine.lives import lived
from tests.engine.recovered import over
from tests.engine.store.test_derived import copy, unmigrated
from tests.engine.versions import replay_of

NEWEST = newest()
RELEASED = sorted(
    path.name.partition("_")[0]
    for path in (Path(admission.__file__).parents[1] / "migrations" / "versions").glob("0*.py")
)


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    with open_house(database_url) as made:
        yield made


def run(url: str, statement: str) -> None:
    """Change the database beside every process of ours, as a newer release's upgrade does."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def url_of(house: House) -> str:
    return house.store.url.render_as_string(hide_password=False)


@contextmanager
def of_schema(url: str, schema: str) -> Iterator[None]:
    run(url, f"UPDATE alembic_version SET version_num = '{schema}'")
    yield
    run(url, f"UPDATE alembic_version SET version_num = '{NEWEST}'")


# Starting.


@pytest.mark.parametrize(
    ("schema", "words"), [("0001", "fardplan db upgrade"), ("9999", "newer than this release knows")]
)
def test_nothing_starts_on_a_schema_it_does_not_know(database_url: str, schema: str, words: str) -> None:
    with of_schema(database_url, schema), pytest.raises(DatabaseNotReady, match=words) as refused:
        must_be_ready(database_url)
    assert schema in str(refused.value)


def test_a_database_without_tables_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotReady, match="db upgrade"):
        must_be_ready(f"sqlite:///{tmp_path}/none.db")
    assert not (tmp_path / "none.db").exists()


# Side by side.


def test_an_old_process_takes_no_step_in_a_database_that_was_upgraded(sqlite_url: str) -> None:
    with open_house(sqlite_url) as house:
        case = house.open()
        before = house.dump()
        with of_schema(sqlite_url, "9999"):
            with pytest.raises(DatabaseNotReady, match="newer"):
                house.take(case, "propose", note="ready")
            with pytest.raises(DatabaseNotReady), house.store.writes(beside=True):
                pytest.fail("let in")
        assert house.dump() == before
        house.take(case, "propose", note="ready")


def test_an_old_process_that_finds_no_more_what_it_reads_says_why(sqlite_url: str) -> None:
    with open_house(sqlite_url) as house:
        run(sqlite_url, "ALTER TABLE token RENAME TO key_of_a_program")
        with pytest.raises(sa.exc.OperationalError), house.store.reads() as connection:
            connection.execute(sa.text("SELECT * FROM token"))
        with of_schema(sqlite_url, "9999"):
            with pytest.raises(DatabaseNotReady, match="newer"), house.store.reads() as connection:
                connection.execute(sa.text("SELECT * FROM token"))
            with pytest.raises(DatabaseNotReady, match="newer"), house.store.asks() as driver:
                driver.execute("SELECT * FROM token")


def test_an_old_process_is_not_let_in_again_on_postgresql(postgresql_url: str) -> None:
    with open_house(postgresql_url) as house:
        house.open()
        house.store.engine.dispose()
        house.store._steps.dispose()
        with of_schema(postgresql_url, "9999"):
            with pytest.raises(DatabaseNotReady, match="newer"):
                house.open()
            with pytest.raises(DatabaseNotReady), house.store.reads():
                pytest.fail("let in")
        house.open()


def test_tables_are_not_changed_under_a_process_on_postgresql(postgresql_url: str, tmp_path: Path) -> None:
    with unmigrated(postgresql_url, tmp_path) as url:
        upgrade(url, to=RELEASED[-2])
        with psycopg.connect(plain(url), autocommit=True) as process:
            process.execute("SELECT pg_advisory_lock_shared(%s)", (admission.IN_USE,))
            with pytest.raises(DatabaseInUse, match="fardplan serve"):
                upgrade(url)
            assert schema_of(url) == RELEASED[-2]
        upgrade(url)
        assert schema_of(url) == NEWEST


def test_whoever_works_with_a_database_says_so_as_long_as_it_does(postgresql_url: str) -> None:
    with psycopg.connect(plain(postgresql_url), autocommit=True) as other:

        def asks() -> object:
            return (other.execute("SELECT pg_try_advisory_lock(%s)", (admission.IN_USE,)).fetchone() or (False,))[0]

        with open_house(postgresql_url) as house:
            house.open()
            with pytest.raises(DatabaseInUse):
                admission.be_alone(asks)
        admission.be_alone(asks)


def test_nobody_comes_in_while_tables_are_changed(postgresql_url: str) -> None:
    with psycopg.connect(plain(postgresql_url), autocommit=True) as upgrading:
        upgrading.execute("SELECT pg_advisory_lock(%s)", (admission.IN_USE,))
        with closing(Store(postgresql_url)) as store, pytest.raises(DatabaseNotReady, match="just now"), store.reads():
            pytest.fail("let in")


def plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


# Read only.


def test_a_store_that_only_reads_changes_nothing_but_what_is_noted_beside(house: House) -> None:
    case = house.open()
    with closing(Store(url_of(house), read_only=True)) as store:
        assert store.rests()
        before = house.dump()
        for opened in (store.step, store.transaction, store.writes):
            with pytest.raises(ReadOnly), opened():
                pytest.fail("let in")
        with store.reads() as connection:
            assert connection.execute(Table.metadata.tables["case_record"].select()).first() is not None
        with store.writes(beside=True) as connection:
            connection.execute(sa.text("SELECT 1"))
    assert (house.dump(), house.kinds(case)) == (before, ["opened"])


# Upgrading.


@pytest.mark.parametrize("schema", RELEASED)
def test_an_upgrade_from_every_schema_keeps_every_history(database_url: str, tmp_path: Path, schema: str) -> None:
    with lived(database_url) as life, unmigrated(database_url, tmp_path) as url:
        upgrade(url, to=schema)
        target = sa.create_engine(url)
        with life.house.store.engine.connect() as source, target.begin() as old:
            copy(source, old)
        target.dispose()
        upgrade(url)
        must_be_ready(url)
        with over(url, life.house.clock.at) as post:
            verdicts = list(replay_of(post.house).all(INSTITUTION))
            assert len(verdicts) == 3
            assert [verdict for verdict in verdicts if not verdict.ok] == []
            post.house.open()


@pytest.mark.parametrize("breaks", ["case_reach", "natural_key_before"])
def test_an_upgrade_that_fails_half_way_leaves_nothing_behind(sqlite_url: str, tmp_path: Path, breaks: str) -> None:
    with unmigrated(sqlite_url, tmp_path) as url:
        upgrade(url, to="0001")
        run(url, f"CREATE TABLE {breaks} (x)")
        before = schema(tmp_path / "old.db")
        with pytest.raises(sa.exc.OperationalError, match="already"):
            upgrade(url)
        assert (schema(tmp_path / "old.db"), schema_of(url)) == (before, "0001")
        run(url, f"DROP TABLE {breaks}")
        upgrade(url)
        assert schema_of(url) == NEWEST


def schema(file: Path) -> list[Any]:
    """Everything a SQLite file declares."""
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY 1, 2").fetchall()


@pytest.mark.parametrize("schema_then", ["0004", "0005", "0006"])
def test_a_database_put_together_without_figures_is_upgraded(
    sqlite_url: str, tmp_path: Path, schema_then: str
) -> None:
    with unmigrated(sqlite_url, tmp_path) as url:
        upgrade(url, to=schema_then)
        with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
            connection.execute("DROP TABLE sqlite_stat1")
        upgrade(url)
        with closing(sqlite3.connect(tmp_path / "old.db")) as connection:
            told = {row[0] for row in connection.execute("SELECT idx FROM sqlite_stat1")}
        assert {"0004": "ix_case_record_due", "0005": "ix_case_reach_unit", "0006": "ix_outbox_waiting"}[
            schema_then
        ] in told


def test_an_upgrade_says_nothing_where_there_is_nothing_to_do(house: House) -> None:
    house.open()
    upgrade(url_of(house))
    house.open()
