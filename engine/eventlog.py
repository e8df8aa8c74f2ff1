"""Event logs, whoever wrote them: cases of a process as sequences of named events.

The neutral shape between a store, a file of another system (XES, OCEL, CSV) and what is
asked of them: rules, fitness, variants. What a log does not tell is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


def nothing() -> Mapping[str, Any]:
    """No attributes."""
    return NOTHING


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
    attributes: Mapping[str, Any] = field(default_factory=nothing)


@dataclass(frozen=True, slots=True)
class Trace:
    """One case of a log, its events in the order in which they happened."""

    case: str
    events: tuple[LogEvent, ...]
    attributes: Mapping[str, Any] = field(default_factory=nothing)

    @property
    def names(self) -> tuple[str, ...]:
        """The activities, in order."""
        return tuple(event.name for event in self.events)


@dataclass(frozen=True, slots=True)
class Nested:
    """A value that bears attributes of its own, as XES allows (IEEE 1849-2016, 4.2.1)."""

    value: Any
    within: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """What a log says of itself before its first case.

    `extensions` are (name, prefix, URI); `classifiers` map a name to the attributes by which events are told
    apart; the globals are attributes that every case, and every event, is said to have, with their defaults.
    """

    attributes: Mapping[str, Any] = field(default_factory=nothing)
    extensions: tuple[tuple[str, str, str], ...] = ()
    classifiers: Mapping[str, tuple[str, ...]] = field(default_factory=nothing)
    case_globals: Mapping[str, Any] = field(default_factory=nothing)
    event_globals: Mapping[str, Any] = field(default_factory=nothing)


# Logs about several kinds of objects at once (OCEL 2.0).


@dataclass(frozen=True, slots=True)
class Relation:
    """A tie to an object, and what kind of tie it is."""

    object: str
    qualifier: str


@dataclass(frozen=True, slots=True)
class LogType:
    """A type of objects or of events, with its attributes as (name, kind).

    Kinds are those of OCEL 2.0: string, time, integer, float, boolean.
    """

    name: str
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """That an attribute of an object holds a value from an instant on (UTC microseconds; 0: from the beginning)."""

    name: str
    at: int
    value: Any


@dataclass(frozen=True, slots=True)
class LogObject:
    """Something events are about."""

    id: str
    type: str
    held: tuple[Held, ...] = ()
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """Something that happened to some objects; `type` is the activity, `at` UTC microseconds."""

    id: str
    type: str
    at: int
    attributes: Mapping[str, Any] = field(default_factory=nothing)
    relations: tuple[Relation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLog:
    """A log about several kinds of objects. `objects` and `events` read anew, one by one, each time they are called."""

    object_types: tuple[LogType, ...]
    event_types: tuple[LogType, ...]
    objects: Callable[[], Iterator[LogObject]]
    events: Callable[[], Iterator[ObjectEvent]]
