"""Writes and reads XES (IEEE 1849-2016), one case after another.

Of a foreign log every attribute keeps its key; `concept:name`, `time:timestamp` and `org:resource` become
name, instant and resource. Kinds of values: string str, date datetime (aware), int, float, boolean bool,
id UUID, list a tuple of (key, value), container a dict; one with attributes of its own is `Nested`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from adapters.eventlogs.files import instant, writing, written
from adapters.eventlogs.xes_reading import CASE, NAME, RESOURCE, TIME, Reader, read_head
from adapters.eventlogs.xml import attribute
from engine.eventlog import LogEvent, LogHead, Nested, Trace

__all__ = ["XesLog", "write_xes"]

OPENING: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<log xes.version="1849.2016" xes.features="nested-attributes" xmlns="http://www.xes-standard.org/">\n'
)


@dataclass(frozen=True, slots=True)
class XesLog:
    """A XES file, packed or not. Raises LogUnreadable where it is none, as soon as that is met."""

    path: Path

    @property
    def head(self) -> LogHead:
        """What stands before the first case."""
        return read_head(self.path)

    def traces(self) -> Iterator[Trace]:
        """Read case by case, from the beginning each time. A case without a name has its place as one."""
        return Reader(self.path).traces()


def write_xes(path: Path, head: LogHead, traces: Iterable[Trace]) -> None:
    """Write a log, packed where the name ends in .gz. The file appears when it is whole.

    Raises LogUnwritable for a value of a kind that XES has not.
    """
    with writing(path) as out:
        out.write(OPENING)
        _write_head(out, head)
        for trace in traces:
            out.write("<trace>\n")
            _write(out, CASE, trace.case)
            _write_all(out, trace.attributes)
            for event in trace.events:
                _write_event(out, event)
            out.write("</trace>\n")
        out.write("</log>\n")


def _write_head(out: IO[str], head: LogHead) -> None:
    for name, prefix, uri in head.extensions:
        out.write(f'<extension name="{attribute(name)}" prefix="{attribute(prefix)}" uri="{attribute(uri)}"/>\n')
    for scope, globals_ in (("trace", head.case_globals), ("event", head.event_globals)):
        if globals_:
            out.write(f'<global scope="{scope}">\n')
            _write_all(out, globals_)
            out.write("</global>\n")
    for name, keys in head.classifiers.items():
        quoted = " ".join(f"'{key}'" if " " in key else key for key in keys)
        out.write(f'<classifier name="{attribute(name)}" scope="event" keys="{attribute(quoted)}"/>\n')
    _write_all(out, head.attributes)


def _write_event(out: IO[str], event: LogEvent) -> None:
    out.write("<event>\n")
    _write(out, NAME, event.name)
    if event.at is not None:
        _write(out, TIME, instant(event.at))
    if event.resource is not None:
        _write(out, RESOURCE, event.resource)
    _write_all(out, event.attributes)
    out.write("</event>\n")


def _write_all(out: IO[str], values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        _write(out, key, value)


def _write(out: IO[str], key: str, value: Any) -> None:
    within: Mapping[str, Any] = {}
    if isinstance(value, Nested):
        value, within = value.value, value.within
    if value is None:
        return
    named = f'key="{attribute(key)}"'
    if isinstance(value, tuple | list):
        out.write(f"<list {named}>")
        _write_all(out, within)
        out.write("<values>")
        for inner, item in value:
            _write(out, inner, item)
        out.write("</values></list>\n")
    elif isinstance(value, Mapping):
        out.write(f"<container {named}>")
        _write_all(out, value)
        out.write("</container>\n")
    else:
        kind, text = _scalar(value)
        opening = f'<{kind} {named} value="{attribute(text)}"'
        if not within:
            out.write(f"{opening}/>\n")
            return
        out.write(f"{opening}>\n")
        _write_all(out, within)
        out.write(f"</{kind}>\n")


KINDS: Final[tuple[tuple[type, str, Callable[[Any], str]], ...]] = (
    (str, "string", str),
    (bool, "boolean", lambda value: "true" if value else "false"),
    (int, "int", str),
    (float, "float", repr),
    (datetime, "date", written),
    (UUID, "id", str),
)
"""Types in the order in which they are tried: a bool is an int as well."""


def _scalar(value: Any) -> tuple[str, str]:
    """The XES kind of a value and its text; what XES does not know is written as a text."""
    for known, kind, text in KINDS:
        if isinstance(value, known):
            return kind, text(value)
    return "string", str(value)
