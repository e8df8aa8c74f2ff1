"""`fardplan history`: exports that the verifier takes, and what a check of the database finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.verifier import main as verify
from engine.model import Comment, NewPerson, Open, Request
from service.compose import House
from tests.engine.house import local
from tests.service.roads import Run


@pytest.fixture
def run(run: Run, house: House) -> Run:
    """Run a command on a database with two reviews, in a folder of its own."""
    assert run("person", "add", "olga@umu.se", "--name", "Olga", "--role", "officer@umu.se").exit_code == 0
    _reviews(house)
    return run


def _reviews(house: House) -> None:
    with house.store.reads() as connection:
        olga = connection.execute(sa.text("SELECT id FROM person")).scalar_one()
    for number in range(2):
        student = NewPerson(f"Stina {number}", f"stina{number}@example.org", "sv")
        opened = house.cases.step(
            Request("umu.se", Open("eligibility_review", "umu.se", student, {"course": "Statistik A"}, ()), "import")
        )
        house.cases.step(Request("umu.se", Comment("seen"), olga, case=opened.case_id))


def number_of(run: Run) -> str:
    """The number of the first case."""
    run("history", "export", "first.jsonl")
    heads = [json.loads(line) for line in Path("first.jsonl").read_bytes().splitlines() if line.startswith(b'{"head"')]
    return str(heads[0]["head"]["number"])


def test_without_a_key_it_says_how_to_make_one(run: Run) -> None:
    done = run("history", "export", "x.jsonl")
    assert (done.exit_code, Path("x.jsonl").exists()) == (1, False)
    assert "make one: fardplan audit-key new" in done.stderr


def test_an_export_seals_first_and_the_verifier_takes_it(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("audit-key", "new")
    done = run("history", "export", "x.jsonl", "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["events"], report["cases"], report["checkpoint"]) == (0, 4, 2, 4)
    papers = ["x.jsonl", "--checkpoint", "audit/checkpoint-4.txt", "--key", "audit/audit-key.pub"]
    assert verify(papers) == 0
    assert capsys.readouterr().out.startswith("RIGHT: 4 events of 2 cases of umu.se, the whole history")


def test_one_case_can_be_exported_by_its_number(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("audit-key", "new")
    done = run("history", "export", "one.jsonl", number_of(run))
    assert (done.exit_code, "2 events" in done.stdout) == (0, True)
    assert verify(["one.jsonl", "--checkpoint", "audit/checkpoint-4.txt", "--key", "audit/audit-key.pub"]) == 0
    assert "a part of the history (4 events in all)" in capsys.readouterr().out


def test_unknown_cases_and_formats_are_misuse(run: Run) -> None:
    run("audit-key", "new")
    unknown, strange = run("history", "export", "x", "OUT-1"), run("history", "export", "x", "--format", "doc")
    assert (unknown.exit_code, strange.exit_code, Path("x").exists()) == (2, 2, False)
    assert ("there is no case OUT-1" in unknown.stderr, "jsonl" in strange.stderr) == (True, True)


def test_a_database_as_it_was_written_holds(run: Run) -> None:
    run("audit-key", "new")
    run("checkpoint")
    done = run("history", "verify", "--checkpoint", "audit/checkpoint-4.txt", "--json")
    found = json.loads(done.stdout)
    assert (done.exit_code, found["ok"], found["events"], found["sealed"], found["outside_checkpoints"]) == (
        0, True, 4, 4, 1,
    )  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET party = 'x' WHERE sequence = 2",
        "UPDATE event_detail SET nonce = zeroblob(16) WHERE sequence = 2",
        "DELETE FROM event_detail WHERE sequence = 2",
        "UPDATE case_record SET state = 'decided'",
        "UPDATE deadline SET status = 'nonsense'",
        "UPDATE checkpoint SET note = replace(note, 'umu', 'umv')",
        "DELETE FROM seal_run WHERE first_leaf = 0",
    ],
)
def test_what_was_changed_around_the_engine_is_found(run: Run, sqlite_url: str, statement: str) -> None:
    run("audit-key", "new")
    run("checkpoint")
    engine = sa.create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()
    done = run("history", "verify")
    assert (done.exit_code, done.stdout.startswith("WRONG: ")) == (1, True)


def test_a_checkpoint_that_was_not_signed_is_wrong_and_one_that_is_not_there_misuse(run: Run) -> None:
    run("audit-key", "new")
    run("checkpoint")
    text = Path("audit/checkpoint-4.txt").read_text("utf-8")
    Path("forged.txt").write_text(text.replace("\n4\n", "\n3\n"), "utf-8")
    assert run("history", "verify", "--checkpoint", "forged.txt").exit_code == 1
    assert run("history", "verify", "--checkpoint", "none.txt").exit_code == 2


def test_a_failed_export_leaves_what_was_there(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run("audit-key", "new")
    run("history", "export", "x.jsonl")
    before = Path("x.jsonl").read_bytes()
    monkeypatch.setattr("engine.exporting.event_line", lambda _: 1 / 0)
    assert run("history", "export", "x.jsonl").exit_code == 1
    assert (Path("x.jsonl").read_bytes(), Path("x.jsonl.part").exists()) == (before, False)


def test_an_instant_of_the_export_is_the_machines(run: Run) -> None:
    """The test clock moves cases, not the instant at which an export was made."""
    run("audit-key", "new")
    run("history", "export", "x.jsonl")
    header = json.loads(Path("x.jsonl").read_bytes().splitlines()[0])
    assert header["exported_at"] > local("2026-01-01 00:00").timestamp()
