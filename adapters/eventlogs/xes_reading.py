"""Hears a XES document and makes cases of it; what is held in memory is one case at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from adapters.eventlogs.files import HEAVIEST, LogUnreadable, micros, parsed, too_large
from adapters.eventlogs.xml import DEEPEST, heard, hostile, local
from engine.eventlog import LogEvent, LogHead, Nested, Trace

CASE: Final = "concept:name"
NAME: Final = "concept:name"
TIME: Final = "time:timestamp"
RESOURCE: Final = "org:resource"

KEYS: Final = re.compile(r"'([^']*)'|(\S+)")
"""The keys of a classifier: parted by spaces, quoted where they hold one (IEEE 1849-2016, 4.1.4)."""
OVERHEAD: Final = 200
"""About how many bytes an element takes in memory beside its own text."""


def _boolean(text: str) -> bool:
    if text.strip().lower() not in {"true", "false", "1", "0"}:
        raise ValueError
    return text.strip().lower() in {"true", "1"}


def _identifier(text: str) -> UUID | str:
    try:
        return UUID(text)
    except ValueError:
        return text


SCALARS: Final[dict[str, Callable[[str], Any]]] = {
    "string": str,
    "date": parsed,
    "int": int,
    "float": float,
    "boolean": _boolean,
    "id": _identifier,
}
COMPOSED: Final = frozenset({"list", "container"})


@dataclass(slots=True)
class _Open:
    """An element that has begun: its kind, key and value as written, and the attributes inside it so far."""

    kind: str
    key: str = ""
    value: str = ""
    inside: list[tuple[str, Any]] = field(default_factory=list)
    values: list[tuple[str, Any]] | None = None


class _Hearing:
    """Keeps the way down to the present element, and what has become whole."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self.head_is_whole = False
        self.log: dict[str, Any] = {}
        self.extensions: list[tuple[str, str, str]] = []
        self.classifiers: dict[str, tuple[str, ...]] = {}
        self.globals: dict[str, dict[str, Any]] = {"trace": {}, "event": {}}
        self._open: list[_Open] = []
        self._events: list[LogEvent] = []
        self._weight = 0
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if not self._open and name != "log":
            raise LogUnreadable("Filen är ingen XES-logg.", "The file is no XES log.")
        if len(self._open) > DEEPEST:
            raise hostile()
        self._weight += OVERHEAD + sum(map(len, attributes.values()))
        if self._weight > HEAVIEST:
            raise too_large()
        scope = attributes.get("scope", "") if name == "global" else ""
        self._open.append(_Open(name, attributes.get("key", scope), attributes.get("value", "")))
        if name == "trace":
            self.head_is_whole = True
            self._weight = 0
        elif name == "extension":
            get = attributes.get
            self.extensions.append((get("name", ""), get("prefix", ""), get("uri", "")))
        elif name == "classifier":
            found = KEYS.findall(attributes.get("keys", ""))
            self.classifiers[attributes.get("name", "")] = tuple(quoted or bare for quoted, bare in found)

    def end(self, name: str) -> None:  # noqa: ARG002  (the port names it; the element knows its own)
        ended = self._open.pop()
        above = self._open[-1] if self._open else None
        if ended.kind in SCALARS or ended.kind in COMPOSED:
            self._tell(above, ended.key, _value(ended))
        elif ended.kind == "values" and above is not None:
            above.values = ended.inside
        elif ended.kind == "global":
            self.globals.setdefault(ended.key, {}).update(ended.inside)
        elif ended.kind == "event":
            self._end_event(ended, above)
        elif ended.kind == "trace":
            self._end_trace(ended)
        elif ended.kind == "log":
            self.head_is_whole = True

    def text(self, data: str) -> None:
        """XES holds everything in attributes; text between elements carries nothing."""

    def _tell(self, above: _Open | None, key: str, value: Any) -> None:
        if above is None or above.kind == "log":
            self.log[key] = value
        else:
            above.inside.append((key, value))

    def _end_event(self, ended: _Open, above: _Open | None) -> None:
        if above is None or above.kind != "trace":
            raise LogUnreadable(
                "Loggen innehåller en händelse utanför alla ärenden.", "The log holds an event outside of all cases."
            )
        told = dict(ended.inside)
        at = _plain(told.pop(TIME, None))
        if at is not None and not hasattr(at, "tzinfo"):
            at = parsed(str(at))
        resource = _plain(told.pop(RESOURCE, None))
        self._events.append(
            LogEvent(
                name=str(_plain(told.pop(NAME, ""))),
                at=None if at is None else micros(at),
                sequence=len(self._events) + 1,
                resource=None if resource is None else str(resource),
                attributes=told,
            )
        )

    def _end_trace(self, ended: _Open) -> None:
        self._count += 1
        told = dict(ended.inside)
        case = _plain(told.pop(CASE, None))
        self.traces.append(Trace(str(self._count if case is None else case), tuple(self._events), told))
        self._events = []


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Nested) else value


def _value(ended: _Open) -> Any:
    """The value of an attribute. Raises LogUnreadable where it is not of its kind."""
    if ended.kind == "container":
        return dict(ended.inside)
    value: Any
    if ended.kind == "list":
        # Before the standard of 2016 the items stood in the list itself.
        if ended.values is None:
            return tuple(ended.inside)
        value = tuple(ended.values)
    else:
        try:
            value = SCALARS[ended.kind](ended.value)
        except ValueError as error:
            shown = ended.value[:60]
            raise LogUnreadable(
                f"Attributet {ended.key[:60]}: ”{shown}” är inget värde av typen {ended.kind}.",
                f"The attribute {ended.key[:60]}: '{shown}' is no {ended.kind}.",
            ) from error
    return Nested(value, dict(ended.inside)) if ended.inside else value


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the cases of a file."""

    path: Path

    def traces(self) -> Iterator[Trace]:
        """Read case by case."""
        hearing = _Hearing()
        for _ in heard(self.path, hearing):
            yield from hearing.traces
            hearing.traces.clear()


def read_head(path: Path) -> LogHead:
    """Read as far as the first case."""
    hearing = _Hearing()
    for _ in heard(path, hearing):
        if hearing.head_is_whole:
            break
    return LogHead(
        attributes=hearing.log,
        extensions=tuple(hearing.extensions),
        classifiers=hearing.classifiers,
        case_globals=hearing.globals["trace"],
        event_globals=hearing.globals["event"],
    )
