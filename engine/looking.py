"""Somebody opens a case to look at it: that is noted, and they learn who else has it open.

The reading is noted at the instant the office lives in; who is there now, by the machine's
clock, which goes on while a test clock stands still.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from engine.organisation import Organisation
from engine.scope import scope_of
from engine.store import audit_rows, looking_rows
from engine.store.audit_rows import Present
from engine.store.store import Store

STAYS: Final = 60_000_000
"""Microseconds after a sign of life for which somebody counts as having the case open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Who looks at which case: `at` and `day` as the office lives them, `wall` by the machine's clock (micros)."""

    institution: str
    person: str
    case: str
    at: int
    day: date
    wall: int

    @property
    def since(self) -> int:
        """From when on a sign of life counts."""
        return self.wall - STAYS


def look(store: Store, looked: Look) -> tuple[Present, ...]:
    """Note the reading and the presence in one write, and tell who else is there. Raises Busy."""
    here = {"institution": looked.institution, "case": looked.case, "person": looked.person}
    with store.writes(beside=True) as connection:
        audit_rows.note_reading(connection, {**here, "at": looked.at, "day": looked.day})
        audit_rows.beat(connection, {**here, "at": looked.wall})
        return audit_rows.present(
            connection, looked.institution, looked.case, besides=looked.person, since=looked.since
        )


def version_now(store: Store, organisation: Organisation, person: str, case: str, *, now: int) -> int | None:
    """The version of a case the person may read at an instant; None where it is not theirs to see (any more)."""
    scope = scope_of(organisation, person, now)
    with store.reads() as connection:
        return looking_rows.version_of(connection, scope, case)
