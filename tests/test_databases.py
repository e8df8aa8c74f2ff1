"""The databases that other tests stand on: fresh, apart from each other, and gone afterwards."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import psycopg
import pytest

from tests.databases import Databases, conninfo, sibling_url, start_postgresql


def prepare(url: str) -> None:
    """Stand in for the migration: one table, and a word of it in the log of calls beside the template."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE step (what TEXT)")
        with path.with_name("calls").open("a") as calls:
            calls.write("prepared\n")
    else:
        execute(url, "CREATE TABLE step (what TEXT)")


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def own() -> Iterator[Databases]:
    """A run within the run, with the stand-in for the migration."""
    made = Databases.make()
    databases = Databases(made.folder, made.given, prepare)
    yield databases
    databases.close()


def copy_sqlite(folder: Path, target: Path) -> None:
    Databases(folder, prepare=prepare).sqlite(target)


def test_what_one_test_writes_to_sqlite_no_other_sees(own: Databases, tmp_path: Path) -> None:
    own.sqlite(tmp_path / "one.db")
    with closing(sqlite3.connect(tmp_path / "one.db")) as one, one:
        one.execute("INSERT INTO step VALUES ('submit')")
    own.sqlite(tmp_path / "two.db")
    with closing(sqlite3.connect(tmp_path / "two.db")) as two:
        assert two.execute("SELECT * FROM step").fetchall() == []


def test_processes_that_come_together_migrate_one_template(own: Databases, tmp_path: Path) -> None:
    spawn = get_context("spawn")
    workers = [spawn.Process(target=copy_sqlite, args=(own.folder, tmp_path / f"{n}.db")) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert (own.folder / "calls").read_text() == "prepared\n"


def test_a_failed_migration_is_tried_again_by_the_next(own: Databases, tmp_path: Path) -> None:
    def fail(url: str) -> None:
        raise ValueError(url)

    with pytest.raises(ValueError, match="sqlite"):
        Databases(own.folder, prepare=fail).sqlite(tmp_path / "one.db")
    assert own.sqlite(tmp_path / "two.db") == f"sqlite:///{tmp_path / 'two.db'}"


def test_two_postgresql_databases_are_apart_and_go_even_while_in_use(own: Databases) -> None:
    with own.postgresql() as one:
        with own.postgresql() as two:
            execute(one, "INSERT INTO step VALUES ('submit')")
            assert execute(two, "SELECT * FROM step") == []
            forgotten = psycopg.connect(conninfo(two))
        with pytest.raises(psycopg.OperationalError):
            forgotten.execute("SELECT 1")
        forgotten.close()
        assert execute(one, "SELECT * FROM step") == [("submit",)]


def test_closing_leaves_no_folder_and_no_server() -> None:
    made = Databases.make()
    databases = Databases(made.folder, made.given, prepare)
    with databases.postgresql() as url:
        assert execute(url, "SELECT 1") == [(1,)]
    databases.close()
    assert not databases.folder.exists()


def test_a_durable_server_waits_for_the_disk_and_keeps_its_data_over_a_restart() -> None:
    with tempfile.TemporaryDirectory(prefix="fardplan_") as made:
        folder = Path(made) / "server"
        Path(made).chmod(0o711)
        with start_postgresql(folder, durable=True) as url:
            assert execute(url, "SHOW fsync") + execute(url, "SHOW synchronous_commit") == [("on",), ("on",)]
            execute(url, "CREATE DATABASE kept")
        with start_postgresql(folder, durable=True) as url:
            assert execute(sibling_url(url, "kept"), "SELECT current_database()") == [("kept",)]


def test_postgresql_folds_swedish_letters_and_tells_time_in_utc(own: Databases) -> None:
    with own.postgresql() as url:
        assert execute(url, "SELECT lower('ÅÄÖ'), current_setting('timezone')") == [("åäö", "UTC")]


def test_starting_a_server_opens_no_folder_to_others() -> None:
    with tempfile.TemporaryDirectory(prefix="fardplan_") as made:
        folder, closed = Path(made), Path(made) / "closed"
        folder.chmod(0o711)
        closed.mkdir(mode=0o700)
        watched = (Path("/"), folder.parent, folder, closed, Path(__file__).parent)
        before = [path.stat().st_mode for path in watched]
        with start_postgresql(folder / "server"):
            assert [path.stat().st_mode for path in watched] == before
