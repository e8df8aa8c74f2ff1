"""Takes safeguards out of a copy of the tree and runs the tests that must notice."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Final

from tests.safeguards.declaring import TREE, Safeguard

COPIED: Final = ("engine", "workflows", "adapters", "service", "tests", "docs", "requirements")
FILES: Final = ("pyproject.toml", "Makefile", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", ".importlinter")

LONGEST: Final = 180
"""Seconds after which a run is ended: without a safeguard, what waited for it may wait for ever."""

_FAILED: Final = re.compile(r"^(FAILED|ERROR) (\S+?::.+?)(?: - (.*))?$", re.MULTILINE)
_PYTEST: Final = (
    "-q", "-n", "0", "-p", "no:cacheprovider", "-p", "no:schemathesis", "--tb=short", "-rfE",
    "-o", "addopts=", "--import-mode=importlib", "-W", "ignore::pytest.PytestAssertRewriteWarning",
)  # fmt: skip
"""How pytest is asked: without what takes it long to start and is not wanted here."""

_READ_IN: Final = (
    "pytest", "hypothesis.strategies", "sqlmodel", "alembic.config", "psycopg", "fastapi", "httpx",
    "holidays", "transitions", "orjson", "jinja2",
)  # fmt: skip
"""What tests need of others is read in once, in the process that all runs are forked from: two thirds of a run."""

_FORKS: Final = get_context("forkserver")
_FORKS.set_forkserver_preload([*_READ_IN])


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that failed, and why; or one that could not even be prepared, which says nothing of its own."""

    test: str
    why: str
    prepared: bool = True


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of tests came to: those that failed, and whether the tests ran at all."""

    failed: tuple[Failure, ...]
    ran: bool
    seconds: float
    said: str


@dataclass(frozen=True, slots=True)
class Found:
    """What became of one safeguard: by which test it was noticed and why that failed, or what is the matter."""

    safeguard: Safeguard
    by: str | None
    why: str
    seconds: float

    @property
    def noticed(self) -> bool:
        """Whether a test failed for want of the safeguard."""
        return self.by is not None


def _tests(folder: Path, environment: Mapping[str, str], told: Path, arguments: Sequence[str], ready: Event) -> None:
    """Run pytest in a folder, in a process of its own that ends with pytest's code; what it says goes to a file."""
    os.setsid()  # so that what tests start can be ended with them
    handle = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    ready.set()
    os.chdir(folder)
    os.environ.update(environment)
    # What is compiled once serves all runs, however this process was asked to be.
    sys.dont_write_bytecode = False
    # Nothing of the tree that the copy was made of is to be found any more.
    for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
        del sys.modules[name]
    sys.path[:] = [str(folder), *(path for path in sys.path if path and Path(path).resolve() != TREE)]
    import pytest  # noqa: PLC0415 - this process alone is to be run by it

    sys.exit(pytest.main([*_PYTEST, *arguments]))


def _errors(said: str) -> str:
    """What pytest says went wrong where no test could be run."""
    lines = [line.removeprefix("E ").strip() for line in said.splitlines() if line.startswith(("E  ", "ERROR: "))]
    return " ".join(lines)[-1000:]


class Copy:
    """A copy of a tree in a folder, in which one safeguard at a time is missing.

    `database` is the URL of a PostgreSQL on which the tests may make databases.
    """

    def __init__(self, source: Path, folder: Path, database: str) -> None:
        self.folder = folder
        for name in COPIED:
            shutil.copytree(source / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in FILES:
            shutil.copy2(source / name, folder / name)
        # Programs that tests start are to be of this copy too; the same examples are tried each time.
        self._environment = {
            "PYTHONPATH": str(folder), "FARDPLAN_TEST_DATABASE_URL": database, "CI": "true", "COLUMNS": "1000",
            "PYTHONDONTWRITEBYTECODE": "",
        }  # fmt: skip

    def run(self, tests: Sequence[str], *, first: bool, longest: float | None = None) -> Run:
        """Run some tests for so many seconds at most (None: LONGEST); with `first` only until one fails."""
        longest = LONGEST if longest is None else longest
        began = time.monotonic()
        told = self.folder / "said.txt"
        told.write_text("")
        ready = _FORKS.Event()
        process = _FORKS.Process(
            target=_tests, args=(self.folder, self._environment, told, [*(["-x"] * first), *tests], ready)
        )
        process.start()
        # The time is that of the tests: until it leads a group of its own the process cannot be ended as one.
        while not ready.wait(1) and process.is_alive():
            pass
        process.join(longest)
        endless = process.exitcode is None
        if endless:
            os.killpg(process.pid or 0, signal.SIGKILL)
            process.join()
        seconds, said = time.monotonic() - began, told.read_text(errors="replace")
        if endless:
            return Run((Failure(tests[0], f"came to no end in {longest:.0f} s"),), ran=True, seconds=seconds, said=said)
        failed = tuple(Failure(found[2], found[3] or "", found[1] == "FAILED") for found in _FAILED.finditer(said))
        # 0: all passed, 1: some failed; all else says that the tests could not be run.
        return Run(failed, process.exitcode in {0, 1}, seconds, said)

    def try_without(self, safeguard: Safeguard) -> Found:
        """Take the safeguard out, run its tests, put it back. Raises NotFound."""
        file = self.folder / safeguard.file
        whole = file.read_text()
        self._write(file, safeguard.without(whole))
        try:
            run = self.run(safeguard.noticed_by, first=True)
        finally:
            self._write(file, whole)
        if not run.ran:
            return Found(safeguard, None, f"without it nothing runs: {_errors(run.said)}", run.seconds)
        if not run.failed:
            return Found(safeguard, None, "no test failed", run.seconds)
        first = run.failed[0]
        if not first.prepared:
            return Found(safeguard, None, f"without it {first.test} cannot be prepared: {first.why}", run.seconds)
        return Found(safeguard, first.test, first.why, run.seconds)

    @staticmethod
    def _write(file: Path, text: str) -> None:
        """Write a file, and let nothing compiled of it stay: two texts of one second and length look alike."""
        file.write_text(text)
        for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
            compiled.unlink()
