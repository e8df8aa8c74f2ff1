"""The tables of the whole installation, which no institution leads."""

from __future__ import annotations

from sqlmodel import Field

from engine.tables.base import Table, instant


class TestClockRecord(Table, table=True):
    """The instant at which the test clock stands."""

    __tablename__ = "test_clock"

    id: int = Field(primary_key=True)
    now: int = instant()


class Heartbeat(Table, table=True):
    """When something that must happen regularly last happened."""

    __tablename__ = "heartbeat"

    name: str = Field(primary_key=True)
    at: int = instant()
