"""Writes and reads OCEL 2.0 as XML, one object and one event after another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import IO, Any, Final

from adapters.eventlogs.files import (
    HEAVIEST,
    STOCKHOLM,
    LogUnreadable,
    instant,
    micros,
    parsed,
    too_large,
    writing,
    written,
)
from adapters.eventlogs.ocel_values import FROM_THE_BEGINNING, Kinds, at, kind, text, value
from adapters.eventlogs.xml import DEEPEST, attribute, heard, hostile, local
from engine.eventlog import Held, LogObject, LogType, ObjectEvent, ObjectLog, Relation

WHOLE: Final = frozenset({"object-type", "event-type", "object", "event"})
"""Elements that tell one thing each."""


def write_ocel_xml(path: Path, log: ObjectLog) -> None:
    """Write a log; the file appears when it is whole."""
    with writing(path) as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n<log>\n')
        for name, types in (("object", log.object_types), ("event", log.event_types)):
            out.write(f"<{name}-types>\n")
            for each in types:
                told = "".join(f"<attribute{_named(of)} type={_quoted(of_kind)}/>" for of, of_kind in each.attributes)
                out.write(f"<{name}-type{_named(each.name)}><attributes>{told}</attributes></{name}-type>\n")
            out.write(f"</{name}-types>\n")
        out.write("<objects>\n")
        for one in log.objects():
            _write_object(out, one)
        out.write("</objects>\n<events>\n")
        for event in log.events():
            _write_event(out, event)
        out.write("</events>\n</log>\n")


def read_ocel_xml(path: Path, zone: tzinfo = STOCKHOLM) -> ObjectLog:
    """Open a log; its types are read now, the rest when it is asked for. Raises LogUnreadable then and there."""
    object_types, event_types = _types(path)
    of_objects, of_events = Kinds(object_types), Kinds(event_types)
    return ObjectLog(
        object_types=object_types,
        event_types=event_types,
        objects=lambda: (_object(each, of_objects, zone) for each in _told(path, "object")),
        events=lambda: (_event(each, of_events, zone) for each in _told(path, "event")),
    )


# Writing.


def _quoted(of: str) -> str:
    return f'"{attribute(of)}"'


def _named(of: str) -> str:
    return f" name={_quoted(of)}"


def _write_object(out: IO[str], of: LogObject) -> None:
    out.write(f"<object id={_quoted(of.id)} type={_quoted(of.type)}><attributes>")
    for each in of.held:
        time = _quoted(at(each.at, written(instant(each.at))))
        out.write(f"<attribute{_named(each.name)} time={time}>{attribute(text(each.value))}</attribute>")
    out.write("</attributes>")
    _write_ties(out, of.relations)
    out.write("</object>\n")


def _write_event(out: IO[str], of: ObjectEvent) -> None:
    time = written(instant(of.at))
    out.write(f"<event id={_quoted(of.id)} type={_quoted(of.type)} time={_quoted(time)}><attributes>")
    for name, each in of.attributes.items():
        out.write(f"<attribute{_named(name)}>{attribute(text(each))}</attribute>")
    out.write("</attributes>")
    _write_ties(out, of.relations)
    out.write("</event>\n")


def _write_ties(out: IO[str], ties: Iterable[Relation]) -> None:
    out.write("<objects>")
    for tie in ties:
        out.write(f"<relationship object-id={_quoted(tie.object)} qualifier={_quoted(tie.qualifier)}/>")
    out.write("</objects>")


# Reading.


@dataclass(slots=True)
class _Told:
    """An element that tells one thing: its XML attributes, OCEL attributes (with their texts), relations."""

    kind: str
    given: dict[str, str]
    attributes: list[tuple[dict[str, str], str]] = field(default_factory=list)
    ties: list[Relation] = field(default_factory=list)


class _Hearing:
    """Gathers the things of some kinds."""

    def __init__(self, wanted: Iterable[str]) -> None:
        self.found: list[_Told] = []
        self.passed: set[str] = set()
        self._wanted = frozenset(wanted)
        self._path: list[str] = []
        self._now: _Told | None = None
        self._texts: list[str] | None = None
        self._weight = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        if not self._path and name != "log":
            raise LogUnreadable("Filen är ingen OCEL 2.0-logg.", "The file is no OCEL 2.0 log.")
        if len(self._path) > DEEPEST:
            raise hostile()
        above = self._path[-1] if self._path else ""
        self._path.append(name)
        # <objects> inside of an object or event holds its relations; only right below the log it holds objects.
        if len(self._path) == 3 and name in WHOLE and above == f"{name}s":  # noqa: PLR2004  (log, list, thing)
            self._now = _Told(name, attributes) if name in self._wanted else None
            self._weight = 0
        elif self._now is not None:
            self._inside(above, name, attributes)

    def _inside(self, above: str, name: str, attributes: dict[str, str]) -> None:
        now = self._now
        assert now is not None  # noqa: S101  (start asks only then)
        self._weigh(200 + sum(map(len, attributes.values())))
        if name == "attribute" and above == "attributes":
            now.attributes.append((attributes, ""))
            self._texts = []
        elif above in {"objects", "relationships"} and "object-id" in attributes:
            now.ties.append(Relation(attributes["object-id"], attributes.get("qualifier", "")))

    def end(self, name: str) -> None:
        name = local(name)
        self._path.pop()
        if self._now is None:
            self.passed.update({name} if len(self._path) == 1 else ())
            return
        if self._texts is not None and name == "attribute":
            given, _ = self._now.attributes[-1]
            self._now.attributes[-1] = (given, "".join(self._texts))
            self._texts = None
        elif len(self._path) == 2:  # noqa: PLR2004  (back in the list)
            self.found.append(self._now)
            self._now = None

    def text(self, data: str) -> None:
        if self._texts is not None:
            self._weigh(len(data))
            self._texts.append(data)

    def _weigh(self, more: int) -> None:
        self._weight += more
        if self._weight > HEAVIEST:
            raise too_large()


def _types(path: Path) -> tuple[tuple[LogType, ...], tuple[LogType, ...]]:
    """The types of objects and of events; reads no further than to the end of both lists."""
    hearing = _Hearing({"object-type", "event-type"})
    for _ in heard(path, hearing):
        if hearing.passed >= {"object-types", "event-types"}:
            break
    found: dict[str, list[LogType]] = {"object-type": [], "event-type": []}
    for each in hearing.found:
        told = tuple((given.get("name", ""), kind(given.get("type", ""))) for given, _ in each.attributes)
        found[each.kind].append(LogType(each.given.get("name", ""), told))
    return tuple(found["object-type"]), tuple(found["event-type"])


def _told(path: Path, wanted: str) -> Iterator[_Told]:
    hearing = _Hearing({wanted})
    for _ in heard(path, hearing):
        yield from hearing.found
        hearing.found.clear()


def _object(of: _Told, kinds: Kinds, zone: tzinfo) -> LogObject:
    type_ = _must(of, "type")
    held = tuple(
        Held(
            given.get("name", ""),
            micros(parsed(given.get("time") or FROM_THE_BEGINNING, zone)),
            value(content, kinds.of(type_, given.get("name", "")), zone),
        )
        for given, content in of.attributes
    )
    return LogObject(_must(of, "id"), type_, held, tuple(of.ties))


def _event(of: _Told, kinds: Kinds, zone: tzinfo) -> ObjectEvent:
    type_ = _must(of, "type")
    told: dict[str, Any] = {
        given.get("name", ""): value(content, kinds.of(type_, given.get("name", "")), zone)
        for given, content in of.attributes
    }
    return ObjectEvent(_must(of, "id"), type_, micros(parsed(_must(of, "time"), zone)), told, tuple(of.ties))


def _must(of: _Told, name: str) -> str:
    if name not in of.given:
        shown = str(of.given)[:120]
        raise LogUnreadable(
            f"I filen saknar <{of.kind}> attributet {name}: {shown}",
            f"In the file <{of.kind}> lacks the attribute {name}: {shown}",
        )
    return of.given[name]
