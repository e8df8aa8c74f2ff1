"""The demo's own ports: a clock moved by hand, ids from a seed, letters of the last weeks only."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.outbox import Letters, Renderer
from engine.ports import Message
from engine.store.owed_rows import OwedRow
from engine.store.store import Store
from engine.testclock import TestClock


class HeldClock(TestClock):
    """The test clock while the year is played: only this process moves it, so it need not ask."""

    def __init__(self, store: Store, at: datetime) -> None:
        super().__init__(store)
        self._at = at

    def now(self) -> datetime:
        return self._at

    def stand_at(self, at: datetime) -> None:
        """Put the clock somewhere; the database is told once, when the year is over."""
        self._at = at


class SeededIds:
    """UUID version 7 whose chance comes from a seed."""

    def __init__(self, seed: int) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - a demo's ids are to be the same every time

    def new(self, now: datetime) -> str:
        """Draw an identifier that sorts by the instant it was drawn at."""
        value = int(now.timestamp() * 1000) << 80 | self._dice.getrandbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        value = value & ~(0x3 << 62) | 0x2 << 62
        text = f"{value:032x}"
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class NoJitter:
    """Pauses between attempts are not spread: nobody else delivers."""

    def draw(self) -> float:
        """Draw always the same."""
        return 0.0


@dataclass(frozen=True)
class LastWeeks:
    """Writes only the letters of the last weeks: older ones count as read and thrown away."""

    writer: Renderer
    since: datetime

    def look_up(self, rows: Sequence[OwedRow], now: datetime) -> Letters:
        """The letters of these rows, or old ones."""
        return OldLetters(self.writer, now) if now < self.since else self.writer.look_up(rows, now)


@dataclass(frozen=True)
class OldLetters:
    """Letters of long ago: nothing is looked up for them, and nothing is to be said."""

    writer: Renderer
    now: datetime

    def write(self, _rows: Sequence[OwedRow], /) -> Message | None:
        """None: nobody reads it any more."""
        return None

    def next_day(self, row: OwedRow) -> int:
        """When the recipient's next working window after today opens."""
        return self.writer.look_up([row], self.now).next_day(row)
