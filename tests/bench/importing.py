"""Lists read in, against a bare `executemany` of the very rows that they leave in the database.

Ours reads the file, knows each row again by its key, judges it, and opens its case by the road
of every step. The bare contestant has the rows ready and writes them, 200 of the list in a
transaction as ours does. Beside it stands what a process ever held that took a long list in.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from engine.catalogue import Catalogue
from engine.store.migrate import upgrade
from service.compose import load_catalogue
from service.importing import ROWS_AT_ONCE, run
from service.settings import Environment, Settings
from tests.bench.measuring import Line, compare
from tests.service.imports.test_large import measured
from tests.service.lists import UMU, open_lists, over

ROWS = 1000
LONG = 100_000
MOST_MEGABYTES = 300
"""What a process may ever hold that takes 100,000 rows in."""

LISTS: Mapping[str, tuple[str, str]] = {
    "people": ("e-post;namn;språk", "p{n}@student.example;Student {n};en"),
    "applications": ("namn;e-post;enhet;avtal;termin;nivå", "S {n};s{n}@x.example;12;O-1;HT2027;master"),
    "nominations": ("namn;e-post;enhet;partner;termin;nivå", "N {n};n{n}@x.example;13;SF OULU01;HT2027;master"),
}
TABLES = ("person", "case_record", "event", "event_detail", "deadline", "outbox", "link", "natural_key")
"""Where an import leaves rows; what else there is follows from them by triggers, for both."""

Left: TypeAlias = Mapping[str, list[tuple[Any, ...]]]
"""Rows of the database, by table."""


def importing(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """SQLite FULL; a unit is a row of the list."""
    office = Office.made(folder)
    lines: list[Line] = []
    for kind in LISTS:
        lines += _measured(office, kind, rounds, seconds)
    return [*lines, _held(office)]


def _measured(office: Office, kind: str, rounds: int, seconds: float) -> list[Line]:
    base, listed = f"sqlite FULL, bare executemany, {kind}", office.listed(kind, ROWS)
    left = office.left_by(kind, listed)
    return compare(
        {
            base: lambda s: _rate(lambda: office.bare(left), s),
            f"sqlite FULL, import of {kind}": lambda s: _rate(lambda: office.ours(kind, listed), s),
        },
        base=base,
        rounds=rounds,
        seconds=seconds,
    )


def _rate(turn: Callable[[], float], seconds: float) -> float:
    """Rows a second, where a turn tells how long its rows took."""
    turns, passed = 0, 0.0
    while passed < seconds:
        passed += turn()
        turns += 1
    return turns * ROWS / passed


def _held(office: Office) -> Line:
    counts, megabytes = measured(office.copied("long"), "people", office.listed("people", LONG))
    if counts[0] != LONG:
        raise AssertionError(f"of {LONG} people {counts[0]} were new")
    ratio = round(megabytes / MOST_MEGABYTES, 4)
    measure, against = f"ever held, import of {LONG:,} people", f"{MOST_MEGABYTES} MB"
    return Line(measure, against, ratio, ratio, ratio, float(megabytes), "MB")


@dataclass(frozen=True)
class Office:
    """An office with two agreements, of which each turn has a copy."""

    folder: Path
    catalogue: Catalogue

    @classmethod
    def made(cls, folder: Path) -> Office:
        """Make the office that is copied."""
        catalogue = load_catalogue(Settings(_env_file=None, environment=Environment.TEST))
        office = cls(folder, catalogue)
        url = f"sqlite:///{office._first}"
        upgrade(url)
        with open_lists(url, catalogue, folder) as lists:
            lists.agreements()
        return office

    @property
    def _first(self) -> Path:
        return self.folder / "importing.db"

    def copied(self, name: str) -> str:
        """A copy of the office, over the one of an earlier turn; its URL."""
        for old in self.folder.glob(f"importing_{name}.db*"):
            old.unlink()
        return f"sqlite:///{shutil.copy(self._first, self.folder / f'importing_{name}.db')}"

    def listed(self, kind: str, rows: int) -> Path:
        """A file of so many rows of a kind of list."""
        header, row = LISTS[kind]
        path = self.folder / f"{kind}_{rows}.csv"
        path.write_text("\n".join([header, *(row.format(n=n) for n in range(rows))]) + "\n", encoding="utf-8")
        return path

    def ours(self, kind: str, listed: Path) -> float:
        """How many seconds it takes to take the list in."""
        with over(self.copied("ours"), self.catalogue, self.folder) as lists:
            start = time.perf_counter()
            report = run(lists.house, kind, listed, institution=UMU)
            passed = time.perf_counter() - start
        if not report.ok:
            raise AssertionError(report.as_text("en"))
        return passed

    def left_by(self, kind: str, listed: Path) -> Left:
        """What the list leaves in the database that was not there before."""
        self.ours(kind, listed)
        before, after = (_rows(path) for path in (self._first, self.folder / "importing_ours.db"))
        added = {table: [row for row in rows if row not in before[table]] for table, rows in after.items()}
        return {table: rows for table, rows in added.items() if rows}

    def bare(self, left: Left) -> float:
        """How many seconds it takes to write what a list leaves."""
        path = self.copied("bare").removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            start = time.perf_counter()
            for first in range(0, ROWS, ROWS_AT_ONCE):
                connection.execute("BEGIN IMMEDIATE")
                for table, rows in left.items():
                    share = slice(first * len(rows) // ROWS, (first + ROWS_AT_ONCE) * len(rows) // ROWS)
                    connection.executemany(_insert(table, len(rows[0])), rows[share])
                connection.execute("COMMIT")
            return time.perf_counter() - start


def _insert(table: str, columns: int) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * columns)})"


def _rows(path: Path) -> Left:
    """All rows of these tables."""
    with closing(sqlite3.connect(path)) as connection:
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
