"""How voices are let speak: as fast as they can, to learn the top speed; or by a timetable, at part of it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from tests.soak.judging import Turn

Given = TypeVar("Given")


class Speaker(Protocol):
    """Does one thing, and tells of what kind it was."""

    def turn(self) -> str: ...


@dataclass
class Timetable:
    """When the turns of a run are due, in seconds from its beginning: at random, so many a second, as people come.

    Whoever is free takes the next; a turn that nobody was free for is taken late, and counts from when it was due.
    """

    rate: float
    seconds: float
    chance: random.Random
    _last: float = 0.0
    _gate: threading.Lock = field(default_factory=threading.Lock)

    def next(self) -> float | None:
        """When the next turn is due; None after the last."""
        with self._gate:
            self._last += self.chance.expovariate(self.rate)
            return self._last if self._last < self.seconds else None


def top_speed(voices: Sequence[Speaker], seconds: float) -> float:
    """How many turns a second all of them take together when none waits for anything."""
    began = time.monotonic()

    def speak(voice: Speaker) -> int:
        count = 0
        while time.monotonic() - began < seconds:
            voice.turn()
            count += 1
        return count

    count = sum(_all(voices, speak))
    return count / (time.monotonic() - began)


def press(voices: Sequence[Speaker], timetable: Timetable, began: float) -> list[Turn]:
    """Take every turn of the timetable, from the monotonic instant `began` on."""

    def speak(voice: Speaker) -> list[Turn]:
        turns: list[Turn] = []
        while (due := timetable.next()) is not None:
            time.sleep(max(0.0, began + due - time.monotonic()))
            late, kind = time.monotonic() - began - due, voice.turn()
            turns.append(Turn(due, kind, (time.monotonic() - began - due) * 1000, late * 1000))
        return turns

    return [turn for each in _all(voices, speak) for turn in each]


def _all(voices: Sequence[Speaker], speak: Callable[[Speaker], Given]) -> list[Given]:
    with ThreadPoolExecutor(len(voices), thread_name_prefix="voice") as threads:
        return [each.result() for each in [threads.submit(speak, voice) for voice in voices]]
