"""Measures walking histories from the store, against a bare loop over the same rows with a dict."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from engine import machine
from engine.canonical import GENESIS
from engine.catalogue import Catalogue
from engine.store import walk_rows
from engine.store.migrate import upgrade
from engine.store.store import Store
from engine.walking import Walked, graphs, walk
from tests.bench.measuring import Line, compare, rate

BASE: Final = "bare loop over the rows with a dict"
INSTITUTION: Final = "umu.se"
CASES: Final = 20_000
STEPS: Final = 10
WORKFLOW_FILES: Final = Path(__file__).parents[2] / "workflows"

_ROWS = (
    "SELECT case_id, sequence, from_state, trigger, to_state, definition FROM event WHERE institution = ? "
    "ORDER BY case_id, sequence"
)
_INSERT = (
    "INSERT INTO event (institution, case_id, sequence, kind, trigger, from_state, to_state, party, at, definition, "
    "body, previous, hash) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
)


def replaying(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """Walk some two hundred thousand events again and again; a unit is an event."""
    path = folder / "histories.db"
    url = f"sqlite:///{path}"
    upgrade(url)
    catalogue = Catalogue.of(WORKFLOW_FILES.glob("*.py"))
    table = {(each.hash, *step): to for each in catalogue.now for step, to in machine.table(each.workflow).items()}
    known = graphs(catalogue)
    events = _fill(path, catalogue)
    store = Store(url)
    with sqlite3.connect(path) as driver:

        def bare() -> int:
            wrong, at, state, last = 0, None, None, 0
            for case, sequence, source, trigger, to, definition in driver.execute(_ROWS, (INSTITUTION,)):
                if case != at:
                    at, state, last = case, source, 0
                elif sequence != last + 1 or source != state or (definition, source, trigger) not in table:
                    wrong += 1
                state, last = to, sequence
            return wrong

        def ours() -> int:
            return sum(1 for _ in walk(walk_rows.steps(store, INSTITUTION), known, Walked()))

        if bare() or ours():
            raise AssertionError("the histories are lawful")
        lines = compare(
            {
                BASE: lambda s: _rate(bare, events, s),
                "replay of steps from the store": lambda s: _rate(ours, events, s),
            },
            base=BASE,
            rounds=rounds,
            seconds=seconds,
        )
    store.close()
    return lines


def _rate(once: Callable[[], object], events: int, seconds: float) -> float:
    """Events a second."""
    return rate(once, seconds) * events


def _fill(path: Path, catalogue: Catalogue) -> int:
    """Write lawful histories, each a walk through its process; how many events."""
    draw = random.Random(4)
    rows = [row for case in range(CASES) for row in _history(draw, case, catalogue)]
    with sqlite3.connect(path) as driver:
        driver.executemany(_INSERT, rows)
    return len(rows)


def _history(draw: random.Random, case: int, catalogue: Catalogue) -> Iterator[tuple[object, ...]]:
    definition = catalogue.now[case % len(catalogue.now)]
    steps = machine.table(definition.workflow)
    state, trigger, source = definition.workflow.initial, None, None
    for sequence in range(1, STEPS + 1):
        kind = "moved" if trigger else "opened"
        yield (
            INSTITUTION, f"{case:036}", sequence, kind, trigger, source, state, "clock", sequence, definition.hash,
            b"{}", GENESIS, GENESIS,
        )  # fmt: skip
        onward = sorted(step for at, step in steps if at == state)
        if not onward:
            return
        source, trigger = state, draw.choice(onward)
        state = steps[source, trigger]
