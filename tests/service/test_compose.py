"""The house is built in one place, and not at all where something would be wrong in it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.folder import FolderChannel
from adapters.memory import MemoryChannel
from adapters.smtp import SmtpChannel
from adapters.system import SystemClock
from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.errors import WorkflowInvalid
from engine.keeping import DefinitionMissing
from engine.model import NewPerson, Open, Request
from engine.store.ready import DatabaseNotReady
from engine.testclock import TestClock
from service.compose import FOLDER, House, build, load_catalogue
from service.settings import Settings, SettingsWrong
from tests.engine.examples import defined, keys, loan
from tests.engine.registry import UMU, StandingClock

LOANS = Catalogue((defined(),))


def settings(url: str, **more: object) -> Settings:
    return Settings.read(database_url=url, institution=UMU, environment="test", **more)


def with_a_case(house: House) -> None:
    """One case of whatever the house's only workflow is."""
    with house.directory.change(UMU, by="installation", what="start") as change:
        change.root()
    (name,) = house.catalogue.names
    house.cases.step(Request(UMU, Open(name, UMU, NewPerson("Ola", "ola@x.se", "sv"), {}), "import"))


def test_the_house_holds_the_workflows_that_come_along(database_url: str) -> None:
    house = build(settings(database_url))
    expected = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert set(house.catalogue.names) == expected
    assert (house.ticker.tick(), house.outbox.deliver()) == (0, 0)
    house.close()


def test_every_definition_is_kept_with_the_text_of_its_file(sqlite_url: str) -> None:
    build(settings(sqlite_url)).close()
    house = build(settings(sqlite_url))
    with house.store.reads() as connection:
        rows = connection.execute(sa.text("SELECT name, hash, source FROM definition")).all()
    assert {row.hash for row in rows} == {house.catalogue.current(name).hash for name in house.catalogue.names}
    assert all(row.source == (FOLDER / f"{row.name}.py").read_text() for row in rows)
    house.close()


def test_a_folder_of_ones_own_stands_beside_what_comes_along(sqlite_url: str, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "key_loan.py").write_text(
        "from tests.engine.examples import loan\n\n\ndef declare():\n    return loan(name='key_loan')\n"
    )
    house = build(settings(sqlite_url, workflows=own))
    assert {"key_loan", "agreement"} <= set(house.catalogue.names)
    house.close()


def test_a_folder_that_is_not_there_is_named(sqlite_url: str) -> None:
    with pytest.raises(SettingsWrong, match="FARDPLAN_WORKFLOWS: there is no folder"):
        build(settings(sqlite_url, workflows=Path("nowhere")))


def test_a_wrong_file_stops_the_start(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def declare(:\n")
    with pytest.raises(WorkflowInvalid, match=r"broken\.py:1: is not Python"):
        load_catalogue(settings(sqlite_url, workflows=tmp_path))


def test_a_case_whose_file_has_gone_stops_the_start_with_its_name_hash_and_count(database_url: str) -> None:
    house = build(settings(database_url), catalogue=LOANS)
    with_a_case(house)
    house.close()
    with pytest.raises(DefinitionMissing) as missing:
        build(settings(database_url), catalogue=Catalogue((defined(keys()),)))
    (lost,) = missing.value.orphans
    assert (lost.workflow, lost.hash, lost.cases, lost.version) == ("loan", defined().hash, 1, 1)
    assert str(missing.value) == lost.words
    assert "put the replaced file back as past/loan_1.py" in lost.words


def test_a_replaced_file_that_is_kept_lets_the_house_start(sqlite_url: str) -> None:
    house = build(settings(sqlite_url), catalogue=LOANS)
    with_a_case(house)
    house.close()
    newer: Definition = defined(loan(version=2, prefix="NYCKEL"))
    build(settings(sqlite_url), catalogue=Catalogue((newer,), (defined(),))).close()


def test_a_database_without_tables_is_refused_and_no_file_is_made(tmp_path: Path) -> None:
    with pytest.raises(DatabaseNotReady, match="fardplan db upgrade"):
        build(settings(f"sqlite:///{tmp_path / 'new.db'}"), catalogue=LOANS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql+psycopg://me:hush@127.0.0.1:1/no", "the database cannot be used: "),
        ("mongodb://x", "FARDPLAN_DATABASE_URL is no database URL"),
        ("nonsense", "FARDPLAN_DATABASE_URL is no database URL"),
    ],
)
def test_a_database_that_cannot_be_used_is_said_without_its_password(url: str, words: str) -> None:
    with pytest.raises(DatabaseNotReady, match=words) as refused:
        build(settings(url), catalogue=LOANS)
    assert "hush" not in str(refused.value)


def test_the_clock_is_the_one_that_was_asked_for(sqlite_url: str) -> None:
    standing = StandingClock()
    plain = build(settings(sqlite_url), catalogue=LOANS)
    held = build(settings(sqlite_url, test_clock=True), catalogue=LOANS)
    given = build(settings(sqlite_url, test_clock=True), catalogue=LOANS, clock=standing)
    assert isinstance(plain.clock, SystemClock)
    assert isinstance(held.clock, TestClock)
    assert given.clock is given.cases.clock is given.outbox.clock is standing
    assert [house.mover is not None for house in (plain, held, given)] == [False, True, False]
    for house in (plain, held, given):
        house.close()


def test_mail_goes_to_the_server_or_into_the_folder(sqlite_url: str, tmp_path: Path) -> None:
    folder = build(settings(sqlite_url, mailbox=tmp_path / "post"), catalogue=LOANS)
    server = build(settings(sqlite_url, smtp_url="smtp://mail.umu.se"), catalogue=LOANS)
    memory = build(settings(sqlite_url), catalogue=LOANS, channel=MemoryChannel())
    kinds = [type(house.outbox.channel) for house in (folder, server, memory)]
    assert kinds == [FolderChannel, SmtpChannel, MemoryChannel]
    for house in (folder, server, memory):
        house.close()


def test_a_mail_server_that_cannot_be_understood_is_said_without_its_password(sqlite_url: str) -> None:
    with pytest.raises(SettingsWrong, match="FARDPLAN_SMTP_URL") as wrong:
        build(settings(sqlite_url, smtp_url="gopher://me:hush@mail"), catalogue=LOANS)
    assert "hush" not in str(wrong.value)


def test_the_directory_knows_the_figures_of_every_workflow(sqlite_url: str) -> None:
    house = build(settings(sqlite_url), catalogue=LOANS)
    assert dict(house.directory.figures) == {"loan.answer_days": 3}
    house.close()


def test_a_case_run_in_the_house_is_replayed_by_it(database_url: str) -> None:
    house = build(settings(database_url), catalogue=LOANS)
    with_a_case(house)
    replay = house.replay()
    (case,) = replay.cases(UMU)
    assert replay.case(UMU, case).ok
    house.close()
