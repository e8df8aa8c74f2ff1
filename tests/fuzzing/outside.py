"""Looks at the database from outside the application: what a request wrote, who may read what, whether all is whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final

READING_ROLES: Final = frozenset(
    {"officer", "admissions", "coordinator", "reviewer", "head", "recogniser", "signatory", "auditor"}
)
"""Who reads cases where they hold the role and below (PROCESSES 0)."""

_RIGHTS: Final = frozenset({"case_record", "link", "membership", "unit"})
_BOOK: Final = "fuzz_touched"

Person = tuple[str, str]
"""Institution and id."""


class Outside:
    """A connection of its own to the application's SQLite file, in which triggers note every table that is written."""

    def __init__(self, file: Path) -> None:
        self._store = sqlite3.connect(file, isolation_level=None)
        self._store.execute("PRAGMA busy_timeout = 5000")
        self._store.execute(f"CREATE TABLE {_BOOK} (id INTEGER PRIMARY KEY, name TEXT NOT NULL)")
        tables = dict(self._store.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall())
        # An index over words is a table that no trigger can stand at, with tables of its own behind it.
        indexes = tuple(name for name, sql in tables.items() if sql and sql.upper().startswith("CREATE VIRTUAL"))
        for name in tables:
            if name != _BOOK and not name.startswith(("sqlite_", *indexes)):
                self._watch(name)
        self._seen, self._version = 0, self._now()

    def _watch(self, name: str) -> None:
        for deed in ("INSERT", "UPDATE", "DELETE"):
            self._store.execute(
                f"CREATE TRIGGER fuzz_{name}_{deed} AFTER {deed} ON {name} "
                f"BEGIN INSERT INTO {_BOOK} (name) VALUES ('{name}'); END"
            )

    def _now(self) -> int:
        version: int = self._store.execute("PRAGMA data_version").fetchone()[0]
        return version

    def close(self) -> None:
        self._store.close()

    def touched(self) -> frozenset[str]:
        """The tables written since this was asked before. Where nothing was committed this costs next to nothing."""
        now = self._now()
        if now == self._version:
            return frozenset()
        rows = self._store.execute(f"SELECT id, name FROM {_BOOK} WHERE id > ?", (self._seen,)).fetchall()
        self._version, self._seen = now, max((each for each, _ in rows), default=self._seen)
        names = frozenset(name for _, name in rows)
        if names & _RIGHTS:
            self.__dict__.pop("readers", None)
        return names

    @cached_property
    def readers(self) -> Mapping[str, frozenset[Person]]:
        """Who may read each case today, worked out anew from the rows: in its unit, a linked case's, or above."""
        above = self._above()
        cases = {
            (institution, case): unit
            for institution, case, unit in self._store.execute("SELECT institution, id, unit FROM case_record")
        }
        units = {key: {(key[0], unit)} for key, unit in cases.items()}
        for institution, case, to in self._store.execute("SELECT institution, from_case, to_case FROM link"):
            if (institution, to) in cases:
                units[institution, case].add((institution, cases[institution, to]))
        holders = self._holders()
        return {
            case: frozenset(
                who for unit in several for over in above.get(unit, ()) for who in holders.get(over, frozenset())
            )
            for (_, case), several in units.items()
        }

    def _above(self) -> Mapping[Person, list[Person]]:
        parents = {
            (institution, code): (institution, parent)
            for institution, code, parent in self._store.execute(
                "SELECT institution, code, parent FROM unit WHERE until_version IS NULL"
            )
        }
        found = {}
        for unit in parents:
            found[unit] = [unit]
            while (over := parents.get(found[unit][-1])) in parents and over is not None:
                found[unit].append(over)
        return found

    def _holders(self) -> Mapping[Person, frozenset[Person]]:
        today = self._today().isoformat()
        found: dict[Person, set[Person]] = {}
        for institution, unit, person, role in self._store.execute(
            "SELECT institution, unit, person, role FROM membership WHERE until_version IS NULL "
            "AND coalesce(starts_on, '') <= ? AND coalesce(ends_on, '9999') >= ?",
            (today, today),
        ):
            if role in READING_ROLES:
                found.setdefault((institution, unit), set()).add((institution, person))
        return {unit: frozenset(people) for unit, people in found.items()}

    def _today(self) -> date:
        row = self._store.execute("SELECT date(now / 1000000, 'unixepoch', '+1 hour') FROM test_clock").fetchone()
        return date.fromisoformat(row[0])

    def cases_of(self, subject: str) -> list[str]:
        """The cases about somebody."""
        return [case for (case,) in self._store.execute("SELECT id FROM case_record WHERE subject = ?", (subject,))]

    def called(self, word: str) -> list[str]:
        """The cases that have a word in their own title."""
        return [
            case for (case,) in self._store.execute("SELECT id FROM case_record WHERE instr(title, ?) > 0", (word,))
        ]

    def people(self, like: str) -> list[Person]:
        """People whose name or address holds a word."""
        query = "SELECT institution, id FROM person WHERE instr(coalesce(name, '') || coalesce(email, ''), ?) > 0"
        return list(self._store.execute(query, (like,)))

    def gaps(self) -> list[str]:
        """Cases whose events are not numbered 1, 2, 3 … to their version."""
        query = (
            "SELECT c.id, c.version, count(e.sequence), min(e.sequence), max(e.sequence) FROM case_record c "
            "LEFT JOIN event e ON e.institution = c.institution AND e.case_id = c.id GROUP BY c.institution, c.id "
            "HAVING count(e.sequence) != c.version OR min(e.sequence) != 1 OR max(e.sequence) != c.version"
        )
        with closing(self._store.execute(query)) as rows:
            return [f"case {row[0]}: version {row[1]}, {row[2]} events from {row[3]} to {row[4]}" for row in rows]
