"""The day on which somebody wants to look at a case again: their own note, no deadline of the case.

It stands beside the case and changes nothing of it, so it is no step and leaves no event.
Nobody else sees it, and nobody is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from engine.erasures import refuse_erased
from engine.people import wrong
from engine.store import follow_up_rows
from engine.store.store import Store

LONGEST_NOTE: Final = 500
LONGEST_AHEAD: Final = timedelta(days=3653)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The day, and what one wants to remember of it."""

    on_day: date
    note: str


@dataclass(frozen=True, slots=True)
class FollowedCase:
    """A case with the day on which somebody wants to look at it."""

    case: str
    number: str
    title: str
    on_day: date
    note: str


@dataclass(frozen=True)
class FollowUps:
    """Keeps the days. Whether the person may read the case is for the caller to ask first."""

    store: Store

    def set(self, institution: str, person: str, case: str, *, on_day: date, note: str, today: date, now: int) -> None:
        """Note the day, in place of one noted before. Raises BadFields for a day gone by, or a long note.

        Raises GuardRefused where the details of the case are erased, lest new ones gather in the notes.
        """
        if on_day < today or on_day - today > LONGEST_AHEAD:
            raise wrong(
                "on_day",
                "ange en dag från och med i dag, högst tio år fram.",
                "give a day from today on, at most ten years ahead.",
            )
        if len(note) > LONGEST_NOTE:
            raise wrong("note", f"skriv högst {LONGEST_NOTE} tecken.", f"write at most {LONGEST_NOTE} characters.")
        with self.store.writes() as connection:
            refuse_erased(connection, institution, case)
            follow_up_rows.put(connection, institution, person, case, on_day=on_day, note=note.strip(), now=now)

    def clear(self, institution: str, person: str, case: str) -> None:
        """Forget the day."""
        with self.store.writes() as connection:
            follow_up_rows.drop(connection, institution, person, case)

    def of(self, institution: str, person: str, case: str) -> FollowUp | None:
        """The person's day for the case, or None."""
        with self.store.reads() as connection:
            found = follow_up_rows.find(connection, institution, person, case)
        return FollowUp(*found) if found else None

    def listed(self, institution: str, person: str, *, until: date | None = None) -> tuple[FollowedCase, ...]:
        """The person's cases to look at until a day (None: all of them), the soonest first."""
        with self.store.reads() as connection:
            rows = follow_up_rows.listed(connection, institution, person, until=until)
        return tuple(FollowedCase(*row) for row in rows)
