"""Legality column by column against a bare Python loop with a dict over the same rows, in one run.

The rows are those of a Parquet export: ten events a case. The loop has them in memory as
tuples already, and its edges in a dict, so that nothing but the check is timed; DuckDB
reads them from the file.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from adapters.eventlogs.columns import Edge, legality, write_parquet
from engine.logs import COLUMNS
from tests.bench.measuring import Line

CASES = 200_000
EVENTS = 10
DEFINITION = "d" * 64
BASE = "bare loop with a dict"
STATES = tuple(f"state_{n}" for n in range(EVENTS))
TRIGGERS = tuple(f"trigger_{n}" for n in range(EVENTS))
WANTED = ("case_id", "sequence", "definition", "kind", "trigger", "from_state", "to_state")


def edges() -> list[Edge]:
    """A line of states, and as many steps again that nobody takes."""
    taken = [Edge(DEFINITION, "moved", TRIGGERS[n], STATES[n - 1], STATES[n]) for n in range(1, EVENTS)]
    back = [Edge(DEFINITION, "moved", "send_back", STATES[n], STATES[n - 1]) for n in range(1, EVENTS)]
    return [Edge(DEFINITION, "opened", None, None, STATES[0]), *taken, *back]


def rows(cases: int) -> Iterator[tuple[Any, ...]]:
    """Events in the order of an export."""
    for number in range(cases):
        case = f"01900000-{number >> 12:04x}-7{number & 0xFFF:03x}-8000-000000000000"
        of_case = (case, f"OUT-{number}", "outgoing_exchange", f"D{number % 40:02}", DEFINITION)
        yield (*of_case, 1, "opened", None, None, STATES[0], "import", None, None, number)
        for n in range(1, EVENTS):
            step = ("moved", TRIGGERS[n], STATES[n - 1], STATES[n])
            yield (*of_case, n + 1, *step, f"person-{number % 500}", "coordinator", None, number + n)


def loop(found: Sequence[tuple[Any, ...]], known: dict[tuple[Any, ...], str]) -> int:
    """The same check as plainly as it can be written; how many events are wrong."""
    wrong, case_before, sequence_before, state = 0, None, 0, None
    for case, sequence, definition, kind, trigger, before, after in found:
        if case != case_before:
            sequence_before, state = 0, None
        if sequence != sequence_before + 1 or before != state:
            wrong += 1
        if known.get((definition, kind, trigger, before)) != after:
            wrong += 1
        case_before, sequence_before, state = case, sequence, after
    return wrong


def columns(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """Both over the same events, by turns; the medians of the rounds are told."""
    path = folder / "histories.parquet"
    write_parquet(path, COLUMNS, rows(CASES))
    places = [COLUMNS.index(name) for name in WANTED]
    found = [tuple(row[place] for place in places) for row in rows(CASES)]
    known = {(e.definition, e.kind, e.trigger, e.from_state): e.to_state for e in edges()}
    ratios, fast, bare = [], [], []
    for _ in range(rounds):
        bare.append(_rate(len(found), lambda: loop(found, known) == 0))
        fast.append(_rate(len(found), lambda: legality(path, edges()).first_wrong is None))
        ratios.append(fast[-1] / bare[-1])
    ratios.sort()
    low, middle, high = ratios[0], ratios[len(ratios) // 2], ratios[-1]
    return [
        Line(BASE, BASE, 1.0, 1.0, 1.0, round(statistics.median(bare)), "events/s"),
        Line(
            "legality of a Parquet export, DuckDB", BASE, round(middle, 3), round(low, 3), round(high, 3),
            round(statistics.median(fast)), "events/s",
        ),
    ]  # fmt: skip


def _rate(events: int, right: Any) -> float:
    start = time.perf_counter()
    if not right():
        raise AssertionError("a legal log was called wrong")
    return events / (time.perf_counter() - start)
