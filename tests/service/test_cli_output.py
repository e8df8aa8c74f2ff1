"""What a command writes, and where: places that take no file, and terminals that lack a sign."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.service.roads import Run

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.usefixtures("nothing_around")


@pytest.mark.parametrize("format_", ["jsonl", "csv", "xes", "ocel2", "parquet"])
def test_an_export_replaces_no_device_and_no_folder(run: Run, format_: str) -> None:
    os.mkfifo("pipe.json")
    for out in ("pipe.json", "."):
        done = run("history", "export", out, "--format", format_)
        assert (done.exit_code, "name the file to write" in done.stderr) == (2, True)
    assert Path("pipe.json").is_fifo()
    done = run("history", "export", "nowhere/x.sqlite", "--format", format_)
    assert (done.exit_code, "there is no folder nowhere" in done.stderr) == (2, True)


def in_western_europe(*words: str) -> str:
    """What a command writes where only the letters of Western Europe can be written."""
    done = subprocess.run(
        [sys.executable, "-c", "from service.cli import main; main()", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        capture_output=True,
        check=True,
    )
    return done.stdout.decode("latin-1")


def test_a_sign_that_cannot_be_written_is_told_by_its_number() -> None:
    written = in_western_europe("rights", "agreement", "--language", "sv")
    assert "Den nya sista dagen måste vara efter \\u2026." in written


def test_what_answers_programs_is_json_in_any_locale() -> None:
    answer = in_western_europe("rights", "agreement", "--language", "sv", "--json")
    assert answer.isascii()
    assert "Skicka för granskning" in str(json.loads(answer))


def test_a_full_disk_behind_the_output_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from service.cli import main; main()", "rights", "agreement"],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, b"no room left" in done.stderr) == (1, True)
