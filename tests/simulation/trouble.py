"""What breaks while something is done, drawn by dice: the process, the lock, the disk, the database."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from engine.errors import Away, Busy
from tests.simulation.faults import Died
from tests.simulation.nodes import Node

NOT_TAKEN: Final = (Away, Busy, sqlite3.OperationalError, sa.exc.OperationalError)
"""What whoever asked is told as "not now": nothing was done, and the same may be asked again."""

TROUBLE: Final[Mapping[str, int]] = {
    "nothing": 90, "died before commit": 3, "died after commit": 3, "database held": 1, "disk full": 1,
    "database gone": 2,
}  # fmt: skip
"""What breaks while something is done, and how often among a hundred times."""


@dataclass(frozen=True)
class Trouble:
    """Breaks something now and then. `restart` is called for a node that died."""

    dice: random.Random
    seen: Counter[str]
    path: Path
    restart: Callable[[Node], None]

    @contextmanager
    def during(self, node: Node, answers: int = 1) -> Iterator[str]:
        """Perhaps something breaks meanwhile, which is given; then nobody is told, or only some of so many."""
        which = self.dice.choices([*TROUBLE], [*TROUBLE.values()])[0]
        try:
            match which:
                case "nothing":
                    yield which
                case "database held":
                    with self._held():
                        yield which
                case "disk full":
                    with self._full(node):
                        yield which
                case _:
                    self._arm(node, which, answers)
                    yield which
        except (Died, *NOT_TAKEN):
            pass
        # Where everything was refused, the place at which it was to break was not come by.
        broke = node.seams.mend()
        if broke and which != "nothing":
            self.seen[which] += 1
        if broke and which.startswith("died"):
            self.restart(node)

    def _arm(self, node: Node, which: str, answers: int) -> None:
        """Let the node break at a place that some of its steps may pass before."""
        if which == "died after commit":
            node.seams.break_at("after_commit", passes=self.dice.randrange(answers))
        else:
            node.seams.break_at("before_commit", passes=self.dice.choice((0, 0, 0, 1)), gone=which == "database gone")

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Another program holds the database."""
        other = sqlite3.connect(self.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()

    @contextmanager
    def _full(self, node: Node) -> Iterator[None]:
        """The disk takes not one page more."""
        writer: Any = node.store._writer
        (most,) = writer.execute("PRAGMA max_page_count").fetchone()
        (now,) = writer.execute("PRAGMA page_count").fetchone()
        writer.execute(f"PRAGMA max_page_count = {now}")
        try:
            yield
        finally:
            writer.execute(f"PRAGMA max_page_count = {most}")
