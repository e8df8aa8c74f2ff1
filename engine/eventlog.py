"""Event logs, whoever wrote them: cases of a process as sequences of named events.

The neutral shape between a store, a file of another system (XES, OCEL, CSV) and what is
asked of them: rules, fitness, variants. What a log does not tell is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LogEvent:
    """Something that happened in a case.

    `name` is the activity (in our own histories the trigger, or the kind where there is none); `at` is UTC
    microseconds; `sequence` is its place in its case, from 1; `attributes` is whatever else the log tells.
    """

    name: str
    at: int | None
    sequence: int
    resource: str | None = None
    attributes: Mapping[str, Any] = field(default=NOTHING)


@dataclass(frozen=True, slots=True)
class Trace:
    """One case of a log, its events in the order in which they happened."""

    case: str
    events: tuple[LogEvent, ...]
    attributes: Mapping[str, Any] = field(default=NOTHING)

    @property
    def names(self) -> tuple[str, ...]:
        """The activities, in order."""
        return tuple(event.name for event in self.events)
