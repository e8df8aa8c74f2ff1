"""Lives that were lived, and what seals them: a signer, a place that keeps checkpoints, and hands to look."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from adapters.signing import FileSigner, new_key
from engine.errors import DeliveryFailed
from engine.model import Comment
from engine.ports import Checkpoint
from engine.sealing import Sealing
from engine.tables import Table
from tests.engine.house import INSTITUTION
from tests.engine.lives import Life

SEALS = ("seal_tile", "seal_run", "checkpoint", "checkpoint_sent")


@dataclass
class Shelf:
    """A place that keeps what it is given, and fails when told to."""

    name: str = "shelf"
    pause_seconds: int = 0
    kept: list[Checkpoint] = field(default_factory=list)
    failing: bool = False

    def publish(self, checkpoint: Checkpoint) -> None:
        if self.failing:
            raise DeliveryFailed("the shelf is full")
        self.kept.append(checkpoint)

    def newest(self) -> Checkpoint | None:
        return self.kept[-1] if self.kept else None


@dataclass
class Office:
    """Lives that were lived, and what seals them."""

    life: Life
    sealing: Sealing
    shelf: Shelf
    signer: FileSigner

    def seal(self, **how: Any) -> Checkpoint:
        done = self.sealing.seal(INSTITUTION, **how)
        assert done.checkpoint is not None
        assert done.wrong == ()
        return done.checkpoint

    def comment(self, words: str = "seen", case: str | None = None) -> None:
        """Let something more happen."""
        self.life.house.ask(Comment(words), "ann", case or self.life.stay)

    def seals(self) -> dict[str, list[str]]:
        dump = self.life.house.dump()
        return {name: dump[name] for name in SEALS}

    def wrong(self, *outside: Checkpoint) -> tuple[str, str | None, int | None] | None:
        """What a check says first: the words, the case, the sequence."""
        found = self.sealing.check(INSTITUTION, outside=outside).wrong
        return (found.what, found.case, found.sequence) if found else None

    def entries(self) -> list[bytes]:
        """The chain hashes of all events by case and sequence, read around the seals."""
        return [bytes.fromhex(row["hash"]) for row in self.life.house.rows("event")]

    def forget_seals(self) -> None:
        """Take every seal out of the database, as somebody would who means to make them anew."""
        with self.life.house.store.writes() as connection:
            for name in SEALS:
                connection.execute(sa.delete(Table.metadata.tables[name]))


def office_in(life: Life, folder: Path) -> Office:
    signer = FileSigner(folder / "key.pem", "x.se/fardplan")
    new_key(signer.path, signer.name)
    shelf = Shelf()
    return Office(life, Sealing(life.house.store, life.house.clock, signer, (shelf,)), shelf, signer)
