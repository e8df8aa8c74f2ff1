"""The command line beside a small office: the same database, the same processes, years later."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from engine.catalogue import Catalogue
from engine.loading import load
from service.cli import app
from service.settings import PREFIX, Settings
from tests.service.office import Office, Still

LATER = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
FILE = Path(__file__).parents[2] / "workflows" / "eligibility_review.py"
Run = Callable[..., Result]


def alone(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let no setting reach in from outside, and work in this folder."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"{PREFIX}{name.upper()}", raising=False)
    monkeypatch.chdir(folder)


def fardplan(*words: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(app, words, prog_name="fardplan")


def command_line(office: Office, url: str, monkeypatch: pytest.MonkeyPatch, folder: Path) -> Run:
    """Run commands on the office's database, with its catalogue as it is by then, in the year 2031."""
    alone(monkeypatch, folder)
    monkeypatch.setenv("FARDPLAN_DATABASE_URL", url)
    monkeypatch.setenv("FARDPLAN_INSTITUTION", "umu.se")
    monkeypatch.setattr("service.compose.load_catalogue", lambda _: office.house.catalogue)
    monkeypatch.setattr("service.compose.SystemClock", lambda: Still(LATER))
    return fardplan


def told(result: Result) -> dict[str, Any]:
    """What a command answered a program."""
    read: dict[str, Any] = json.loads(result.stdout)
    return read


def newer(processes: Catalogue, folder: Path, *, said: bool = True) -> Catalogue:
    """The processes after the review has been replaced by version 2, where `under_review` has another name."""
    text = FILE.read_text(encoding="utf-8").replace('"under_review"', '"in_review"')
    declared = 'version=2, migrations=(Migration(1, {"under_review": "in_review"}),),' if said else "version=2,"
    text = text.replace("version=1,", declared).replace(
        "from engine.vocabulary import (", "from engine.vocabulary import (\n    Migration,", 1
    )
    path = folder / "eligibility_review.py"
    path.write_text(text, encoding="utf-8")
    others = tuple(processes.current(name) for name in processes.names if name != "eligibility_review")
    return Catalogue((load(path), *others), (processes.current("eligibility_review"),))
