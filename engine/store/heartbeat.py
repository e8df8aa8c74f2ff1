"""Notes when something that must happen regularly last happened, so that silence is seen."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from engine.canonical import instant, micros
from engine.store.store import Store
from engine.tables import Heartbeat, table_of

TICK = "tick"
"""The beat of the ticking scheduler."""

_heartbeat = table_of(Heartbeat)


def beat(store: Store, name: str, at: datetime) -> None:
    """Note that it happened, at an instant of the machine's clock (never of a test clock)."""
    with store.writes(beside=True) as connection:
        connection.execute(
            sa.text(
                "INSERT INTO heartbeat (name, at) VALUES (:name, :at) ON CONFLICT (name) DO UPDATE SET at = excluded.at"
            ),
            {"name": name, "at": micros(at)},
        )


def last_beat(store: Store, name: str) -> datetime | None:
    """When it last happened, in UTC; None if never."""
    query = sa.select(_heartbeat.c.at).where(_heartbeat.c.name == name)
    with store.reads() as connection:
        at = connection.execute(query).scalar()
    return None if at is None else instant(at)
