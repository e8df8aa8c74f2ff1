"""What is measured, in its order: pools filled, top speed, quiet, half of top speed while things go wrong, quiet."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

import httpx

from engine.testclock import TestClock
from service.compose import House
from tests.crash.asking import Asker
from tests.crash.office import UNIT
from tests.crash.processes import Processes
from tests.crash.running import unless_away
from tests.soak.faults import PATIENCE, Dealer
from tests.soak.judging import CROWD, Line, in_the_quiet, lines, windows
from tests.soak.pressing import Timetable, press, top_speed
from tests.soak.sampling import Look, Watcher
from tests.soak.voice import LYING, Office, Visitor, Voice

SHARE: Final = 0.5
"""The share of top speed that is pressed."""

CLOCK_EVERY: Final = 0.5
LEAP: Final = timedelta(hours=1)
"""How often the test clock goes on, in seconds, and by how much: an hour of soak is 300 days of the office."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long each part takes, in seconds: pressing, filling pools before, top speed, being quiet, between looks.

    `gentle` and `hard` lie between two faults of single clients or the mail, and two that all feel;
    `calm` bounds the time after the load within which everything must be back, and is longer than the service waits
    for a tardy reader; `lies` is how many cases lie at a time.
    """

    seconds: float
    fill: float
    top: float
    quiet: float
    calm: float
    sample: float
    gentle: float
    hard: float
    lies: int

    @classmethod
    def of(cls, seconds: float) -> Plan:
        """That of a run in which so long is pressed."""
        return cls(
            seconds,
            fill=min(40.0, seconds / 6),
            top=min(20.0, seconds / 6),
            quiet=min(20.0, max(6.0, seconds / 12)),
            calm=90.0,
            sample=min(10.0, seconds / 36),
            gentle=1.5,
            hard=min(12.0, seconds / 12),
            lies=min(LYING, int(seconds)),
        )


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run came to: turns a second at top speed, the table, and the looks it rests on.

    `calmed`: seconds after the load until everything was back.
    """

    top: float
    calmed: float
    lines: Sequence[Line]
    looks: Sequence[Look]


@dataclass
class Crowd:
    """The voices over one service, and the clock that goes on while they speak."""

    house: House
    processes: Processes
    office: Office
    tokens: dict[str, str]
    chance: random.Random
    voices: list[Voice] = field(init=False)

    def __post_init__(self) -> None:
        self._stop, shared = threading.Event(), list[str]()
        askers = [Visitor(self.processes.base, self._stop) for _ in range(CROWD)]
        self.voices = [
            Voice(asker, self.tokens, UNIT, random.Random(self.chance.random()), shared, office=self.office)
            for asker in askers
        ]

    @property
    def askers(self) -> list[Asker]:
        """What each voice asked, and was told."""
        return [voice.asker for voice in self.voices]

    def leave(self) -> None:
        """Hang up."""
        for asker in self.askers:
            asker.close()

    def time_passes(self, stop: threading.Event) -> None:
        """Let the clock go on until told to stop."""
        clock = TestClock(self.house.store)
        while not stop.wait(CLOCK_EVERY):
            with unless_away():
                clock.stand_at(clock.now() + LEAP)


@contextmanager
def meanwhile(*works: Callable[[threading.Event], None]) -> Iterator[None]:
    """Do these until the end of what is inside; what one of them raises is raised then."""
    stop = threading.Event()
    with ThreadPoolExecutor(len(works), thread_name_prefix="meanwhile") as threads:
        working = [threads.submit(work, stop) for work in works]
        try:
            yield
        finally:
            stop.set()
    for each in working:
        each.result()


def measure(crowd: Crowd, dealers: Sequence[Dealer], watcher: Watcher, plan: Plan) -> Measured:
    """The whole run; the processes live on."""
    troubles = [dealer.run for dealer in dealers]
    # Pools, caches and threads fill, under every kind of trouble: what is held after this is what is held for good.
    with meanwhile(crowd.time_passes, *troubles):
        top_speed(crowd.voices, plan.fill)
    with meanwhile(crowd.time_passes):
        top = top_speed(crowd.voices, plan.top)
    before = _quiet(crowd, watcher, plan.quiet)
    looks: list[Look] = []
    watcher.began = time.monotonic()
    timetable = Timetable(top * SHARE, plan.seconds, crowd.chance)
    with meanwhile(crowd.time_passes, *troubles, partial(_watch, watcher, looks, plan.sample)):
        turns = press(crowd.voices, timetable, watcher.began)
    after, calmed = _calm(crowd, watcher, before, plan)
    table = [*lines(turns=turns, looks=looks, spans=windows(plan.seconds), before=before, after=after)]
    return Measured(top, calmed, table, looks)


def _watch(watcher: Watcher, looks: list[Look], every: float, stop: threading.Event) -> None:
    """Look now and then. What is looked at may be locked or away for a moment: then at the next time."""
    while not stop.wait(every):
        with unless_away():
            looks.append(watcher.look())


def _quiet(crowd: Crowd, watcher: Watcher, seconds: float) -> Look:
    """Ask for next to nothing for so long, and look. The service hangs up on voices that are silent for 5 seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(1)
        _stir(crowd)
    return watcher.look()


def _calm(crowd: Crowd, watcher: Watcher, before: Look, plan: Plan) -> tuple[Look, float]:
    """Wait until nothing is held that was not held before; what there is then, and after how many seconds."""
    began = time.monotonic()
    after = _quiet(crowd, watcher, plan.quiet)
    while time.monotonic() - began < plan.calm and any(line.wrong for line in in_the_quiet(before, after)):
        after = _quiet(crowd, watcher, 1)
    return after, time.monotonic() - began


def _stir(crowd: Crowd) -> None:
    """Ask for a trifle: a thread that has been idle for 10 seconds goes when somebody asks for another one."""
    headers = {"Authorization": f"Bearer {crowd.tokens['officer']}"}
    httpx.get(f"{crowd.processes.base}/api/v1/me", headers=headers, timeout=PATIENCE)
