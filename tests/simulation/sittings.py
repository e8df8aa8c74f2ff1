"""What was played when, kept in a file, so that many sittings add up."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.simulation.playing import Lived


@dataclass
class Sitting:
    """Lives played one after the other. `seconds` are those of the processor, over all processes."""

    steps: int
    commit: str
    at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    first: int = 0
    last: int = 0
    lives: int = 0
    transitions: int = 0
    seconds: float = 0.0
    seen: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def add(self, lived: Lived) -> None:
        """Count one more life; they come in the order of their seeds."""
        self.first = self.first if self.lives else lived.seed
        self.last = lived.seed
        self.lives += 1
        self.transitions += lived.transitions
        self.seconds += lived.seconds
        self.seen.update(lived.seen)
        self.broken += [lived.broken] if lived.broken else []

    @property
    def line(self) -> str:
        """How far it has come."""
        speed = self.transitions / self.seconds if self.seconds else 0.0
        return (
            f"{self.lives:,} lives (seeds {self.first} to {self.last}, {self.steps} steps each), "
            f"{self.transitions:,} transitions, {speed:,.0f} in a second of processor time, {len(self.broken)} broken"
        )


def kept(path: Path) -> list[Sitting]:
    """The sittings in the file; none where there is no file."""
    if not path.exists():
        return []
    read = json.loads(path.read_text(encoding="utf-8"))["sittings"]
    return [Sitting(**{**each, "seen": Counter(each["seen"])}) for each in read]


def append(path: Path, sitting: Sitting) -> list[Sitting]:
    """Write one more sitting to the file. Gives all of them."""
    sittings = [*kept(path), sitting]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"sittings": [vars(each) for each in sittings]}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
    return sittings


def in_all(sittings: Sequence[Sitting]) -> str:
    """What all of them come to; a seed that was played with as many steps, at the same commit, counts once."""
    once = {(each.commit, each.steps, seed) for each in sittings if each.lives
            for seed in range(each.first, each.last + 1)}  # fmt: skip
    transitions = sum(each.transitions for each in sittings)
    broken = sum(len(each.broken) for each in sittings)
    seconds = sum(each.seconds for each in sittings)
    return (
        f"in all: {len(sittings)} sittings, {len(once):,} different lives, {transitions:,} transitions, "
        f"{seconds:,.0f} s of processor time, {broken} broken"
    )


def table(seen: Counter[str]) -> str:
    """What was done and what broke, and how often."""
    return "\n".join(f"{count:12,}  {what}" for what, count in sorted(seen.items()))
