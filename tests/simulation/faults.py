"""What breaks: the process between any two lines, the disk, the lock, the clock, the mail, what was read."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.cases import Cases
from engine.errors import DeliveryFailed
from engine.model import Request, Snapshot
from engine.ports import Message
from engine.store.ledger import Ledger


class Died(BaseException):
    """The process ended here: nothing after this line happened, and nobody was told anything."""


@dataclass
class Seams:
    """Named places on the road of a step, at one of which something breaks."""

    _breaks_at: str | None = None
    _passes: int = 0
    _gone: bool = False

    def break_at(self, name: str, *, passes: int = 0, gone: bool = False) -> None:
        """Let the process die where this place is passed after so many times; or with `gone` the database."""
        self._breaks_at, self._passes, self._gone = name, passes, gone

    def mend(self) -> bool:
        """Let nothing break any more. Whether something did."""
        broke = self._breaks_at is None
        self._breaks_at = None
        return broke

    def pass_by(self, name: str) -> None:
        """Break here, if so it is."""
        if name != self._breaks_at:
            return
        if self._passes > 0:
            self._passes -= 1
            return
        self._breaks_at = None
        if self._gone:
            raise _gone()
        raise Died(name)


def _gone() -> sqlite3.OperationalError:
    """What SQLite's driver raises where the file cannot be read or written any more."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR
    return error


@dataclass
class WrongClock:
    """A node's clock: the world's instant, and how far it is off."""

    world: list[datetime]
    off: timedelta = timedelta(0)

    def now(self) -> datetime:
        """What the node believes."""
        return self.world[0] + self.off


@dataclass
class Behind(Cases):
    """Cases that read, once, what was true some time ago: as one who was stopped between reading and writing."""

    was: Snapshot | None = None

    def look(self, request: Request) -> None:
        """Read for a request now; its next try is decided on this."""
        with self.store.step() as ledger:
            self.was = super().snapshot(ledger, request)

    def snapshot(self, ledger: Ledger, request: Request) -> Snapshot:
        """What was read before, the first time."""
        was, self.was = self.was, None
        return was or super().snapshot(ledger, request)


@dataclass
class Mail:
    """A channel that fails, lies (it carries the message and says it did not) and is slow, by dice."""

    dice: random.Random
    seen: Counter[str]
    name: str = "mail"
    trouble: float = 0.0
    carried: Counter[str] = field(default_factory=Counter)
    mixed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def opened(self) -> AbstractContextManager[Mail]:
        """Always open."""
        return nullcontext(self)

    def deliver(self, message: Message) -> None:
        """Carry it, or not, and tell the truth, or not."""
        drawn = self.dice.random()
        if drawn < self.trouble / 3:
            self.seen["channel fails"] += 1
            raise DeliveryFailed("no connection")
        if drawn < 2 * self.trouble / 3:
            self.seen["channel is slow"] += 1
            self.seconds += 3.0
        self.carried[message.key] += 1
        if self.carried[message.key] > 1:
            self.seen["message carried twice"] += 1
        if drawn > 1 - self.trouble / 3:
            self.seen["channel lies"] += 1
            raise DeliveryFailed("the answer was lost")

    def stopwatch(self) -> float:
        """Seconds, as the channel takes them."""
        return self.seconds

    def draw(self) -> float:
        """Jitter from the same dice."""
        return self.dice.random()
