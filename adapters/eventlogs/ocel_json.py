"""Writes and reads OCEL 2.0 as JSON, one object and one event after another."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, tzinfo
from functools import partial
from pathlib import Path
from typing import IO, Any, Final, TypeVar

from adapters.eventlogs.files import (
    STOCKHOLM,
    LogUnreadable,
    LogUnwritable,
    damaged,
    instant,
    micros,
    parsed,
    reading,
    writing,
    written,
)
from adapters.eventlogs.json_items import Items, Malformed
from adapters.eventlogs.ocel_values import Kinds, at, kind, value
from engine.eventlog import Held, LogObject, LogType, ObjectEvent, ObjectLog, Relation

TYPES: Final = ("objectTypes", "eventTypes")
T = TypeVar("T")


def write_ocel_json(path: Path, log: ObjectLog) -> None:
    """Write a log; the file appears when it is whole. Raises LogUnwritable."""
    with writing(path) as out:
        out.write("{")
        for name, types in zip(TYPES, (log.object_types, log.event_types), strict=True):
            _write_list(out, name, map(_type, types))
            out.write(",\n")
        _write_list(out, "objects", map(_object, log.objects()))
        out.write(",\n")
        _write_list(out, "events", map(_event, log.events()))
        out.write("}\n")


def read_ocel_json(path: Path, zone: tzinfo = STOCKHOLM) -> ObjectLog:
    """Open a log; its types are read now, the rest when it is asked for. Raises LogUnreadable then and there."""
    types: dict[str, list[LogType]] = {name: [] for name in TYPES}
    for name, item in _items(path, TYPES):
        types[name].append(_checked(path, _read_type, item))
    kinds = {name: Kinds(types[name]) for name in TYPES}
    return ObjectLog(
        object_types=tuple(types["objectTypes"]),
        event_types=tuple(types["eventTypes"]),
        objects=lambda: _each(path, "objects", partial(_read_object, kinds["objectTypes"], zone)),
        events=lambda: _each(path, "events", partial(_read_event, kinds["eventTypes"], zone)),
    )


# Writing.


def _write_list(out: IO[str], name: str, items: Iterable[Mapping[str, Any]]) -> None:
    out.write(f'"{name}":[')
    for count, item in enumerate(items):
        out.write(",\n" if count else "\n")
        try:
            out.write(json.dumps(item, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_instant))
        except (TypeError, ValueError) as error:
            raise LogUnwritable(f"{name}: {error}") from error
    out.write("]")


def _instant(item: object) -> str:
    if isinstance(item, datetime):
        return written(item)
    raise TypeError(f"{type(item).__name__} is no kind of value of OCEL 2.0")


def _type(of: LogType) -> dict[str, Any]:
    return {"name": of.name, "attributes": [{"name": name, "type": each} for name, each in of.attributes]}


def _relations(ties: Iterable[Relation]) -> list[dict[str, str]]:
    return [{"objectId": tie.object, "qualifier": tie.qualifier} for tie in ties]


def _object(of: LogObject) -> dict[str, Any]:
    times = (at(each.at, written(instant(each.at))) for each in of.held)
    held = [{"name": each.name, "time": time, "value": each.value} for each, time in zip(of.held, times, strict=True)]
    return {"id": of.id, "type": of.type, "attributes": held, "relationships": _relations(of.relations)}


def _event(of: ObjectEvent) -> dict[str, Any]:
    told = [{"name": name, "value": each} for name, each in of.attributes.items()]
    return {
        "id": of.id,
        "type": of.type,
        "time": written(instant(of.at)),
        "attributes": told,
        "relationships": _relations(of.relations),
    }


# Reading.


def _items(path: Path, wanted: Iterable[str]) -> Iterator[tuple[str, Any]]:
    names = frozenset(wanted)
    with reading(path) as file, io.TextIOWrapper(file, "utf-8-sig") as text:
        try:
            yield from ((name, item) for name, item in Items(text) if name in names)
        except (Malformed, UnicodeDecodeError) as error:
            raise damaged(path, error) from error


def _each(path: Path, name: str, read: Callable[[Any], T]) -> Iterator[T]:
    return (_checked(path, read, item) for _, item in _items(path, (name,)))


def _checked(path: Path, read: Callable[[Any], T], item: Any) -> T:
    try:
        return read(item)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        shown = json.dumps(item, ensure_ascii=False)[:120]
        raise LogUnreadable(
            f"Filen {path.name} är ingen OCEL 2.0-logg: {shown}", f"The file {path.name} is no OCEL 2.0 log: {shown}"
        ) from error


def _read_type(item: Any) -> LogType:
    told = item.get("attributes") or ()
    return LogType(str(item["name"]), tuple((str(each["name"]), kind(str(each["type"]))) for each in told))


def _ties(item: Any) -> tuple[Relation, ...]:
    told = item.get("relationships") or ()
    return tuple(Relation(str(each["objectId"]), str(each.get("qualifier") or "")) for each in told)


def _read_object(kinds: Kinds, zone: tzinfo, item: Any) -> LogObject:
    type_ = str(item["type"])
    held = tuple(
        Held(
            each["name"],
            micros(parsed(each.get("time") or "1970-01-01T00:00:00Z", zone)),
            value(each["value"], kinds.of(type_, each["name"]), zone),
        )
        for each in item.get("attributes") or ()
    )
    return LogObject(str(item["id"]), type_, held, _ties(item))


def _read_event(kinds: Kinds, zone: tzinfo, item: Any) -> ObjectEvent:
    type_ = str(item["type"])
    told = {
        each["name"]: value(each["value"], kinds.of(type_, each["name"]), zone) for each in item.get("attributes") or ()
    }
    return ObjectEvent(str(item["id"]), type_, micros(parsed(item["time"], zone)), told, _ties(item))
