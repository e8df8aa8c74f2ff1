"""Event logs on the command line: every format, what is chosen, and the check over Parquet."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from adapters.eventlogs import read_objects, read_traces
from engine.catalogue import Catalogue
from engine.model import NewPerson, Open, Request
from service.compose import House
from tests.service.roads import Run


@pytest.fixture
def run(run: Run, monkeypatch: pytest.MonkeyPatch, processes: Catalogue) -> Run:
    """Run a command on a database in which there is an institution with somebody in it."""
    monkeypatch.setattr("service.cli_logs.load_catalogue", lambda _: processes)
    assert run("person", "add", "anna@umu.se", "--name", "Anna", "--role", "officer@umu.se").exit_code == 0
    return run


@pytest.fixture
def house(run: Run, house: House) -> House:
    """The house, with two reviews."""
    for name in ("Ola", "Åsa"):
        ask = Open("eligibility_review", "umu.se", NewPerson(name, f"{name}@x.se", "sv"), {"course": "Statistik A"})
        house.cases.step(Request("umu.se", ask, "import"))
    return house


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz", "log.csv"])
def test_a_log_is_written_and_read_back(run: Run, house: House, name: str) -> None:
    done = run("history", "export", "--format", name.split(".")[1], name)
    assert (done.exit_code, done.stdout) == (0, f"{name}: 2 cases, 2 events\n")
    assert [trace.names for trace in read_traces(Path(name))] == [("opened",), ("opened",)]
    assert b"Ola" not in Path(name).read_bytes()


@pytest.mark.parametrize("name", ["log.jsonocel", "log.xmlocel", "log.sqlite"])
def test_ocel_is_written_in_the_form_its_name_tells(run: Run, house: House, name: str) -> None:
    assert run("history", "export", "--format", "ocel2", name).exit_code == 0
    log = read_objects(Path(name))
    assert {each.type for each in log.objects()} == {"case:eligibility_review", "person", "unit"}


def test_options_choose_cases_and_let_facts_go_along(run: Run, house: House) -> None:
    assert "0 cases" in run("history", "export", "--format", "xes", "--workflow", "agreement", "a.xes").stdout
    assert "0 cases" in run("history", "export", "--format", "xes", "--until", "2020-01-01", "a.xes").stdout
    assert (
        "2 cases"
        in run("history", "export", "--format", "csv", "--since", "2020-01-01", "--with-facts", "a.csv").stdout
    )
    assert "Statistik A" in Path("a.csv").read_text(encoding="utf-8")
    first = next(read_traces(Path("a.csv"))).case
    assert "1 cases" in run("history", "export", "--format", "xes", "a.xes", first).stdout


def test_parquet_is_legal_until_somebody_changes_it(run: Run, house: House) -> None:
    done = run("history", "export", "--format", "parquet", "log.parquet", "--json")
    assert json.loads(done.stdout)["events"] == 2
    assert run("history", "legality", "log.parquet").stdout == "2 case(s), 2 event(s): all legal\n"
    duckdb.sql("COPY (SELECT * REPLACE ('done' AS to_state) FROM 'log.parquet') TO 'bad.parquet'")
    done = run("history", "legality", "bad.parquet", "--json")
    assert done.exit_code == 1
    wrong = json.loads(done.stdout)["first_wrong"]
    assert (wrong["sequence"], wrong["what"]) == (1, "opened does not lead from the beginning to done")
    assert "WRONG at event 1" in run("history", "legality", "bad.parquet").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["export", "--format", "xml", "a"], "there is no format 'xml'"),
        (["export", "--format", "ocel2", "a.txt"], "let the name end in .jsonocel"),
        (["export", "--format", "xes", "--workflow", "nothing", "a"], "there is no workflow 'nothing'"),
        (["export", "--format", "xes", "--since", "soon", "a"], "'soon' is no day"),
        (["export", "--format", "jsonl", "--with-facts", "a"], "not with jsonl"),
        (["export", "--format", "ocel2", "--with-facts", "a.sqlite"], "facts go along in XES and CSV"),
        (["export", "--format", "parquet", "--with-facts", "a"], "facts go along in XES and CSV"),
        (["legality", "nowhere.parquet"], "there is no file nowhere.parquet"),
    ],
)
def test_what_cannot_be_done_is_said_and_ends_with_two(run: Run, words: list[str], said: str) -> None:
    done = run("history", *words)
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_file_that_is_no_parquet_is_said_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("hello")
    done = run("history", "legality", "a.parquet")
    assert done.exit_code == 1
    assert "cannot be read as Parquet" in done.stderr
