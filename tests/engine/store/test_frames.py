"""How many pages a step writes to SQLite's log: what a commit costs, counted and not timed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.bench.engine_step import engine_unit, office

FRAME = 4096 + 24
"""Bytes of a page in the log, with its header."""


def frames(log: Path, step: Callable[[], object]) -> int:
    before = log.stat().st_size
    step()
    return (log.stat().st_size - before) // FRAME


def test_a_step_that_fills_no_page_up_writes_one_page_of_each_table_and_index_it_changes(tmp_path: Path) -> None:
    cases = office(f"sqlite:///{tmp_path / 'counted.db'}")
    with engine_unit(cases, 5) as step:
        counted = [frames(tmp_path / "counted.db-wal", step) for _ in range(30)]
    cases.store.close()
    # The case and its indexes by change (two), open and due; the event and its two; its detail;
    # the deadline and its two; the message and its two.
    assert min(counted) == 5 + 3 + 1 + 3 + 3
