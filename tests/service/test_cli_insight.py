"""Reports for internal audit and insight into processes, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.reports.index import REPORTS
from tests.service.office import Office
from tests.service.roads import Run


@pytest.fixture
def run(run: Run, desk: Office) -> Run:
    """Run a command on the office's own database, with a review in it that was found eligible."""
    case = desk.step("reviewer", desk.review(), "take")
    desk.step("reviewer", case, "find_eligible", fields={"no_conflict_of_interest": True})
    return run


def test_a_report_is_printed_with_the_events_behind_each_line(run: Run) -> None:
    done = run("report", "conflicts")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0] == "REV-2027-0001/3"
    assert "  Declared: no conflict" in done.stdout


def test_a_report_is_json_for_programs(run: Run) -> None:
    told = json.loads(run("report", "conflicts", "--since", "2027-01-11", "--json").stdout)
    assert told["filter"] == {"since": "2027-01-11"}
    (line,) = told["lines"]
    assert line["values"]["declared"] == {"sv": "inget jäv", "en": "no conflict"}
    assert [(event["number"], event["sequence"]) for event in line["events"]] == [("REV-2027-0001", 3)]


def test_a_report_is_written_as_csv(run: Run, tmp_path: Path) -> None:
    done = run("report", "conflicts", "--csv", "out.csv")
    assert (done.exit_code, done.stdout) == (0, "")
    head, line = (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()
    assert head.split(";")[-1] == "Events"
    assert line.split(";")[-1] == "REV-2027-0001/3"
    assert run("report", "conflicts", "--csv", "-").stdout.removeprefix("\ufeff").splitlines() == [head, line]


def test_days_units_and_processes_narrow(run: Run) -> None:
    for narrowing in (["--until", "2027-01-10"], ["--unit", "HIST"], ["--workflow", "agreement"]):
        done = run("report", "conflicts", *narrowing)
        assert (done.exit_code, done.stdout) == (0, "")
    assert run("report", "conflicts", "--unit", "umu.se").stdout


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_can_be_had(run: Run, name: str) -> None:
    assert json.loads(run("report", name, "--json").stdout)["report"] == name


@pytest.mark.parametrize(
    "words",
    [
        ("report", "nothing"), ("report", "conflicts", "--unit", "nowhere"), ("report", "conflicts", "--since", "soon"),
        ("report", "conflicts", "--kind", "x"), ("report", "conflicts", "--json", "--csv", "x.csv"),
        ("insight", "nothing"), ("insight", "--unit", "nowhere"), ("insight", "--until", "soon"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_misuse(run: Run, words: tuple[str, ...]) -> None:
    done = run(*words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("fardplan: ")


def test_insight_tells_ways_and_waiting_in_words(run: Run) -> None:
    done = run("insight", "eligibility_review")
    assert done.exit_code == 0
    assert "Eligibility review: 1 case(s), 1 different way(s), 0 with rework" in done.stdout
    assert "1 (100.0 %): Received for review > Under review > Eligible" in done.stdout


def test_insight_is_json_for_programs(run: Run) -> None:
    (process,) = json.loads(run("insight", "--since", "2027-01-11", "--json").stdout)["processes"]
    assert (process["workflow"], process["cases"], process["different_ways"]) == ("eligibility_review", 1, 1)
    assert process["ways"][0]["states"] == ["Received for review", "Under review", "Eligible"]


def test_a_period_without_cases_says_so(run: Run) -> None:
    done = run("insight", "--until", "2026-01-01", "--unit", "STAT")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "no case was opened in that period\n")
