"""Where the time of a step goes: who is at work whenever a timer rings, some hundred times a second.

Nothing is slowed by being watched, as it is by a tracing profiler, which makes small functions
look dear. What waits for the disk or the server counts as what waits: a ring that comes late
stands for all the time since the one before.
"""

from __future__ import annotations

import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from tests.bench.engine_step import engine_unit, office
from tests.bench.measuring import Contestant, Line, rate
from tests.databases import start_postgresql

EVERY: Final = 0.0013
"""Seconds between two rings; no multiple of anything that a step does."""

PARTS: Final = {
    "Ledger.read": "read what the step may look at",
    "Ledger.write": "write rows",
    "Store._sqlite_transaction": "begin and commit",
    "Lens.view": "views of the case for guards and rules",
    "settle_deadlines": "settle deadlines",
    "Work.decision": "seal events",
    "Legality.target": "ask the state machine",
    "parsed": "read the fields sent",
    "Work.change_facts": "change facts",
    "tell": "owe messages",
    "decide": "decide, all else",
    "Cases.step": "all else",
}
"""What a function's time is counted as; of those that are at work the innermost counts."""


def profiling(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """The share of each part in a step, on both databases."""
    lines = _shares("sqlite FULL", f"sqlite:///{folder / 'profiled.db'}", rounds * seconds)
    with start_postgresql(folder / "profiled", durable=True) as url:
        return lines + _shares("postgresql", url, rounds * seconds)


def _shares(database: str, url: str, seconds: float) -> list[Line]:
    cases = office(url)
    with engine_unit(cases) as step:
        rate(step, seconds / 4)
        taken, times = _watched(step, seconds)
    cases.store.close()
    whole = sum(taken.values())
    return [
        Line(f"{database}, {part}", f"{database}, whole step", round(share, 4), round(share, 4), round(share, 4),
             round(share * seconds / times * 1e6), "us/step")
        for part, share in ((part, taken[part] / whole) for part in sorted(taken, key=taken.__getitem__, reverse=True))
    ]  # fmt: skip


def _watched(step: Contestant, seconds: float) -> tuple[dict[str, float], int]:
    """How long each part was at work, in seconds, and how many steps were taken."""
    taken: defaultdict[str, float] = defaultdict(float)
    last = time.perf_counter()

    def ring(_signal: int, frame: FrameType | None) -> None:
        nonlocal last
        now = time.perf_counter()
        taken[_part(frame)] += now - last
        last = now

    with _ringing(ring):
        times = round(rate(step, seconds) * seconds)
    return taken, times


@contextmanager
def _ringing(ring: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, EVERY, EVERY)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _part(frame: FrameType | None) -> str:
    while frame is not None:
        name = frame.f_code.co_qualname
        for known, part in PARTS.items():
            if name == known or (known.startswith("Ledger") and name.endswith(known)):
                return part
        frame = frame.f_back
    return "the measuring itself"
