"""The row of the test clock: one for the whole installation, in UTC microseconds."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import TestClockRecord, table_of

_clock = table_of(TestClockRecord)


def stands_at(store: Store) -> int | None:
    """The instant at which the clock stands; None where it was never set.

    Asked amid other reading, and so from the pool in which nobody who reads waits for a second connection: in the
    same pool all could hold one and wait for another, until they give up.
    """
    with store.asks() as connection:
        row = connection.execute("SELECT now FROM test_clock WHERE id = 1").fetchone()
    return None if row is None else int(row[0])


def begin(store: Store, start: int) -> int:
    """Set a clock that was never set, unless somebody else has; the instant at which it stands."""
    with store.writes(beside=True) as connection:
        found = connection.execute(sa.select(_clock.c.now)).scalar()
        if found is not None:
            return int(found)
        connection.execute(_clock.insert().values(id=1, now=start))
    return start


def stand_at(store: Store, at: int) -> None:
    """Put the clock somewhere."""
    with store.writes() as connection:
        moved = connection.execute(_clock.update().where(_clock.c.id == 1).values(now=at))
        if moved.rowcount == 0:
            connection.execute(_clock.insert().values(id=1, now=at))
