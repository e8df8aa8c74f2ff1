"""The commands of the seals: the key, checkpoints, proofs; and the tick that seals by itself."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.signing import open_checkpoint, open_note, read_keys
from engine.catalogue import Catalogue
from engine.merkle import leaf_hash, verify_consistency, verify_inclusion
from engine.model import NewPerson, Open, Request
from service.cli_seals import for_demo
from service.compose import House, build
from service.scheduler import Ticks
from service.settings import Settings, SettingsWrong
from tests.service.roads import Run

pytestmark = pytest.mark.usefixtures("nothing_around")
ORIGIN = "umu.se/fardplan"


def reviews(house: House, count: int) -> list[str]:
    """Open so many reviews; their numbers."""
    found = []
    for number in range(count):
        ask = Open(
            "eligibility_review", "umu.se", NewPerson("Ola", f"ola{number}@x.se", "sv"), {"course": "Statistik A"}
        )
        case = house.cases.step(Request("umu.se", ask, "import")).case
        assert case is not None
        found.append(case.number)
    return found


@pytest.fixture
def office(run: Run, house: House) -> House:
    """A house with a unit, three reviews and a key."""
    done = run("person", "add", "Anna@umu.se", "--name", "Anna Berg", "--role", "officer@umu.se")
    assert done.exit_code == 0, done.output
    reviews(house, 3)
    assert run("audit-key", "new").exit_code == 0
    return house


# The key.


def test_a_new_key_tells_its_public_half_and_puts_it_where_auditors_look(run: Run) -> None:
    done = run("audit-key", "new")
    (key,) = read_keys(Path("audit/audit-key.pub").read_text())
    assert (done.exit_code, done.stdout, key.name) == (0, f"{key.line}\n", ORIGIN)
    assert "keep a copy of it" in done.stderr
    assert Path("audit-key.pem").stat().st_mode & 0o777 == 0o600


def test_a_key_is_never_written_over(run: Run) -> None:
    run("audit-key", "new")
    before = Path("audit-key.pem").read_bytes()
    done = run("audit-key", "new")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "there is a key already" in done.stderr
    assert Path("audit-key.pem").read_bytes() == before


def test_a_rotated_key_is_handed_over_in_the_checkpoint_folder(run: Run) -> None:
    run("audit-key", "new")
    told = json.loads(run("audit-key", "rotate", "--json").stdout)
    old, new = read_keys(Path("audit/audit-key.pub").read_text())
    note = Path(f"audit/key-handover-{new.id.hex()}.txt").read_text()
    assert (told["line"], told["id"]) == (new.line, new.id.hex())
    assert open_note(note, [old]) == f"{ORIGIN}/key-handover\n{new.line}\n"
    assert Path(f"audit-key-{old.id.hex()}.pem").is_file()


def test_there_is_nothing_to_rotate_without_a_key(run: Run) -> None:
    done = run("audit-key", "rotate")
    assert (done.exit_code, "there is no key" in done.stderr) == (1, True)
    assert not Path("audit").exists()


# Checkpoints.


def test_a_checkpoint_seals_everything_and_stands_in_the_checkpoint_folder(run: Run, office: House) -> None:
    told = json.loads(run("checkpoint", "--json").stdout)
    note = Path(f"audit/checkpoint-{told['size']}.txt").read_text()
    found = open_checkpoint(note, read_keys(Path("audit/audit-key.pub").read_text()))
    assert (found.origin, found.size, told["note"], told["wrong"]) == (ORIGIN, told["sealed"], note, [])
    assert office.sealing.check("umu.se", outside=[found]).wrong is None
    assert office.sealing.waiting("umu.se") == 0


def test_a_second_checkpoint_of_the_same_history_is_the_first(run: Run, office: House) -> None:
    first = run("checkpoint")
    assert first.stdout.startswith(f"{office.sealing.latest('umu.se').size} events sealed; checkpoint of ")  # type: ignore[union-attr]  # there is one
    again = run("checkpoint")
    assert again.exit_code == 0
    assert again.stdout.startswith("0 events sealed; checkpoint of ")
    assert len(list(Path("audit").glob("checkpoint-*.txt"))) == 1


def test_without_a_key_no_checkpoint_is_made(run: Run, house: House) -> None:
    done = run("checkpoint")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "there is no key to sign with" in done.stderr


def test_an_office_without_cases_has_nothing_to_seal(run: Run) -> None:
    run("audit-key", "new")
    assert run("checkpoint").stdout == "there is nothing to seal yet\n"
    assert json.loads(run("checkpoint", "--json").stdout)["size"] == 0


def test_a_folder_that_holds_another_history_is_found_before_anything_is_signed(run: Run, office: House) -> None:
    run("checkpoint")
    (mine,) = Path("audit").glob("checkpoint-*.txt")
    mine.rename("audit/checkpoint-999.txt")
    reviews(office, 1)
    Path("audit/checkpoint-999.txt").write_text(
        Path("audit/checkpoint-999.txt").read_text().replace("\n3\n", "\n999\n")
    )
    done = run("checkpoint")
    assert done.exit_code == 1
    assert "put back to an older state" in done.stderr


def test_a_place_that_fails_is_named_and_the_others_are_served(
    run: Run, office: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FARDPLAN_AUDIT_WEBHOOK", "http://127.0.0.1:9/in")
    monkeypatch.setenv("FARDPLAN_AUDIT_MAIL", "auditor@umu.se, second@umu.se")
    done = run("checkpoint")
    assert done.exit_code == 1
    assert "webhook: the web address could not be reached" in done.stderr
    assert len(list(Path("mailbox").glob("*.eml"))) == 2
    assert len(list(Path("audit").glob("checkpoint-*.txt"))) == 1


def test_a_web_address_that_is_none_stops_the_start_without_being_told(sqlite_url: str, processes: Catalogue) -> None:
    settings = Settings.read(database_url=sqlite_url, audit_webhook="ftp://secret")
    with pytest.raises(SettingsWrong, match="FARDPLAN_AUDIT_WEBHOOK") as raised:
        build(settings, catalogue=processes)
    assert "secret" not in str(raised.value)


# Proofs.


def test_the_proof_between_two_checkpoints_can_be_checked(run: Run, office: House) -> None:
    old = json.loads(run("checkpoint", "--json").stdout)["size"]
    reviews(office, 2)
    new = json.loads(run("checkpoint", "--json").stdout)["size"]
    told = json.loads(run("checkpoint", "--prove", str(old), str(new)).stdout)
    roots = [bytes.fromhex(told[each]["root"]) for each in ("old", "new")]
    hashes = [bytes.fromhex(each) for each in told["hashes"]]
    assert verify_consistency(old, roots[0], new, roots[1], hashes)


def test_a_case_is_proved_to_be_in_the_newest_checkpoint(run: Run, office: House) -> None:
    (number,) = reviews(office, 1)
    run("checkpoint")
    told = json.loads(run("checkpoint", "--case", number).stdout)
    assert [each["sequence"] for each in told["events"]] == list(range(1, len(told["events"]) + 1))
    for each in told["events"]:
        path, leaf = [bytes.fromhex(hash_) for hash_ in each["hashes"]], leaf_hash(bytes.fromhex(each["hash"]))
        assert verify_inclusion(leaf, each["leaf"], told["size"], path, bytes.fromhex(told["root"]))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--prove", "1", "2"], "no checkpoint of 1 events was signed"),
        (["--case", "EB-1999-0001"], "there is no case EB-1999-0001"),
    ],
)
def test_what_cannot_be_proved_is_said_in_a_sentence(run: Run, office: House, words: list[str], said: str) -> None:
    done = run("checkpoint", *words)
    assert (done.exit_code, done.stdout, said in done.stderr) == (2, "", True)


# By itself.


def test_a_tick_seals_and_publishes_what_is_new(office: House) -> None:
    ticks = Ticks(office)
    sealed = ticks.seals()
    assert sealed == office.sealing.latest("umu.se").size  # type: ignore[union-attr]  # there is one
    assert Path(f"audit/checkpoint-{sealed}.txt").is_file()
    assert ticks.seals() == 0


def test_a_tick_without_a_key_does_nothing_and_says_so_once(house: House, caplog: pytest.LogCaptureFixture) -> None:
    ticks = Ticks(house)
    with caplog.at_level(logging.WARNING):
        assert [ticks.seals() for _ in range(3)] == [0, 0, 0]
    assert [record.message for record in caplog.records] == ["not_sealed"]
    assert not Path("audit").exists()


def test_a_demo_makes_its_own_key_once(sqlite_url: str) -> None:
    settings = Settings.read(database_url=sqlite_url, environment="demo")
    for_demo(settings, anew=True)
    before = Path("audit-key.pem").read_bytes()
    for_demo(settings, anew=True)
    assert Path("audit-key.pem").read_bytes() == before
    assert not Path("audit-1").exists()


def test_a_demo_that_begins_anew_leaves_the_checkpoints_of_the_one_before_aside(run: Run, office: House) -> None:
    run("checkpoint")
    settings = office.settings
    for_demo(settings, anew=False)
    assert list(Path("audit").glob("checkpoint-*.txt")) != []
    for_demo(settings, anew=True)
    assert (Path("audit").exists(), len(list(Path("audit-1").glob("checkpoint-*.txt")))) == (False, 1)


def test_a_tick_that_may_not_seal_says_why_once(office: House, caplog: pytest.LogCaptureFixture) -> None:
    ticks = Ticks(office)
    Path("audit-key.pem").write_text("no key any more")
    with caplog.at_level(logging.ERROR):
        assert [ticks.seals(), ticks.seals()] == [0, 0]
    (record,) = caplog.records
    assert "cannot be read" in record.__dict__["why"]


def test_a_tick_names_the_event_it_will_not_seal(office: House, caplog: pytest.LogCaptureFixture) -> None:
    with office.store.writes() as connection:
        connection.execute(sa.text("UPDATE event SET previous = hash"))
    ticks = Ticks(office)
    with caplog.at_level(logging.ERROR):
        ticks.seals()
        ticks.seals()
    assert {record.__dict__["sequence"] for record in caplog.records} == {1}
    assert len(caplog.records) == len({record.__dict__["case"] for record in caplog.records})
