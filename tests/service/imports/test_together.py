"""Rows taken in together come out as if each had come alone: to the byte, in the report and in every table."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.catalogue import Catalogue
from engine.store.sqlite import SqliteLedger
from service import importing
from service.imports import lookups
from service.imports.report import Result
from tests.databases import Databases
from tests.engine.house import CountedIds, CountedNonces
from tests.service.lists import Lists, counts, open_lists, over

WHO = ("Ada;ada@x.se", "Ada;ada@x.se", "Ada Augusta;ada@x.se", "Bo;bo@x.se", "Cy;cy@x.se", "Cy;ingen adress")
STAY = (
    ("12", "13", "13", "99"), ("W-1", "O-1", "O-1", "O-9"), ("HT2027", "VT2028"), ("master", "master", "", "grundnivå"),
)  # fmt: skip
KINDS: Mapping[str, tuple[str, tuple[Sequence[str], ...]]] = {
    "applications": ("namn;e-post;enhet;avtal;termin;nivå", (WHO, *STAY)),
    "nominations": ("namn;e-post;enhet;avtal;termin;nivå", (WHO, *STAY)),
    "reviews": ("namn;e-post;enhet;kurs;omgång", (WHO, ("12", "12", "99"), ("Optik", "Mekanik"), ("1", "2", ""))),
    "agreements": (
        "avtalsnummer;enhet;partner;gäller från;gäller till;platser ut;nivå",
        (("A-1", "a-1", "A-2", "A-3", "W-1"), ("12", "12", "99"), ("A  WIEN01", "University of Oulu", "Oulo"),
         ("2021-01-01",), ("2027-06-30", "2031-12-31", "2020-12-31", ""), ("1", "2", ""), ("grundnivå",)),
    ),
    "people": (
        "e-post;namn;roll",
        (("ada@x.se", "bo@x.se", "cy@x.se", "ingen adress"), ("Ada", "Bo", "B"), ("", "", "head@12", "head@99")),
    ),
}  # fmt: skip
BY_VERSION = {"organisation", "organisation_change", "membership"}
"""Tables that tell in which transaction something was written; how many there are is what differs."""


def files() -> st.SearchStrategy[tuple[str, list[str], list[str]]]:
    """A kind of list, and two files of it: the second has rows of the first anew, changed, and others."""
    return st.sampled_from(sorted(KINDS)).flatmap(
        lambda kind: st.tuples(st.just(kind), lines(kind), lines(kind)),
    )


def lines(kind: str) -> st.SearchStrategy[list[str]]:
    line = st.tuples(*(st.sampled_from(values) for values in KINDS[kind][1])).map(";".join)
    return st.lists(line, min_size=2, max_size=12)


@pytest.fixture(scope="module")
def ready(databases: Databases, processes: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the small university and its agreements, to begin from."""
    folder = tmp_path_factory.mktemp("ready")
    with open_lists(databases.sqlite(folder / "ready.db"), processes, folder) as lists:
        lists.agreements()
    return folder / "ready.db"


@contextmanager
def begun(ready: Path, catalogue: Catalogue) -> Iterator[Lists]:
    """A copy of what is ready, where ids and nonces are drawn in turn."""
    with TemporaryDirectory(prefix="together_") as name:
        folder = Path(name)
        with over(f"sqlite:///{shutil.copy(ready, folder)}", catalogue, folder) as lists:
            cases = lists.house.cases
            cases.ids = lists.house.directory.ids = CountedIds(5_000)
            cases.nonces = CountedNonces(5_000)
            yield lists


def taken(lists: Lists, kind: str, rows: Sequence[str], at_once: int) -> dict[str, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "ROWS_AT_ONCE", at_once)
        return lists.take(kind, KINDS[kind][0], *rows).as_json()


def kept(lists: Lists, kind: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that is in the database; of who holds a role not in which version it was written."""
    dump = lists.dump()
    if kind == "people":
        memberships = sorted(row[-5:] for row in dump["membership"])
        people = sorted((row[0], *row[2:]) for row in dump["person"])
        return {**{name: rows for name, rows in dump.items() if name not in BY_VERSION}, "membership": memberships,
                "person": people}  # fmt: skip
    return dump


@settings(max_examples=30)
@given(files=files(), at_once=st.integers(min_value=2, max_value=13))
def test_a_file_in_chunks_comes_to_what_it_comes_to_row_by_row(
    ready: Path, processes: Catalogue, files: tuple[str, list[str], list[str]], at_once: int
) -> None:
    kind, first, second = files
    with begun(ready, processes) as alone, begun(ready, processes) as together:
        for rows in (first, second):
            assert taken(together, kind, rows, at_once) == taken(alone, kind, rows, 1)
            assert kept(together, kind) == kept(alone, kind)


TRAPS = (
    "Ada;ada@x.se;12;O-1;HT2027;master",
    "Ada;ada@x.se;99;O-1;VT2028;master",
    "Ada;ada@x.se;13;O-1;VT2028;master",
    "Ada Augusta;ada@x.se;13;O-1;HT2027;master",
    "Bo;bo@x.se;13;O-9;HT2027;master",
    "Augusta;ada@x.se;13;W-1;HT2027;grundnivå",
    "Bo;bo@x.se;13;O-1;HT2027;",
    "Bo;bo@x.se;13;O-1;HT2027;master",
)


def test_one_chunk_holds_rows_of_one_key_of_one_person_and_bad_ones_between(lists: Lists) -> None:
    lists.agreements()
    report = lists.take("applications", KINDS["applications"][0], *TRAPS)
    assert counts(report) == (4, 0, 1, 3)
    # The fourth has the key of the first, which was refused nowhere; the third that of the second, which was.
    assert [row for row, _ in report.faults] == [3, 6, 8]
    assert sorted({row for row, _ in report.differences}) == [5]
    assert [row for row, _ in report.warnings] == [7]
    assert [case.number[-4:] for case in lists.cases("outgoing_exchange")] == ["0001", "0002", "0003", "0004"]
    assert lists.replayed() == []
    again = lists.take("applications", KINDS["applications"][0], *TRAPS)
    assert (again.counts[Result.NEW], len(lists.cases("outgoing_exchange"))) == (0, 4)


def statements(lists: Lists, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of SQLite from now on, a statement for many rows being one."""
    asked: list[str] = []
    store = lists.house.store
    sa.event.listen(store.engine, "before_cursor_execute", lambda _c, _r, text, *_: asked.append(text))
    monkeypatch.setattr(
        store, "ledger_on", lambda session: SqliteLedger(cast("sqlite3.Connection", Counted(session, asked)))
    )
    return asked


ONE_BY_ONE = ("INSERT INTO number_series", "SELECT id FROM person")
"""What the ledger on SQLite asks for each case, at some microseconds: its number, and whom an address belongs to."""


class Counted:
    """The driver's connection of a session, noting what it is asked, but for those."""

    def __init__(self, session: Any, asked: list[str]) -> None:
        self._driver, self._asked = session.connection.driver_connection, asked

    @property
    def in_transaction(self) -> bool:
        return bool(self._driver.in_transaction)

    def execute(self, text: str, *values: Any) -> Any:
        if not text.startswith(ONE_BY_ONE):
            self._asked.append(text)
        return self._driver.execute(text, *values)

    def executemany(self, text: str, *values: Any) -> Any:
        self._asked.append(text)
        return self._driver.executemany(text, *values)


@pytest.mark.parametrize(
    ("kind", "row", "most"),
    [
        ("applications", "S {n};s{n}@x.se;12;O-1;HT2027;master", 35),
        ("nominations", "S {n};s{n}@x.se;13;O-1;HT2027;master", 35),
        ("reviews", "S {n};s{n}@x.se;12;Kurs {n};1", 35),
        ("agreements", "A-{n};12;A  WIEN01;2021-01-01;2031-12-31;2;grundnivå", 35),
        ("people", "s{n}@x.se;S {n};", 15),
    ],
)
def test_a_hundred_rows_are_asked_for_in_some_statements(
    light: Lists, monkeypatch: pytest.MonkeyPatch, kind: str, row: str, most: int
) -> None:
    light.agreements()
    header, rows = KINDS[kind][0], [row.format(n=n) for n in range(150)]
    light.take(kind, header, *rows[:50])
    asked = statements(light, monkeypatch)
    assert counts(light.take(kind, header, *rows[50:])) == (100, 0, 0, 0)
    assert len(asked) <= most, "\n".join(asked)
    asked.clear()
    assert counts(light.take(kind, header, *rows)) == (0, 150, 0, 0)
    assert len(asked) <= 20, "\n".join(asked)


def test_names_nobody_knows_are_looked_for_while_others_may_write(
    light: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    light.agreements()
    looked_for: list[str] = []

    def look_for(said: str, *_: Any, **__: Any) -> list[str]:
        with closing(sqlite3.connect(str(light.house.store.url.database), timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
        looked_for.append(said)
        return []

    monkeypatch.setattr(lookups, "get_close_matches", look_for)
    assert light.take("applications", KINDS["applications"][0], "Bo;bo@x.se;13;O-9;HT2027;master").counts[Result.BAD]
    assert light.take("agreements", KINDS["agreements"][0], "A-1;12;Oulo;2021-01-01;;1;grundnivå").counts[Result.BAD]
    assert looked_for == ["o-9", "oulo"]
