"""What a report is: columns, and lines whose values a page, a CSV and a JSON say each in their own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, TypeAlias

from engine.asking import Asking
from engine.canonical import micros
from engine.cases import Cases
from engine.paging import Page
from engine.store.report_rows import Wanted
from engine.vocabulary import Role, Text

DETAIL_ERASED: Final = Text("uppgiften är raderad", "detail erased")
"""Stands where something was told that has been erased since (DESIGN 7)."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by id, with the name where they have one still; also "clock", "import" or "installation"."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant, UTC microseconds."""

    at: int


@dataclass(frozen=True, slots=True)
class UnitOf:
    """A unit by its code."""

    code: str


@dataclass(frozen=True, slots=True)
class Code:
    """A value of a closed set of a process: the set's name, and the value."""

    kind: str
    value: str


Value: TypeAlias = bool | int | str | date | Text | Role | Person | Moment | UnitOf | Code | tuple[Text, ...] | None


@dataclass(frozen=True, slots=True)
class EventRef:
    """An event: its case by id and number, and its place in that case's history."""

    case: str
    number: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `values` are keyed by column; `events` is what it rests on, the event itself first.

    `version` names the change of the organisation a line about rights rests on.
    """

    values: Mapping[str, Value]
    events: tuple[EventRef, ...] = ()
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a report. Where there is little room, it stands below the column `under`.

    One that is not `shown` says what the way to the line's event says already.
    """

    name: str
    label: Text
    under: str | None = None
    shown: bool = True


class Period(StrEnum):
    """What days a report is about: those on which something happened, or one on which something held."""

    SPAN = "span"
    DAY = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is asked for. Days are the institution's local ones, both included; None and empty narrow nothing.

    A report about one day takes `until`, else today. A `unit` means those below it too. `kind` is one
    of the report's own kinds.
    """

    since: date | None = None
    until: date | None = None
    unit: str | None = None
    workflow: str | None = None
    kind: str | None = None


@dataclass(frozen=True)
class Question:
    """A report asked for: by whom, over which connection, narrowed how."""

    cases: Cases
    asked: Asking
    filter: Filter

    @property
    def units(self) -> tuple[str, ...]:
        """The unit asked for and those below it; none: all."""
        organisation, unit = self.asked.organisation, self.filter.unit
        if unit is None:
            return ()
        return tuple(code for code in organisation.units if unit in organisation.upwards(code)) or (unit,)

    def wanted(self, **alternatives: object) -> Wanted:
        """Which rows are looked at: the filter's, that are one of the alternatives."""
        calendar, asked = self.asked.calendar, self.filter
        narrowed = {
            "workflow": (asked.workflow,) if asked.workflow else (),
            "unit": self.units,
            "since": micros(calendar.start_of(asked.since)) if asked.since else None,
            "before": micros(calendar.end_of(asked.until)) if asked.until else None,
        }
        return Wanted(**narrowed, **alternatives)  # type: ignore[arg-type]  # the names are those of Wanted


Lines: TypeAlias = Callable[[Question, str | None, int], Page[Line]]
"""Gives the page of a report that begins after a cursor, of at most so many lines."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report: what it is called, and `about`, how its lines are found. `kinds` can be asked for by themselves."""

    name: str
    label: Text
    about: Text
    columns: tuple[Column, ...]
    lines: Lines
    period: Period = Period.SPAN
    by_workflow: bool = True
    kinds: Mapping[str, Text] = field(default_factory=dict)
