"""Plays the lives of cases day by day, and lets the clock do its part in between."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from engine.errors import Refused
from service.demo.stage import Overtaken, Playable, Stage
from service.demo.year import SITTINGS

Progress = Callable[[int, int], None]
"""Is told how many days are done, of how many."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A step that was refused though the script meant it to succeed: when, and the refusal."""

    day: date
    what: str


@dataclass
class Script:
    """Lives that wait for their day. `faults` and `overtaken` are for whoever writes the lives."""

    stage: Stage
    faults: list[Fault] = field(default_factory=list)
    overtaken: list[str] = field(default_factory=list)
    _waiting: list[tuple[date, int, int, Playable]] = field(default_factory=list)
    _count: int = 0

    def play(self, until: date, progress: Progress) -> None:
        """Play every day before `until`; that day itself is left to whoever opens the office."""
        first = day = self.stage.today
        while day < until:
            if self.stage.calendar.is_working_day(day):
                for sitting, wall in enumerate(SITTINGS):
                    self._sit(day, sitting, wall)
            day += timedelta(days=1)
            progress((day - first).days, (until - first).days)

    def _sit(self, day: date, sitting: int, wall: time) -> None:
        self._enrol(day, sitting)
        due: list[Playable] = []
        while self._waiting and self._waiting[0][:2] <= (day, sitting):
            due.append(heapq.heappop(self._waiting)[3])
        if not due:
            return
        self.move(self.stage.calendar.at(day, wall))
        with self.stage.store.transaction() as ledger:
            self.stage.at_work(ledger)
            for life in due:
                self._live(life, day, sitting)
        self.stage.at_work(None)

    def move(self, to: datetime) -> None:
        """Let all that is due up to an instant happen; people may have worked beyond it."""
        self.stage.mover.move(max(to, self.stage.clock.now()))

    def _live(self, life: Playable, day: date, sitting: int) -> None:
        try:
            pause = next(life)
        except StopIteration:
            pass
        except Overtaken as gone:
            self.overtaken.append(str(gone))
        except Refused as refused:
            codes = ", ".join(reason.code for reason in refused.reasons) or refused.code
            self.faults.append(Fault(day, f"{refused.state}: {refused.trigger}: {codes}: {refused}"))
        else:
            self._wait(life, day, sitting, pause)
        self._enrol(day, sitting)

    def _enrol(self, day: date, sitting: int) -> None:
        for pause, life in self.stage.starting:
            self._wait(life, day, sitting, pause)
        self.stage.starting.clear()

    def _wait(self, life: Playable, day: date, sitting: int, pause: int | date) -> None:
        when, then = day, sitting + 1
        if isinstance(pause, int) and pause > 0:
            when, then = self.stage.day(pause), self.stage.dice.randrange(len(SITTINGS))
        elif not isinstance(pause, int) and pause > day:
            when, then = pause, 0
        self._count += 1
        heapq.heappush(self._waiting, (when, then, self._count, life))
