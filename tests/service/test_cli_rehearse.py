"""`fardplan rehearse`: what it prints where, and how it ends (0 nothing found, 1 found, 2 misused)."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from engine.rehearsing.report import read_report
from tests.engine.rehearsed import REVIEWS, changed
from tests.service.office import Office
from tests.service.roads import Run

STRICTER = ('"requested", "under_review", by=(Role.REVIEWER,)', '"requested", "under_review", by=(Role.HEAD,)')


@pytest.fixture
def run(run: Run, desk: Office) -> Run:
    """Run `fardplan rehearse` on an office in which a review was taken."""
    desk.step("reviewer", desk.review(), "take")
    return partial(run, "rehearse")


def test_a_file_that_changes_nothing_ends_well(run: Run, tmp_path: Path) -> None:
    done = run(str(changed(tmp_path, REVIEWS)))
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("Eligibility review: eligibility_review.py, version 2, held against version 1\n")
    assert "2 step(s)" in done.stdout
    assert done.stdout.endswith("Nothing was found: past and open cases would go on as they do.\n")


def test_what_is_found_is_told_in_words_and_ends_with_one(run: Run, tmp_path: Path) -> None:
    done = run(str(changed(tmp_path, REVIEWS, STRICTER)))
    assert done.exit_code == 1
    assert "Past steps that would have been refused: 1" in done.stdout
    assert "Take: This is done by: head of department. 1 time(s) in 1 case(s): REV-2027-0001 (event 2)" in done.stdout
    assert "head@STAT: Take (step:take:under_review), 1 open case(s)" in done.stdout
    assert "changed in steps: Take (done by)" in done.stdout


def test_stuck_cases_and_deadlines_are_told_with_what_to_do(run: Run, tmp_path: Path) -> None:
    away = ('"under_review"', '"looked_at"')
    done = run(str(changed(tmp_path, REVIEWS, away, ('"decision_days", 4', '"decision_days", 5'))))
    assert "REV-2027-0001 (Under review): Version 2 has no status" in done.stdout
    assert "To do: Write in the file’s migration where the status goes" in done.stdout
    longer = run(str(changed(tmp_path, REVIEWS, ('"answer_days", 3', '"answer_days", 4'))))
    assert "REV-2027-0001, Answer to admissions: 2027-01-14 -> 2027-01-15" in longer.stdout


def test_as_json_it_says_the_same(run: Run, tmp_path: Path) -> None:
    done = run(str(changed(tmp_path, REVIEWS, STRICTER)), "--json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert (told["ok"], told["counts"]["refused"], told["refused"][0]["code"]) == (False, 1, "not_your_role")
    assert read_report(done.stdout).cases == 1


def test_a_report_is_kept_beside_the_file(run: Run, tmp_path: Path) -> None:
    path = changed(tmp_path, REVIEWS, STRICTER)
    done = run(str(path), "--keep", "--json")
    kept = tmp_path / "eligibility_review.rehearsal.json"
    assert f"kept in {kept}" in done.stderr
    assert read_report(kept.read_text(encoding="utf-8")) == read_report(done.stdout)
    assert sorted(each.suffix for each in tmp_path.iterdir() if "eligibility" in each.name) == [".json", ".py"]


def test_a_file_that_does_not_load_is_found_wrong(run: Run, tmp_path: Path) -> None:
    done = run(str(changed(tmp_path, REVIEWS, ('initial="requested"', 'initial="nowhere"'))))
    assert done.exit_code == 1
    assert "nowhere" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", [("missing.py",), ("x.py", "--years", "-1"), ()])
def test_what_cannot_be_understood_is_misused(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2
