"""A hundred thousand rows are taken in with the memory of a few."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.catalogue import Catalogue
from tests.service.lists import counts, open_lists

MEASURED = """
import re, sys
from pathlib import Path
from service.compose import build
from service.importing import run
from service.settings import Settings
house = build(Settings(_env_file=None, database_url=sys.argv[1], environment="test"))
report = run(house, sys.argv[2], Path(sys.argv[3]))
house.close()
held = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(*report.counts.values(), held)
"""
needs_proc = pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells what a process ever held"
)


def measured(url: str, kind: str, path: Path) -> tuple[list[int], int]:
    """The counts, and how many megabytes the process ever held."""
    root = str(Path(__file__).parents[3])
    command = [sys.executable, "-c", MEASURED, url, kind, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stderr
    *found, kilobytes = map(int, done.stdout.split())
    return found, kilobytes // 1024


@needs_proc
def test_hundred_thousand_people_are_taken_in_under_250_megabytes(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    rows = (f"s{n}@student.umu.se;Student Nummer {n};en\n" for n in range(100_000))
    path.write_text("e-post;namn;språk\n" + "".join(rows), encoding="utf-8")
    found, megabytes = measured(sqlite_url, "people", path)
    assert found == [100_000, 0, 0, 0]
    assert megabytes < 250


@needs_proc
def test_memory_does_not_grow_with_cases(sqlite_url: str, processes: Catalogue, tmp_path: Path) -> None:
    with open_lists(sqlite_url, processes, tmp_path) as lists:
        rows = [f"S {n};s{n}@student.umu.se;12;Kurs {n % 50}" for n in range(1_300)]
        few = lists.file("namn;e-post;enhet;kurs", *rows[:100], name="few.csv")
        many = lists.file("namn;e-post;enhet;kurs", *rows, name="many.csv")
    (_, little), (found, much) = (measured(sqlite_url, "reviews", path) for path in (few, many))
    assert found == [1_200, 100, 0, 0]
    # A thousand more cases may cost ten megabytes of caches that fill; not what a hundred thousand would.
    assert much < little + 10


def test_a_large_file_that_is_bad_throughout_is_told_and_not_kept_whole(
    sqlite_url: str, processes: Catalogue, tmp_path: Path
) -> None:
    with open_lists(sqlite_url, processes, tmp_path) as lists:
        report = lists.take("people", "e-post;namn", *(f"nej{n};A" for n in range(12_000)))
    assert counts(report) == (0, 0, 0, 12_000)
    assert (len(report.faults), report.left_out) == (10_000, 2_000)
