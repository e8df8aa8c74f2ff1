"""The replay command: the whole house, up to a time, over several processes, quickly, or from an export."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.store.event_rows import all_events
from engine.store.unpacking_rows import organisation_rows
from tests.service.office import INSTITUTION, Office
from tests.service.roads import Run, command_line, told


@pytest.fixture
def run(desk: Office, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    return command_line(desk, sqlite_url, monkeypatch, tmp_path)


@pytest.fixture
def number(desk: Office) -> str:
    """A review that was asked for and taken up; its number."""
    return str(desk.step("reviewer", desk.review(), "take")["number"])


def export(desk: Office, path: Path) -> Path:
    """What of an export a replay needs."""
    lines: list[object] = [{"fardplan": "history/1", "institution": INSTITUTION}]
    store = desk.house.store
    lines += [
        {"definition": each.hash, "workflow": each.name, "version": each.version} for each in desk.house.catalogue.now
    ]
    lines += [{"organisation": {"table": name, "row": row}} for name, row in organisation_rows(store, INSTITUTION)]
    with store.reads() as connection:
        for event in all_events(connection, INSTITUTION):
            lines.append({"hash": event.hash, "previous": event.previous, "body": json.loads(event.raw)})
            if event.detail is not None and event.nonce is not None:
                lines.append({"nonce": event.nonce.hex(), "detail": json.loads(event.detail)})
        rows = connection.execute(sa.text("SELECT id, number FROM case_record"))
        lines += [{"head": {"case": row[0], "number": row[1]}} for row in rows]
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


def test_facts_are_shown_as_they_then_were(run: Run, number: str) -> None:
    then = told(run("replay", number, "--until", "1", "--facts", "--json"))["cases"][0]["then"]
    now = run("replay", number, "--facts").stdout

    assert (then["state"], then["version"], then["facts"]["course"]) == ("requested", 1, "Statistik A")
    assert "  under_review, after event 2 of 2027-01-11 09:00 UTC\n" in now
    assert "  course: Statistik A\n" in now


def test_a_case_that_was_not_yet_has_no_facts(run: Run, number: str) -> None:
    assert told(run("replay", number, "--until", "2020-01-01", "--facts", "--json"))["cases"][0]["then"] is None


def test_several_processes_find_the_same_in_the_same_order(run: Run, number: str) -> None:
    one, two = (run("replay", "--all", "--json", "--processes", count).stdout for count in ("1", "2"))

    assert one == two
    assert [case["number"] for case in json.loads(two)["cases"]] == [number]


def test_a_quick_walk_tells_what_it_walked(run: Run, number: str) -> None:
    assert number
    assert run("replay", "--all", "--quick").stdout == "1 case(s), 2 event(s) walked: 0 case(s) wrong\n"


def test_a_quick_walk_names_the_first_misstep(run: Run, desk: Office, number: str) -> None:
    with desk.house.store.writes() as connection:
        connection.execute(sa.text("UPDATE event SET to_state = 'eligible' WHERE sequence = 2"))
    done = run("replay", "--all", "--quick")

    assert done.exit_code == 1
    assert f"{number}: WRONG at event 2: take does not lead from requested to eligible" in done.stdout
    assert told(run("replay", "--all", "--quick", "--json"))["wrong"][0]["sequence"] == 2


def test_an_export_replays_where_there_is_no_database(
    run: Run, desk: Office, number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = export(desk, tmp_path / "history.jsonl")
    monkeypatch.setenv("FARDPLAN_DATABASE_URL", f"sqlite:///{tmp_path / 'nowhere.db'}")

    assert run("replay", number, "--export", str(path)).stdout.startswith(f"{number}: 2 event(s) replayed\n")
    assert told(run("replay", "--all", "--export", str(path), "--processes", "2", "--json"))["ok"]
    assert run("replay", "--all", "--quick", "--export", str(path)).exit_code == 0
    assert not (tmp_path / "nowhere.db").exists()


def test_an_export_that_was_changed_is_found(run: Run, desk: Office, number: str, tmp_path: Path) -> None:
    path = export(desk, tmp_path / "history.jsonl")
    path.write_text(path.read_text(encoding="utf-8").replace("Statistik A", "Statistik B"), encoding="utf-8")
    done = run("replay", "--all", "--export", str(path))

    assert done.exit_code == 1
    assert f"{number}: WRONG at event 1: the detail is not the one that was committed to" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--quick"], "name the cases to replay, or give --all"),
        (["--all", "--quick", "--until", "3"], "--quick goes with --all, and with neither"),
        (["--all", "--export", "nowhere.jsonl"], "nowhere.jsonl cannot be read"),
        (["--all", "--until", "2027-01-01T00:00:00"], "give the instant with its time zone"),
    ],
)
def test_a_call_that_makes_no_sense_is_told_why(run: Run, words: list[str], said: str) -> None:
    done = run("replay", *words)

    assert (done.exit_code, said in done.stderr) == (2, True)


def test_an_export_under_a_process_nobody_has_is_refused(run: Run, desk: Office, number: str, tmp_path: Path) -> None:
    path = export(desk, tmp_path / "history.jsonl")
    known = desk.house.catalogue.current("eligibility_review").hash
    path.write_text(path.read_text(encoding="utf-8").replace(known, "0" * 64), encoding="utf-8")
    done = run("replay", number, "--export", str(path))

    assert done.exit_code == 2
    assert "lay the file it was made with into past/eligibility_review_1.py" in done.stderr


def test_an_export_without_the_organisation_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text(json.dumps({"fardplan": "history/1", "institution": INSTITUTION}) + "\n")

    assert "the export holds no organisation" in run("replay", "--all", "--export", str(path)).stderr
