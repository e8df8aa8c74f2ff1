"""Reads OCEL 2.0 from a SQLite file, one object and one event after another.

The file is opened for reading only, and its schema is trusted with nothing: what is not a plain table is
refused. Values and relations are brought into order in temporary tables, on disk where they are many.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import tzinfo
from functools import partial
from pathlib import Path
from typing import Any, Final

from adapters.eventlogs.files import HEAVIEST, STOCKHOLM, LogUnreadable, damaged, micros, parsed, reading
from adapters.eventlogs.ocel_sqlite import quoted
from adapters.eventlogs.ocel_values import FROM_THE_BEGINNING, kind, value
from engine.eventlog import Held, LogObject, LogType, ObjectEvent, ObjectLog, Relation

NEEDED: Final = ("event", "object", "event_object", "object_object", "event_map_type", "object_map_type")
OWN: Final = frozenset({"ocel_id", "ocel_time", "ocel_changed_field"})
MAGIC: Final = b"SQLite format 3\0"
MOST_TYPES: Final = 2000


def read_ocel_sqlite(path: Path, zone: tzinfo = STOCKHOLM) -> ObjectLog:
    """Open a log; its types are read now, the rest when it is asked for. Raises LogUnreadable then and there."""
    with _opened(path) as store:
        object_types, event_types = _types(store, "object"), _types(store, "event")
    return ObjectLog(
        object_types=tuple(each for each, _ in object_types),
        event_types=tuple(each for each, _ in event_types),
        objects=partial(_objects, path, tuple(object_types), zone),
        events=partial(_events, path, tuple(event_types), zone),
    )


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with reading(path) as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise LogUnreadable("Filen är ingen SQLite-fil.", "The file is no SQLite file.")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)) as store:
            store.execute("PRAGMA trusted_schema = OFF")
            store.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, HEAVIEST)
            _must_be_plain(store)
            yield store
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise damaged(path, error) from error


def _must_be_plain(store: sqlite3.Connection) -> None:
    """Refuse a file that lacks a table of the standard, or in which a view or virtual table would be asked."""
    found = {name: (what, sql or "") for name, what, sql in store.execute("SELECT name, type, sql FROM sqlite_master")}
    for name in NEEDED:
        if name not in found:
            raise LogUnreadable(
                f"Filen är ingen OCEL 2.0-logg: tabellen {name} saknas.",
                f"The file is no OCEL 2.0 log: the table {name} is missing.",
            )
    for what, sql in found.values():
        if what == "view" or "VIRTUAL" in sql.upper().split("(")[0].split():
            raise LogUnreadable(
                "Filen innehåller vyer eller virtuella tabeller och läses inte.",
                "The file holds views or virtual tables, so it is not read.",
            )


def _types(store: sqlite3.Connection, of: str) -> list[tuple[LogType, str]]:
    """The types, each with the name of its table."""
    found = []
    query = f"SELECT ocel_type, ocel_type_map FROM {of}_map_type ORDER BY rowid LIMIT ?"  # noqa: S608  (a constant)
    for type_, mapped in store.execute(query, (MOST_TYPES,)):
        table = f"{of}_{mapped}"
        columns = store.execute(f"PRAGMA table_info({quoted(table)})").fetchall()
        if not columns:
            raise LogUnreadable(f"Tabellen {table} saknas.", f"The table {table} is missing.")
        told = tuple((row[1], kind(row[2].split("(")[0])) for row in columns if row[1] not in OWN)
        found.append((LogType(str(type_), told), table))
    return found


def _of(kinds: Mapping[str, dict[str, str]], type_name: Any, id_: Any) -> dict[str, str]:
    """The kinds of the attributes of a type."""
    if type_name not in kinds:
        raise LogUnreadable(
            f"{id_} är av typen {type_name}, som inte finns i filen.",
            f"{id_} is of the type {type_name}, which is not in the file.",
        )
    return kinds[type_name]


def _objects(path: Path, types: tuple[tuple[LogType, str], ...], zone: tzinfo) -> Iterator[LogObject]:
    with _opened(path) as store:
        _gather_ties(store, "object_object", "ocel_source_id", "ocel_target_id")
        _gather_told(store, types, changes=True)
        kinds = {type_.name: dict(type_.attributes) for type_, _ in types}
        for id_, type_name in store.execute("SELECT ocel_id, ocel_type FROM main.object ORDER BY rowid"):
            of_kind = _of(kinds, type_name, id_)
            held = [
                Held(name, micros(parsed(time or FROM_THE_BEGINNING, zone)), value(raw, of_kind[name], zone))
                for told in store.execute("SELECT told FROM temp.told WHERE id = ? ORDER BY rowid", (id_,))
                for time, changed, values in (json.loads(told[0]),)
                for name, raw in values.items()
                if changed is None or name == changed
            ]
            yield LogObject(str(id_), str(type_name), tuple(held), _ties(store, id_))


def _events(path: Path, types: tuple[tuple[LogType, str], ...], zone: tzinfo) -> Iterator[ObjectEvent]:
    with _opened(path) as store:
        _gather_ties(store, "event_object", "ocel_event_id", "ocel_object_id")
        _gather_told(store, types, changes=False)
        kinds = {type_.name: dict(type_.attributes) for type_, _ in types}
        for id_, type_name in store.execute("SELECT ocel_id, ocel_type FROM main.event ORDER BY rowid"):
            found = store.execute("SELECT told FROM temp.told WHERE id = ?", (id_,)).fetchone()
            time, _, values = json.loads(found[0]) if found else (None, None, {})
            if time is None:
                raise LogUnreadable(f"Händelsen {id_} har ingen tid.", f"The event {id_} has no time.")
            of_kind = _of(kinds, type_name, id_)
            told = {name: value(raw, of_kind[name], zone) for name, raw in values.items()}
            yield ObjectEvent(str(id_), str(type_name), micros(parsed(time, zone)), told, _ties(store, id_))


def _gather_told(store: sqlite3.Connection, types: tuple[tuple[LogType, str], ...], *, changes: bool) -> None:
    store.execute("CREATE TEMP TABLE told (id TEXT, told TEXT)")
    for type_, table in types:
        rows = _table_rows(store, type_, table, changes=changes)
        store.executemany("INSERT INTO temp.told VALUES (?, ?)", rows)
    store.execute("CREATE INDEX temp.by_told ON told (id)")


def _table_rows(store: sqlite3.Connection, type_: LogType, table: str, *, changes: bool) -> Iterator[tuple[Any, str]]:
    """The rows of a type's table as id and JSON of (time, changed attribute, values that are there)."""
    names = [name for name, _ in type_.attributes]
    has = {row[1] for row in store.execute(f"PRAGMA table_info({quoted(table)})")}
    changed = "ocel_changed_field" if changes and "ocel_changed_field" in has else "NULL"
    time = "ocel_time" if "ocel_time" in has else "NULL"
    columns = ", ".join(["ocel_id", time, changed, *map(quoted, names)])
    for id_, at, field, *values in store.execute(f"SELECT {columns} FROM main.{quoted(table)} ORDER BY rowid"):  # noqa: S608  (quoted)
        there = {name: each for name, each in zip(names, values, strict=True) if each is not None}
        yield id_, json.dumps([None if at is None else str(at), field, there], default=str)


def _gather_ties(store: sqlite3.Connection, table: str, source: str, target: str) -> None:
    store.execute("CREATE TEMP TABLE tie (id TEXT, object TEXT, qualifier TEXT)")
    ties = f"SELECT {source}, {target}, ocel_qualifier FROM main.{table} ORDER BY rowid"  # noqa: S608  (constants)
    store.execute(f"INSERT INTO temp.tie {ties}")
    store.execute("CREATE INDEX temp.by_tie ON tie (id)")


def _ties(store: sqlite3.Connection, id_: Any) -> tuple[Relation, ...]:
    rows = store.execute("SELECT object, qualifier FROM temp.tie WHERE id = ? ORDER BY rowid", (id_,))
    return tuple(Relation(str(name), str(qualifier or "")) for name, qualifier in rows)
