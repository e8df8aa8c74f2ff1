"""Workflow files that wait to be tried, and the reports kept beside them.

They lie in the folder `next` of the workflow files, put there by whoever runs the installation, as
the files in force are: a workflow file is a program, so none is ever taken from a browser.
A report tells of the cases of the installation's own institution, all of them, and is the same for everybody.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from engine.organisation import Organisation
from engine.rehearsal import Rehearsal
from engine.rehearsing.report import Report, read_report
from engine.vocabulary import Role
from service.compose import FOLDER, House
from service.settings import Settings

KEPT: Final = ".rehearsal.json"
"""A report is kept under the name of its file with this in place of `.py`."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file that waits to be tried, with the newest report kept of it; None where there is none that can be read.

    `changed` says that the file is no longer the one the report is about.
    """

    path: Path
    report: Report | None
    changed: bool

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


def rehearsal(house: House) -> Rehearsal:
    """A rehearsal over this house's cases."""
    institution = house.settings.institution
    return Rehearsal(house.cases, institution, house.directory.organisation(institution), house.directory.as_of)


def may_rehearse(house: House, organisation: Organisation, person: str, day: date) -> bool:
    """Whether somebody may try files and read the reports: an administrator of this house's whole institution."""
    own = house.settings.institution
    return organisation.institution == own and organisation.holds(person, Role.ADMIN, own, day)


def folder(settings: Settings) -> Path:
    """The folder in which files wait to be tried. It may not be there."""
    return (settings.workflows or FOLDER) / "next"


def waiting(settings: Settings) -> tuple[Waiting, ...]:
    """The files that wait, by name. None of them is run."""
    paths = sorted(path for path in folder(settings).glob("*.py") if path.name != "__init__.py")
    return tuple(_waiting(path) for path in paths)


def keep(report: Report, path: Path) -> Path:
    """Keep a report beside the file it is about, in place of an older one; where. Raises OSError."""
    kept = _kept(path)
    fresh = kept.with_name(f".{kept.name}.{os.getpid()}")
    fresh.write_text(report.to_json(), encoding="utf-8")
    fresh.replace(kept)
    return kept


def _waiting(path: Path) -> Waiting:
    try:
        report = read_report(_kept(path).read_text(encoding="utf-8"))
        changed = report.source != hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, ValueError):
        return Waiting(path, None, changed=False)
    return Waiting(path, report, changed)


def _kept(path: Path) -> Path:
    return path.with_name(f"{path.stem}{KEPT}")
