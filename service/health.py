"""Whether the service can do its work, and what stands in its way."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel

from engine.store.migrate import at_head
from engine.store.ready import DatabaseNotReady, reaching
from service.compose import House
from service.metrics import tick_age


class Live(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """What the service needs, and how far it is behind. Ages are in seconds.

    `read_only` says that nothing may be changed just now, and clock and mail rest; all can be read.
    `last_tick_age` is null where nobody has ticked yet, `oldest_owed_age` where no
    message is late. Only a database that is away or behind makes the service unready: a
    late tick or mail is a matter for whoever is on call, not for the load balancer.
    """

    ready: bool
    database: bool
    migrations: bool
    read_only: bool = False
    last_tick_age: float | None = None
    oldest_owed_age: float | None = None


AWAY: Final = Ready(ready=False, database=False, migrations=False)
BEHIND: Final = Ready(ready=False, database=True, migrations=False)


def readiness(house: House) -> Ready:
    """Ask the database."""
    try:
        with reaching(house.settings.database_url):
            return _asked(house) if at_head(house.settings.database_url) else BEHIND
    except DatabaseNotReady:
        return AWAY


def _asked(house: House) -> Ready:
    owed = house.outbox.oldest_waiting()
    return Ready(
        ready=True,
        database=True,
        migrations=True,
        read_only=house.store.rests(),
        last_tick_age=tick_age(house.store),
        oldest_owed_age=None if owed is None else max(0, house.queries.now() - owed) / 1_000_000,
    )
