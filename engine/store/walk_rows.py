"""The steps of all histories as bare rows, case by case, oldest first: for walking them, not for deciding anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any, TypeAlias

from engine.store.store import Store

Row: TypeAlias = tuple[str, int, str | None, str | None, str, str]
"""Case, sequence, from, trigger, to, definition."""

FROM_FILE = 100
"""Rows at a time where reading on costs nothing: so few that they are still near when they are looked at."""

FROM_SERVER = 5000
"""Rows at a time where each part is a way to a server and back."""

_STEPS = (
    "SELECT case_id, sequence, from_state, trigger, to_state, definition FROM event "
    "WHERE institution = {} ORDER BY case_id, sequence"
)


def steps(store: Store, institution: str) -> Iterator[list[Row]]:
    """Stream the steps of an institution as of one instant, many at a time.

    The driver's own cursor is read, for a row made by the library above it costs as much as walking it.
    """
    with store.reads() as connection:
        driver: Any = connection.connection.driver_connection
        cursor = driver.cursor() if store.sqlite else driver.cursor(name="steps")
        with closing(cursor):
            cursor.execute(_STEPS.format("?" if store.sqlite else "%s"), (institution,))
            while rows := cursor.fetchmany(FROM_FILE if store.sqlite else FROM_SERVER):
                yield rows
