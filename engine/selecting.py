"""A number with the cases it counts: what was selected, written so that an address can hold it.

Whoever shows a number links it to the list of exactly those cases (`Insight.listed`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from engine.errors import BadFields
from engine.people import wrong

YES_NO = {"yes": True, "no": False}
SEVERAL = frozenset({"workflow", "state", "unit"})
YES_OR_NO = frozenset({"unassigned", "open", "overdue"})
DAYS = frozenset({"entered_from", "entered_to"})
YEARS = frozenset({"academic_year"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which cases are meant. Empty and None narrow nothing; what is given must all hold.

    `entered_from` and `entered_to` are local days, both included, on which the case came into
    its present state. `linked_unit` is the unit of the case linked as `through`. With
    `held_under` (an agreement), `academic_year` (the calendar year it begins in), `direction`,
    `level` or `row`, the cases that hold such a place are meant. `blocked_by` is the code of a
    reason that holds up some step of the longest waiting cases of the one `workflow` named.
    """

    workflow: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    assignee: str | None = None
    unassigned: bool | None = None
    open: bool | None = None
    overdue: bool | None = None
    definition: str | None = None
    entered_from: date | None = None
    entered_to: date | None = None
    through: str | None = None
    linked_unit: str | None = None
    held_under: str | None = None
    academic_year: int | None = None
    direction: str | None = None
    level: str | None = None
    row: str | None = None
    blocked_by: str | None = None

    @property
    def of_places(self) -> bool:
        """Whether cases are meant by a place they hold."""
        given = (self.held_under, self.academic_year, self.direction, self.level, self.row)
        return any(each is not None for each in given)

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Write the selection as names and values of a query string, in a fixed order."""
        given = ((part.name, getattr(self, part.name)) for part in fields(self))
        return tuple((name, text) for name, value in given for text in _written(value))

    @classmethod
    def read(cls, pairs: Iterable[tuple[str, str]]) -> Selection:
        """Read what `pairs` wrote; other names are left alone. Raises BadFields on a value that fits nothing."""
        known = {part.name for part in fields(cls)}
        given: dict[str, Any] = {}
        for name, text in pairs:
            if name in known and text:
                value = _read(name, text)
                given[name] = (*given.get(name, ()), value) if name in SEVERAL else value
        return cls(**given)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many cases, and which."""

    count: int
    selection: Selection


def _written(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, tuple):
        return value
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    return (value.isoformat() if isinstance(value, date) else str(value),)


def _read(name: str, text: str) -> Any:
    try:
        if name in YES_OR_NO:
            return YES_NO[text]
        if name in DAYS:
            return date.fromisoformat(text)
        if name in YEARS:
            return _year(text)
    except (ValueError, KeyError):
        raise _bad(name) from None
    if "\0" in text or text != text.encode(errors="ignore").decode():
        raise _bad(name)
    return text


def _year(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) == len("2027")):
        raise ValueError(text)
    return int(text)


def _bad(name: str) -> BadFields:
    return wrong(
        name, "värdet går inte att läsa; ta bort det ur adressen.", "cannot be read; take it out of the address."
    )
