"""A row that cannot be read at all is told by what is wrong with it, and by nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.columns import BadRow, Column, Parsed, read_rows
from adapters.tables import open_table
from adapters.values import text
from adapters.values_dates import day

COLUMNS = (Column("date", parse=day, required=True), Column("name", parse=text()))
AFTER = "2027-10-04;ok"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2027-10-01;" + "x" * 140_000, "at most 131,072 characters"),
        ('2027-10-01;"a" b', "quotation marks in pairs"),
    ],
)
def test_only_what_is_wrong_is_told(tmp_path: Path, row: str, words: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(f"date;name\n{row}\n{AFTER}\n", "utf-8")
    bad, good = read_rows(open_table(path), COLUMNS)
    assert isinstance(bad, BadRow)
    assert isinstance(good, Parsed)
    (fault,) = bad.faults
    assert words in fault.expected.en
    assert (bad.number, good.number) == (2, 3)
