"""Figures of several runs add up in one file."""

from __future__ import annotations

import json
from pathlib import Path

from tests.bench.keeping import keep


def line(measure: str, ratio: float, against: str | None = "bare") -> dict[str, object]:
    return {"measure": measure, "ratio": ratio} | ({"against": against} if against else {})


def read(path: Path) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(path.read_text("utf-8"))
    return found


def test_lines_of_another_run_stay_and_newer_ones_take_their_place(tmp_path: Path) -> None:
    path = tmp_path / "build" / "bench.json"
    keep([line("step", 0.4), line("tick", 1.0)], path)
    keep([line("step", 0.5), line("replay", 2.0)], path)
    assert read(path) == [line("step", 0.5), line("tick", 1.0), line("replay", 2.0)]


def test_one_measure_against_two_contestants_is_two_lines(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    keep([line("step", 9.0, "DBOS"), line("step", 12.0, "Temporal"), line("step", 0.5, None)], path)
    assert [each["ratio"] for each in read(path)] == [9.0, 12.0, 0.5]


def test_a_file_that_cannot_be_read_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    path.write_text("half a l", "utf-8")
    keep([line("step", 0.5)], path)
    assert read(path) == [line("step", 0.5)]
    assert [each.name for each in tmp_path.iterdir()] == ["bench.json"]
