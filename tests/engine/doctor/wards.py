"""A doctor over a house in which cases have lived, and hands to damage what is stored of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from engine.canonical import micros
from engine.doctor.examining import Doctor, Examined
from engine.doctor.rounds import look
from engine.store import finding_rows, heartbeat
from tests.engine.house import CATALOGUE, INSTITUTION, StillClock
from tests.engine.lives import Life, lived

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@dataclass
class Ward:
    """The lives, and who looks at them by a machine's clock of their own."""

    life: Life
    doctor: Doctor
    wall: StillClock = field(default_factory=lambda: StillClock(NOON))

    def all(self, *, deep: bool = False) -> Examined:
        return self.doctor.all(INSTITUTION, deep=deep)

    def found(self, *, deep: bool = False) -> set[tuple[str, str]]:
        """Which checks find something of which cases."""
        return {(each.check, each.case) for each in self.all(deep=deep).found}

    def about(self, check: str) -> dict[str, str]:
        """What a check finds, by what it is about."""
        return {each.about: each.what for each in self.all().found if each.check == check}

    def look(self, *, after: timedelta = timedelta()) -> Examined | None:
        """The regular look, some time later."""
        self.wall.at += after
        return look(self.doctor, INSTITUTION)

    def watch(self, span: timedelta) -> None:
        """Let workers be seen alive at every look for so long."""
        for _ in range(span // timedelta(minutes=10) + 1):
            self.wall.at += timedelta(minutes=10)
            heartbeat.beat(self.life.house.store, heartbeat.TICK, self.wall.at)
            self.look()

    def sql(self, statement: str, **values: Any) -> None:
        """Write around the engine; something must be changed by it."""
        with self.life.house.store.writes() as connection:
            assert connection.execute(sa.text(statement), values).rowcount != 0

    def change(self, table: str, values: Mapping[str, Any], **where: Any) -> None:
        self.life.change(table, values, **where)

    def kept(self, *, closed: bool = False) -> list[finding_rows.Finding]:
        """The findings that are kept: those open, or those closed."""
        rows = self.life.house.rows("finding")
        return [
            finding_rows.Finding(row["case_id"], row["check_name"], row["promise"], row["about"], row["what"])
            for row in rows
            if (row["closed_at"] is not None) == closed
        ]


def doctor_of(life: Life, wall: StillClock) -> Doctor:
    return Doctor(life.house.store, CATALOGUE, life.house.clock, wall)


@contextmanager
def warded(url: str) -> Iterator[Ward]:
    """Lives lived, all messages out, and a doctor."""
    with lived(url) as life:
        life.post.outbox.deliver_all()
        wall = StillClock(NOON)
        yield Ward(life, doctor_of(life, wall), wall)


def now_of(ward: Ward) -> int:
    """The office's instant."""
    return micros(ward.life.house.clock.at)
