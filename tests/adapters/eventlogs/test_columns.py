"""Parquet and the check over it: many row groups, every kind of wrong step, and DuckDB that is not there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.eventlogs.columns import ColumnsMissing, Edge, Legality, WrongStep, legality, write_parquet
from adapters.eventlogs.files import LogUnreadable

COLUMNS = ("case_id", "definition", "sequence", "kind", "trigger", "from_state", "to_state", "at")
D = "d" * 64
EDGES = (
    Edge(D, "opened", None, None, "new"),
    Edge(D, "moved", "take", "new", "taken"),
    Edge(D, "moved", "give", "taken", "new"),
    Edge(D, "commented", None, "new", "new"),
)

Row = tuple[Any, ...]


def case(name: str, steps: int = 3) -> list[Row]:
    """A case that is opened and then taken and given by turns."""
    rows: list[Row] = [(name, D, 1, "opened", None, None, "new", 1)]
    for n in range(2, steps + 1):
        trigger, before, after = ("take", "new", "taken") if n % 2 == 0 else ("give", "taken", "new")
        rows.append((name, D, n, "moved", trigger, before, after, n))
    return rows


def asked(query: str) -> list[Row]:
    with duckdb.connect() as store:
        return list(store.execute(query).fetchall())


def judged(folder: Path, rows: list[Row], *, row_group: int = 10) -> Legality:
    path = folder / "log.parquet"
    write_parquet(path, COLUMNS, rows, row_group=row_group)
    return legality(path, EDGES)


def wrong(folder: Path, rows: list[Row]) -> tuple[str, int, str]:
    found = judged(folder, rows).first_wrong
    assert found is not None
    return found.case, found.sequence, found.what


def test_histories_that_keep_to_their_definition_are_legal(tmp_path: Path) -> None:
    rows = [*case("a"), *case("b", 8), *case("c", 1)]
    assert judged(tmp_path, rows) == Legality(events=12, cases=3, first_wrong=None)


def test_a_file_of_nothing_is_legal(tmp_path: Path) -> None:
    assert judged(tmp_path, []) == Legality(0, 0, None)


def test_many_row_groups_are_written_and_read_as_one(tmp_path: Path) -> None:
    rows = [row for n in range(1500) for row in case(f"{n:05}", 10)]
    assert judged(tmp_path, rows, row_group=2048) == Legality(15_000, 1500, None)
    groups = asked(f"SELECT DISTINCT row_group_id FROM parquet_metadata('{tmp_path / 'log.parquet'}')")
    assert len(groups) >= 7


def test_texts_come_back_as_they_were_and_nothing_stays_nothing(tmp_path: Path) -> None:
    texts = ["", "N", '"', ",", "a\nb", "a\rb", "\r\n", "å漢😀", "NULL"]
    write_parquet(tmp_path / "t.parquet", ("text", "role"), [(text, None) for text in texts])
    found = asked(f"SELECT * FROM '{tmp_path / 't.parquet'}'")
    assert found == [(text, None) for text in texts]


def test_an_instant_is_a_timestamp_in_utc(tmp_path: Path) -> None:
    judged(tmp_path, [("a", D, 1, "opened", None, None, "new", 1_799_656_200_000_000)])
    query = f'SELECT typeof("at"), CAST("at" AS VARCHAR) FROM \'{tmp_path / "log.parquet"}\''
    assert asked(query) == [("TIMESTAMP", "2027-01-11 08:30:00")]


CHANGES: list[tuple[str, int, Row, str]] = [
    ("kind", 1, ("b", D, 2, "recorded", "take", "new", "taken", 2), "recorded take does not lead from new to taken"),
    ("trigger", 1, ("b", D, 2, "moved", "give", "new", "taken", 2), "moved give does not lead from new to taken"),
    ("to", 1, ("b", D, 2, "moved", "take", "new", "lost", 2), "moved take does not lead from new to lost"),
    ("from", 2, ("b", D, 3, "moved", "give", "new", "new", 3), "it leaves new, but the case was in taken"),
    ("start", 0, ("b", D, 1, "opened", None, None, "taken", 1), "opened does not lead from the beginning to taken"),
    ("no start", 0, ("b", D, 1, "opened", None, "old", "new", 1), "it leaves old, but the case was in no state yet"),
    ("definition", 1, ("b", "e" * 64, 2, "moved", "take", "new", "taken", 2), "its definition eeeeeeeeeeee… is not"),
    ("gap", 2, ("b", D, 4, "moved", "give", "taken", "new", 3), "an event before it is missing"),
]


@pytest.mark.parametrize(("place", "row", "what"), [change[1:] for change in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_step_that_is_wrong_is_named_with_its_case_and_sequence(
    tmp_path: Path, place: int, row: Row, what: str
) -> None:
    rows = case("b")
    rows[place] = row
    found = wrong(tmp_path, [*case("a"), *rows, *case("c")])
    assert found[:2] == ("b", row[2])
    assert found[2].startswith(what)


def test_a_row_that_is_missing_at_the_beginning_or_within_is_named_by_the_next(tmp_path: Path) -> None:
    assert wrong(tmp_path, [*case("a"), *case("b")[1:]]) == ("b", 2, "an event before it is missing")
    rows = case("a", 4)
    assert wrong(tmp_path, [*rows[:1], *rows[2:]]) == ("a", 3, "an event before it is missing")


def test_a_row_that_stands_twice_is_named(tmp_path: Path) -> None:
    rows = case("a")
    assert wrong(tmp_path, [*rows, rows[1], *case("b")]) == ("a", 2, "it stands twice")


def test_a_case_that_goes_on_after_another_is_put_together_again(tmp_path: Path) -> None:
    a, b = case("a", 4), case("b", 4)
    assert judged(tmp_path, [*a[:2], *b, *a[2:]]) == Legality(8, 2, None)


@settings(max_examples=20)
@given(st.permutations([*case("a", 4), *case("b", 3)]))
def test_the_order_of_rows_is_no_fault(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
    assert judged(tmp_path_factory.mktemp("mixed"), rows) == Legality(7, 2, None)


@settings(max_examples=20)
@given(st.data())
def test_the_first_of_several_wrong_steps_is_named(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    rows = [row for name in "abc" for row in case(name, 5)]
    places = data.draw(st.sets(st.integers(0, 14), min_size=1))
    for place in places:
        rows[place] = (*rows[place][:3], "restored", *rows[place][4:])
    first = rows[min(places)]
    found = judged(tmp_path_factory.mktemp("wrong"), rows).first_wrong
    assert found is not None
    assert (found.case, found.sequence) == (first[0], first[2])


def test_a_file_that_is_no_export_is_refused_with_words(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_text("hello")
    with pytest.raises(LogUnreadable, match="cannot be read as Parquet"):
        legality(tmp_path / "a.parquet", EDGES)
    write_parquet(tmp_path / "b.parquet", ("case_id", "sequence"), [("a", 1)])
    with pytest.raises(LogUnreadable, match="the column definition is missing"):
        legality(tmp_path / "b.parquet", EDGES)


def test_a_name_with_a_quote_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / 'it\'s "quoted".parquet'
    write_parquet(path, COLUMNS, case("a"))
    assert legality(path, EDGES) == Legality(3, 1, None)


def test_rows_that_fail_half_way_leave_no_file(tmp_path: Path) -> None:
    def failing() -> Iterator[Row]:
        yield from case("a")
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        write_parquet(tmp_path / "log.parquet", COLUMNS, failing())
    assert list(tmp_path.iterdir()) == []


def test_without_duckdb_a_clear_word_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(ColumnsMissing, match=r"pip install 'fardplan\[columns\]'"):
        write_parquet(tmp_path / "log.parquet", COLUMNS, [])


def test_a_wrong_step_says_where_and_what() -> None:
    assert WrongStep("a", 2, "what") == WrongStep(case="a", sequence=2, what="what")
