"""The report keeps what there is room for, and says what it left out."""

from __future__ import annotations

import pytest

from adapters.tables_model import Fault
from engine.vocabulary import Text
from service.imports import report as reports
from service.imports.report import Report, Result, Taken

FAULT = Fault("pic", "12", Text("en PIC", "a PIC"))


def with_faults(count: int) -> Report:
    report = Report("partners", "p.csv", dry_run=False)
    for row in range(2, count + 2):
        report.add(row, Taken(Result.BAD, faults=(FAULT,)))
    return report


def test_a_long_report_is_cut_for_people() -> None:
    lines = with_faults(60).as_text("en").splitlines()
    assert lines[0] == "partners from p.csv: 60 rows. New 0, unchanged 0, differing 0, bad 60."
    assert lines[-1] == "  … and 10 more; --json gives all"
    assert lines[3] == "  row 2, pic: ”12” – expected a PIC"


def test_beyond_what_is_kept_lines_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MOST_KEPT", 5)
    report = with_faults(8)
    assert (len(report.faults), report.left_out, report.counts[Result.BAD]) == (5, 3, 8)


def test_swedish_words_are_swedish() -> None:
    assert "rad 2, pic: ”12” – väntade en PIC" in with_faults(1).as_text("sv")
