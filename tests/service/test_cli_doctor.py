"""The doctor at the command line, in the metrics, and as a regular job; over the real processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.doctor.checks import BY_NAME
from engine.doctor.shape import Promise
from engine.store import finding_rows
from service.metrics import Metrics
from service.scheduler import Ticks
from service.terminal import FOUND_WRONG
from tests.service.office import INSTITUTION, Office
from tests.service.roads import Run, command_line, told

ROOT = Path(__file__).parents[2]


@pytest.fixture
def run(desk: Office, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    return command_line(desk, sqlite_url, monkeypatch, tmp_path)


@pytest.fixture
def numbers(desk: Office) -> list[str]:
    """Two reviews, one of them taken up; their numbers."""
    taken = desk.step("reviewer", desk.review(), "take")
    return [str(taken["number"]), str(desk.review()["number"])]


def damage(desk: Office, number: str) -> None:
    """Write around the engine."""
    with desk.house.store.writes() as connection:
        connection.execute(sa.text("UPDATE case_record SET assignee = 'x' WHERE number = :number"), {"number": number})


def test_a_healthy_office_ends_well(run: Run, numbers: list[str]) -> None:
    done = run("doctor", "--deep")
    assert (done.exit_code, done.stdout) == (0, "2 case(s) looked at: nothing found\n")
    answer = told(run("doctor", "--json"))
    assert (answer["ok"], answer["cases"], answer["findings"]) == (True, len(numbers), [])


def test_what_is_found_is_told_with_what_to_do_and_ends_badly(run: Run, desk: Office, numbers: list[str]) -> None:
    damage(desk, numbers[0])
    done = run("doctor")
    check = BY_NAME["row"]
    assert done.exit_code == FOUND_WRONG
    first, second, third, last = done.stdout.splitlines()
    assert first == f"replay: {check.label.en} (row)"
    assert second.startswith(f"  {numbers[0]}: assignee; stored=x history=")
    assert third == f"  To do: {check.advice.en}"
    assert last == "2 case(s) looked at: 1 finding(s) in 1 case(s)"


def test_a_program_is_told_check_and_promise_and_words_in_both_languages(
    run: Run, desk: Office, numbers: list[str]
) -> None:
    damage(desk, numbers[0])
    (found,) = told(run("doctor", "--json"))["findings"]
    assert (found["number"], found["check"], found["promise"]) == (numbers[0], "row", "replay")
    assert found["do"] == {"sv": BY_NAME["row"].advice.sv, "en": BY_NAME["row"].advice.en}


def test_only_the_cases_named_are_looked_at(run: Run, desk: Office, numbers: list[str]) -> None:
    damage(desk, numbers[0])
    assert run("doctor", "--case", numbers[1]).exit_code == 0
    done = run("doctor", "--case", numbers[1], "--case", numbers[0], "--deep")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (1, "2 case(s) looked at: 2 finding(s) in 1 case(s)")


def test_a_case_that_is_not_there_is_a_misuse(run: Run, numbers: list[str]) -> None:
    done = run("doctor", "--case", "REV-1999-0001")
    assert (done.exit_code, done.stderr) == (2, "fardplan: there is no case REV-1999-0001\n")


def test_the_metric_counts_cases_by_promise(office: Office) -> None:
    case = office.review()
    store = office.house.store
    found = [finding_rows.Finding(case["id"], name, "linear", "", "") for name in ("gapless", "chain")]
    finding_rows.note_these(store, INSTITUTION, found, known=(), at=1)
    text = Metrics(office.house.catalogue, office.house.queries).text().decode()
    counts = {line.split('"')[1]: float(line.split()[-1]) for line in text.splitlines() if "_impossible_cases{" in line}
    assert counts == dict.fromkeys(Promise, 0.0) | {"linear": 1.0}
    assert case["number"] not in text


def test_the_regular_job_looks_in_its_turn(office: Office) -> None:
    case = office.review()
    ticks = Ticks(office.house)
    assert ticks.doctor() == 0
    damage(office, case["number"])
    assert finding_rows.counted(office.house.store) == {}
    with office.house.store.writes() as connection:
        connection.execute(sa.text("UPDATE doctor_round SET next_at = 0"))
    assert ticks.doctor() == 1
    assert finding_rows.counted(office.house.store) == {"replay": 1}
    assert ticks.doctor() == 0


def test_the_regular_job_says_in_the_log_how_many_and_no_more(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    damage(office, office.review()["number"])
    Ticks(office.house).doctor()
    (record,) = (each for each in caplog.records if each.message == "impossible_cases")
    assert (vars(record)["found"], vars(record)["cases"]) == (1, 2)


def promised() -> Iterator[str]:
    """The promises that docs/reliability.md names in its table."""
    for line in (ROOT / "docs" / "reliability.md").read_text("utf-8").splitlines():
        if line.startswith("| **"):
            yield line.split("**")[1]


def test_every_promise_and_every_check_stands_in_the_documents() -> None:
    assert {*Promise} - {*promised()} == set()
    page = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    assert [name for name in BY_NAME if f"`{name}`" not in page] == []

