"""A house whose people have addresses, with an outbox over a channel that keeps what it is given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from adapters.memory import MemoryChannel
from adapters.system import NothingStandsThere
from engine.canonical import micros
from engine.catalogue import Catalogue
from engine.outbox import Outbox
from engine.ports import Clock
from engine.tables import Table
from engine.ticking import Ticker
from engine.writing import Writer
from tests.engine.house import CATALOGUE, INSTITUTION, MONDAY, House, open_house

LANGUAGES = {"ann": "sv", "arne": "sv", "bea": "en", "hedda": "sv", "olle": "en"}


class NoJitter:
    """Draws nothing, so that pauses are what they are declared to be."""

    def draw(self) -> float:
        return 0.0


@dataclass
class Post:
    """The house, and what carries its messages out."""

    house: House
    outbox: Outbox
    ticker: Ticker
    channel: MemoryChannel = field(default_factory=MemoryChannel)

    def put(self, table: str, **values: Any) -> None:
        with self.house.store.writes() as connection:
            connection.execute(
                sa.insert(Table.metadata.tables[table]).values(institution=INSTITUTION, **values)
            )

    def sent(self) -> list[tuple[str, str]]:
        """What went out, as (address, subject), in the order of delivery."""
        return [(message.to_address, message.subject) for message in self.channel.messages]

    def poison(self, case: str) -> None:
        """Let no step of the case succeed: its definition cannot be found."""
        record = Table.metadata.tables["case_record"]
        with self.house.store.writes() as connection:
            connection.execute(sa.update(record).where(record.c.id == case).values(definition="lost"))


@contextmanager
def open_post(
    url: str, *, clock: Clock | None = None, catalogue: Catalogue = CATALOGUE
) -> Iterator[Post]:
    """The house at the empty database `url`, its people with addresses."""
    with open_house(url, catalogue=catalogue) as house:
        if clock is not None:
            house.cases.clock = clock
        writer = Writer(house.store, catalogue, "http://127.0.0.1:8000", "fardplan@x.se")
        channel = MemoryChannel()
        outbox = Outbox(
            house.store, house.cases.clock, channel, writer, NoJitter(), NothingStandsThere()
        )
        post = Post(house, outbox, Ticker(house.cases), channel)
        for person, language in LANGUAGES.items():
            post.put(
                "person",
                id=person,
                name=person.title(),
                email=f"{person}@x.se",
                language=language,
                created_at=micros(MONDAY),
            )
        yield post
