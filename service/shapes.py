"""Shapes of single values at the web edge: ids, instants, texts in a query."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Final

from fastapi import Query
from pydantic import AfterValidator, BeforeValidator, Field

from engine.canonical import instant
from service.sent import is_text

MOST_WORDS: Final = 100
"""How many words a filter may name; a database takes only so many values in one statement."""

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def is_id(value: str) -> bool:
    """Whether a string can be the id of anything: a UUID as 36 characters."""
    return _ID.fullmatch(value) is not None


def shown(at: int | None) -> datetime | None:
    """An instant of the engine as the API shows it."""
    return None if at is None else instant(at)


def _text(value: str) -> str:
    if not is_text(value):
        raise ValueError("innehåller tecken som inte är text / holds characters that are no text")
    return value


def _written_as_day(value: object) -> object:
    # Pydantic would take a number for seconds since 1970, and an instant for its day.
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value if _DAY.fullmatch(value) else "")
    except ValueError:
        raise ValueError("ska vara ett datum, ÅÅÅÅ-MM-DD / must be a date, YYYY-MM-DD") from None


Asked = Annotated[str, Field(max_length=200), AfterValidator(_text)]
"""A word in a query."""

Day = Annotated[date, BeforeValidator(_written_as_day)]
"""A local day in a query: YYYY-MM-DD and nothing else."""

Cursor = Annotated[
    str | None,
    Query(description="`next_cursor` of the page before.", max_length=500),
]
Limit = Annotated[int, Query(ge=1, le=200, description="How many items a page holds.")]
