"""Which units' deadlines are still to be worked out anew, as the change that moved their calendar or figures left it.

A row for each unit of each such change stands among the instants of the installation (`heartbeat`), written with the
change itself: whoever dies before all is worked out leaves it to be done by another.
"""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from engine.store.store import Session, Store
from engine.tables import Heartbeat, table_of

_heartbeat = table_of(Heartbeat)


def owe(connection: Session, institution: str, version: int, units: Collection[str], *, at: int) -> None:
    """Note what a change of the organisation to this version owes, at an instant of the office's clock."""
    if units:
        rows = [{"name": f"{_beginning(institution)}{version} {unit}", "at": at} for unit in sorted(units)]
        connection.execute(_heartbeat.insert(), rows)


def owed(store: Store, institution: str, *, version: int, by: int) -> dict[str, str]:
    """The units to be worked out for changes up to a version, made by an instant; by the name of each note."""
    beginning = _beginning(institution)
    query = sa.select(_heartbeat.c.name).where(
        _heartbeat.c.name.startswith(beginning, autoescape=True), _heartbeat.c.at <= by
    )
    with store.reads() as connection:
        names = connection.execute(query).scalars().all()
    notes = {name: name.removeprefix(beginning).partition(" ") for name in names}
    return {name: unit for name, (changed, _, unit) in notes.items() if int(changed) <= version}


def settle(store: Store, names: Collection[str]) -> None:
    """Note that it is done."""
    with store.writes() as connection:
        connection.execute(_heartbeat.delete().where(_heartbeat.c.name.in_(list(names))))


def _beginning(institution: str) -> str:
    return f"recount {institution} "
