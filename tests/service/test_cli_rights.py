"""`fardplan rights`: who may do what, as a table for people and as JSON for programs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.catalogue import Catalogue
from tests.security import declared
from tests.service.roads import Run, told

ROOT = Path(__file__).parents[2]


def test_the_table_names_every_step_and_marks_who_takes_it(run: Run, processes: Catalogue) -> None:
    shown = run("rights", "outgoing_exchange").stdout
    for transition in processes.current("outgoing_exchange").workflow.transitions:
        assert transition.label.en[:40] in shown
    head, rows = shown.splitlines()[1], shown.splitlines()[2:]
    lends = next(row for row in rows if "Lend the place" in row or "lend" in row.lower())
    assert lends[head.index("coordinator")] == "l"
    assert "x: in the case's unit or above" in shown


@pytest.mark.parametrize("language", ["sv", "en"])
def test_conditions_stand_below_in_words(run: Run, language: str) -> None:
    shown = run("rights", "eligibility_review", "--language", language).stdout
    said = {"sv": "inte den som gjorde ”Föreslå obehörig”", "en": "not whoever did “Propose ineligible”"}
    assert said[language] in shown


def test_without_a_name_every_process_is_told_and_a_wrong_name_is_refused(run: Run, processes: Catalogue) -> None:
    assert [each["name"] for each in told(run("rights", "--json"))["workflows"]] == list(processes.names)
    done = run("rights", "nothing")
    assert (done.exit_code, "there is no workflow 'nothing'" in done.stderr) == (2, True)


def test_the_table_says_what_the_declaration_does(run: Run, processes: Catalogue) -> None:
    for table in told(run("rights", "--json"))["workflows"]:
        workflow = processes.current(table["name"]).workflow
        given = {name: {each["role"] for each in row["by"]} for row in table["rights"] if (name := row["name"])}
        assert given["read"] == declared.READS
        assert given["note"] == declared.CASEWORK
        assert given["open"] == {str(getattr(each, "role", each)) for each in workflow.opened_by}
        assert given["correct"] == {str(getattr(each, "role", each)) for each in workflow.corrected_by}
        steps = [row for row in table["rights"] if row["from"]]
        assert len(steps) == len(workflow.transitions)
        for row in steps:
            alike = [each for each in workflow.transitions if each.trigger == row["name"]]
            (step,) = [each for each in alike if set(each.sources) == set(row["from"])]
            roles = {str(getattr(each, "role", each)) for each in step.by}
            expected = roles | (declared.ENTERS if roles & declared.OUTSIDE else set())
            assert {each["role"] for each in row["by"]} == expected


def test_whoever_reads_the_table_may_go_in_the_middle(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from service.cli import main; main()", "rights"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FARDPLAN_DATABASE_URL": f"sqlite:///{tmp_path}/none.db"}
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(program, env=environment, cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE)  # noqa: PLW1510 - its code is looked at
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")
