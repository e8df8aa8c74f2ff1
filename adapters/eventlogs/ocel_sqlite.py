"""Writes OCEL 2.0 as a SQLite file: one table for each type of object and of event (the standard's relational form)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from adapters.eventlogs.files import LogUnwritable, instant, replacing, written
from engine.eventlog import LogObject, LogType, ObjectEvent, ObjectLog

SCHEMA: Final = """
CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT);
CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES event_map_type (ocel_type));
CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT REFERENCES object_map_type (ocel_type));
CREATE TABLE event_object (
    ocel_event_id TEXT REFERENCES event (ocel_id),
    ocel_object_id TEXT REFERENCES object (ocel_id),
    ocel_qualifier TEXT,
    PRIMARY KEY (ocel_event_id, ocel_object_id, ocel_qualifier)
);
CREATE TABLE object_object (
    ocel_source_id TEXT REFERENCES object (ocel_id),
    ocel_target_id TEXT REFERENCES object (ocel_id),
    ocel_qualifier TEXT,
    PRIMARY KEY (ocel_source_id, ocel_target_id, ocel_qualifier)
);
"""
DECLARED: Final = {
    "string": "TEXT", "time": "TIMESTAMP", "integer": "INTEGER", "float": "REAL", "boolean": "BOOLEAN",
}  # fmt: skip
UNFIT: Final = re.compile(r"[^A-Za-z0-9_]")
AT_ONCE: Final = 1000


def write_ocel_sqlite(path: Path, log: ObjectLog) -> None:
    """Write a log; the file appears when it is whole.

    Raises LogUnwritable where an id stands twice, an attribute is not declared, or two
    attributes of a type differ in capitals only, which are one column to SQLite.
    """
    with replacing(path) as part, closing(sqlite3.connect(part, isolation_level=None)) as store:
        store.execute("PRAGMA journal_mode = OFF")
        store.execute("PRAGMA synchronous = OFF")
        store.executescript(SCHEMA)
        try:
            store.execute("BEGIN")
            _write_objects(store, log)
            _write_events(store, log)
            store.execute("COMMIT")
        except (sqlite3.Error, KeyError, OverflowError) as error:
            raise LogUnwritable(f"OCEL 2.0 as SQLite: {error}") from error


def quoted(name: str) -> str:
    """Write the name of a table or column so that SQLite takes it as it is. No name can hold a null."""
    return '"' + name.replace('"', '""').replace("\0", "") + '"'


def _tables(store: sqlite3.Connection, of: str, types: Iterable[LogType], before: str, after: str) -> dict[str, str]:
    """Make a table for each type; the statement that fills it, by type."""
    used: set[str] = set()
    statements = {}
    for each in types:
        name = _table_name(each.name, used)
        store.execute(f"INSERT INTO {of}_map_type VALUES (?, ?)", (each.name, name))  # noqa: S608  (a constant)
        columns = "".join(f", {quoted(column)} {DECLARED[kind]}" for column, kind in each.attributes)
        table = quoted(f"{of}_{name}")
        store.execute(f"CREATE TABLE {table} (ocel_id TEXT {before}, ocel_time TIMESTAMP{columns}{after})")
        marks = ", ".join("?" for _ in each.attributes)
        rest = f", {marks}" if marks else ""
        statements[each.name] = f"INSERT INTO {table} VALUES (?, ?{rest}{', ?' if after else ''})"  # noqa: S608  (quoted)
    return statements


def _table_name(type_: str, used: set[str]) -> str:
    """The type's name without what has a meaning elsewhere, and no name twice."""
    base = UNFIT.sub("", type_) or "Type"
    name, number = base, 2
    while name.casefold() in used:
        name, number = f"{base}_{number}", number + 1
    used.add(name.casefold())
    return name


def _columns(types: Iterable[LogType]) -> Mapping[str, tuple[str, ...]]:
    return {each.name: tuple(name for name, _ in each.attributes) for each in types}


def _write_objects(store: sqlite3.Connection, log: ObjectLog) -> None:
    columns = _columns(log.object_types)
    fill = _tables(store, "object", log.object_types, "", ", ocel_changed_field TEXT")
    for each in log.objects():
        store.execute("INSERT INTO object VALUES (?, ?)", (each.id, each.type))
        store.executemany(fill[each.type], _object_rows(each, columns[each.type]))
        ties = ((each.id, tie.object, tie.qualifier) for tie in each.relations)
        store.executemany("INSERT OR IGNORE INTO object_object VALUES (?, ?, ?)", ties)


def _object_rows(of: LogObject, columns: tuple[str, ...]) -> Iterable[tuple[Any, ...]]:
    """One row with the values held from the beginning, then one for each change."""
    first: dict[str, Any] = {}
    later = []
    for each in of.held:
        if each.name not in columns:
            raise KeyError(each.name)
        if each.at == 0 and each.name not in first:
            first[each.name] = each.value
        else:
            later.append(each)
    yield (of.id, _time(0), *(_stored(first.get(name)) for name in columns), None)
    for each in later:
        values = (_stored(each.value) if name == each.name else None for name in columns)
        yield (of.id, _time(each.at), *values, each.name)


def _write_events(store: sqlite3.Connection, log: ObjectLog) -> None:
    columns = _columns(log.event_types)
    fill = _tables(store, "event", log.event_types, "PRIMARY KEY", "")
    for each in log.events():
        _write_event(store, each, fill[each.type], columns[each.type])


def _write_event(store: sqlite3.Connection, of: ObjectEvent, fill: str, columns: tuple[str, ...]) -> None:
    unknown = of.attributes.keys() - set(columns)
    if unknown:
        raise KeyError(min(unknown))
    store.execute("INSERT INTO event VALUES (?, ?)", (of.id, of.type))
    store.execute(fill, (of.id, _time(of.at), *(_stored(of.attributes.get(name)) for name in columns)))
    ties = ((of.id, tie.object, tie.qualifier) for tie in of.relations)
    store.executemany("INSERT OR IGNORE INTO event_object VALUES (?, ?, ?)", ties)


def _time(at: int) -> str:
    return written(instant(at))


def _stored(value: Any) -> Any:
    return written(value) if isinstance(value, datetime) else value
