"""What a target of fuzzing is, and what it stands in."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from engine.catalogue import Catalogue
from service.compose import House, build
from service.settings import Environment, Settings
from tests.fuzzing import corpora
from tests.fuzzing.oddities import mutated
from tests.fuzzing.universities import Universities
from tests.journeys.office import INSTITUTION

Mutator = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


@dataclass(frozen=True)
class Target:
    """A parser. `read` gives a value or raises one of `refusals`; `share` is of the time."""

    name: str
    read: Callable[[bytes], object]
    examples: Sequence[bytes]
    refusals: tuple[type[BaseException], ...] = ()
    mutate: Mutator = mutated
    share: float = 1.0


@dataclass
class Surroundings:
    """What parsers stand in: a folder in memory, a house that knows tokens and sessions, papers of an audit."""

    folder: Path
    house: House
    made: Universities
    papers: dict[str, bytes] = field(default_factory=dict)

    def file(self, raw: bytes, name: str) -> Path:
        path = self.folder / name
        path.write_bytes(raw)
        return path


@contextmanager
def surroundings(folder: Path, made: Universities, processes: Catalogue) -> Iterator[Surroundings]:
    """Open a house over a copy of the universities' database."""
    url = made.copy(folder / "targets.db")
    settings = Settings(
        database_url=url, institution=INSTITUTION, environment=Environment.TEST, test_clock=True,
        secret_key=None, mailbox=folder / "mail", base_url="http://office.test",
    )  # fmt: skip
    house = build(settings, catalogue=processes)
    try:
        yield Surroundings(folder, house, made, corpora.papers())
    finally:
        house.close()


def typed(raw: bytes) -> str:
    """Bytes as text that somebody typed, odd characters and all."""
    return raw.decode("utf-8", "replace")
