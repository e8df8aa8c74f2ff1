"""Many lives, in one process or several, each from its seed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tests.simulation.truth import Broken
from tests.simulation.world import life

AT_ONCE = 4
"""How many lives a process is handed at a time."""

LONGEST = 600
"""Seconds after which a life stands still: in its one thread nobody comes to let go what it waits for."""


@dataclass(frozen=True)
class Lived:
    """A life that was played. `seconds` are those of the processor; `broken` says what did not hold."""

    seed: int
    transitions: int = 0
    seen: Counter[str] = field(default_factory=Counter)
    digest: str = ""
    seconds: float = 0.0
    broken: str | None = None


def lives(seeds: Sequence[int], steps: int, office: Path, folder: Path, *, processes: int = 1) -> Iterator[Lived]:
    """Play them, and give them in the order of their seeds."""
    play = partial(_lived, steps=steps, office=office, folder=folder)
    if processes == 1:
        yield from map(play, seeds)
        return
    # An interruption is for the one who counts; the players end with the pool.
    ignore = (signal.SIGINT, signal.SIG_IGN)
    with multiprocessing.get_context("spawn").Pool(processes, signal.signal, ignore) as pool:
        yield from pool.imap(play, seeds, chunksize=AT_ONCE)


@contextmanager
def _moving() -> Iterator[None]:
    """Raise TimeoutError where what is inside stands still."""

    def stands_still(*_: object) -> None:
        raise TimeoutError(f"stands still for {LONGEST} seconds")

    before = signal.signal(signal.SIGALRM, stands_still)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _lived(seed: int, steps: int, office: Path, folder: Path) -> Lived:
    own = folder / str(os.getpid())
    own.mkdir(exist_ok=True)
    began = time.process_time()
    try:
        with _moving():
            world = life(seed, steps, office, own)
    except Exception as found:  # noqa: BLE001 - whatever it is, it is told with its seed and the next life is played
        what = str(found) if isinstance(found, Broken) else f"seed {seed}, {steps} steps: {traceback.format_exc()}"
        return Lived(seed, broken=what, seconds=time.process_time() - began)
    seconds = time.process_time() - began
    return Lived(seed, world.truth.transitions, world.seen, world.digest, seconds)
