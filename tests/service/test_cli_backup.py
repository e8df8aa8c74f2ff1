"""`fardplan backup` and `fardplan restore`: what is typed on the day something was lost, and what is answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from engine.tokens import Caller
from tests.engine.recovered import tools_first
from tests.engine.store.test_derived import unmigrated
from tests.service.office import MONDAY, Office, Still
from tests.service.roads import LATER, Run, alone, fardplan, told


@pytest.fixture
def lost(office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Office:
    """An office with a case in hand, and a command line that works on its database."""
    alone(monkeypatch, tmp_path)
    tools_first(monkeypatch)
    monkeypatch.setenv("FARDPLAN_INSTITUTION", "umu.se")
    monkeypatch.setattr("service.compose.load_catalogue", lambda _: office.house.catalogue)
    monkeypatch.setattr("service.compose.SystemClock", lambda: Still(LATER))
    office.step("reviewer", office.review(), "take")
    use(monkeypatch, url_of(office))
    return office


@pytest.fixture
def empty(database_url: str, tmp_path: Path) -> Iterator[str]:
    with unmigrated(database_url, tmp_path) as url:
        yield url


def url_of(office: Office) -> str:
    return office.house.store.url.render_as_string(hide_password=False)


def use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Let commands work on this database from now on."""
    monkeypatch.setenv("FARDPLAN_DATABASE_URL", url)


def asked(url: str, question: str) -> list[Any]:
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = list(connection.exec_driver_sql(question).scalars())
    engine.dispose()
    return found


def test_the_way_back_as_it_is_typed(lost: Office, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = fardplan("backup", "b", "--json")
    assert (made.exit_code, told(made)["cases"], told(made)["sha256"]) == (0, 1, told_of("b")["sha256"])
    use(monkeypatch, empty)
    done = fardplan("restore", "b", "--json")
    assert (done.exit_code, told(done)["noted"], told(done)["finished"]) == (0, 1, True)
    assert fardplan("replay", "--all").exit_code == 0
    assert asked(empty, "SELECT count(*) FROM event WHERE kind = 'restored'") == [1]
    assert asked(empty, "SELECT state FROM outbox WHERE state = 'waiting'") == []
    listed = told(fardplan("restore", "--list", "--json"))
    assert listed["set_aside"] == len(asked(empty, "SELECT id FROM outbox WHERE state = 'dead'")) > 0
    again = fardplan("restore", "--resume")
    assert (again.exit_code, "nothing to finish" in again.stderr) == (1, True)


def told_of(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(Path(f"{name}.json").read_text("utf-8"))
    return read


def test_the_words_say_what_was_done_and_what_is_left_to_do(
    lost: Office, empty: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = fardplan("backup", "b")
    assert made.stdout.startswith("b: 1 case(s), 2 event(s), the newest of 2027-01-11T09:00:00.000000Z, schema ")
    use(monkeypatch, empty)
    done = fardplan("restore", "b")
    assert done.stdout.startswith("1 open case(s) note it; ")
    for word in ("restore --list", "FARDPLAN_SECRET_KEY", "FARDPLAN_CHECKPOINT_FOLDER"):
        assert word in done.stderr
    listed = fardplan("restore", "--list")
    assert listed.stdout.splitlines()[0].startswith("REV-2027-0001: ")


def test_nobody_is_signed_in_after_a_restore(lost: Office, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lost.house.sessions.begin(Caller("umu.se", lost.ids["reviewer"]))
    fardplan("backup", "b")
    use(monkeypatch, empty)
    fardplan("restore", "b")
    assert asked(empty, "SELECT count(*) FROM session") == [0]


def test_a_database_that_has_rows_is_refused_with_what_to_do(lost: Office, database_url: str) -> None:
    fardplan("backup", "b")
    lost.house.store.close()
    before = lost.tables()
    done = fardplan("restore", "b")
    assert (done.exit_code, "FARDPLAN_DATABASE_URL" in done.stderr) == (2, True)
    lost.house.store.close()
    assert lost.tables() == before


@pytest.mark.parametrize("words", [(), ("b", "--resume"), ("--resume", "--list")])
def test_one_thing_is_asked_for_at_a_time(run: Run, words: tuple[str, ...]) -> None:
    assert run("restore", *words).exit_code == 2


@pytest.mark.parametrize(("words", "said"), [
    (("restore", "none"), "none cannot be read"),
    (("backup", "no/such/folder/b"), "there is no folder"),
])  # fmt: skip
def test_what_is_not_there_is_named(run: Run, words: tuple[str, ...], said: str) -> None:
    done = run(*words)
    assert (done.exit_code, said in done.stderr) == (2, True)


def test_a_restore_into_a_database_that_may_only_be_read_is_refused(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FARDPLAN_READ_ONLY", "true")
    done = run("restore", "b")
    assert (done.exit_code, "FARDPLAN_READ_ONLY" in done.stderr) == (2, True)


def test_a_command_that_changes_something_is_refused_while_all_is_read_only(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FARDPLAN_READ_ONLY", "true")
    done = run("person", "add", "a@example.org", "--name", "A", "--role", "officer@umu.se")
    assert (done.exit_code, "FARDPLAN_READ_ONLY" in done.stderr) == (1, True)


def test_where_the_programs_of_postgresql_are_missing_it_says_what_to_install(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    alone(monkeypatch, tmp_path)
    use(monkeypatch, postgresql_url)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("engine.store.backup_postgresql._DEBIAN", tmp_path)
    done = fardplan("backup", "b")
    assert (done.exit_code, "apt install postgresql-client" in done.stderr) == (2, True)
    assert list(tmp_path.glob("b*")) == []


def test_the_gap_is_listed_by_case(lost: Office, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fardplan("backup", "b")
    use(monkeypatch, empty)
    fardplan("restore", "b")
    found = told(fardplan("restore", "--list", "--json"))["passed_by"]
    assert {each["number"] for each in found} == {"REV-2027-0001"}
    assert all(MONDAY < datetime.fromisoformat(each["due_at"]) < LATER for each in found)
