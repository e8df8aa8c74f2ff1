"""What breaks: the process between any two lines, the disk, the lock, the clock, the mail."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from engine.errors import DeliveryFailed
from engine.ports import Message


class Died(BaseException):
    """The process ended here: nothing after this line happened, and nobody was told anything."""


@dataclass
class Seams:
    """Where the process dies: at the first of the places named that is passed."""

    dies_at: frozenset[str] = frozenset()

    def pass_by(self, name: str) -> None:
        """Die here, if so it is."""
        if name in self.dies_at:
            self.dies_at = frozenset()
            raise Died(name)


@dataclass
class WrongClock:
    """A node's clock: the world's instant, and how far it is off."""

    world: list[datetime]
    off: timedelta = timedelta(0)

    def now(self) -> datetime:
        """What the node believes."""
        return self.world[0] + self.off


@dataclass
class Mail:
    """A channel that fails, lies (it carries the message and says it did not) and is slow, by dice."""

    dice: random.Random
    seen: Counter[str]
    name: str = "mail"
    trouble: float = 0.0
    carried: Counter[str] = field(default_factory=Counter)
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
        if drawn > 1 - self.trouble / 3:
            self.seen["channel lies"] += 1
            raise DeliveryFailed("the answer was lost")

    def stopwatch(self) -> float:
        """Seconds, as the channel takes them."""
        return self.seconds

    def draw(self) -> float:
        """Jitter from the same dice."""
        return self.dice.random()
