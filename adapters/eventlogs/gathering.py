"""Brings together what lies apart: events of one case, through a file of its own that goes when it is read.

What is held in memory is one case, however many there are and however they are mixed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from adapters.eventlogs.files import HEAVIEST, instant, micros, too_large

INSTANT: Final = "\x00instant"
"""Marks an instant among the attributes, which are kept as JSON; no attribute can have this name."""


def gathered(items: Iterable[tuple[str, int | None, Any]]) -> Iterator[tuple[str, list[Any]]]:
    """Gather (case, instant, JSON value) by case: cases by their first item, items by instant.

    Items of one instant keep the order they came in; where one of a case has no instant, all of that case do.
    """
    # An empty name is a private file on disk, which SQLite removes when it is closed.
    with closing(sqlite3.connect("", isolation_level=None)) as store:
        store.execute("PRAGMA journal_mode = OFF")
        store.execute("PRAGMA synchronous = OFF")
        store.execute("CREATE TABLE found (id INTEGER PRIMARY KEY, name TEXT UNIQUE)")
        store.execute("CREATE TABLE item (case_id INTEGER, n INTEGER, at INTEGER, told TEXT)")
        store.execute("BEGIN")
        store.executemany("INSERT INTO item VALUES (?, ?, ?, ?)", _numbered(store, items))
        store.execute("CREATE INDEX by_case ON item (case_id, n)")
        rows = store.execute(
            "SELECT found.name, item.at, item.told FROM item JOIN found ON found.id = item.case_id "
            "ORDER BY item.case_id, item.n"
        )
        for name, group in groupby(rows, lambda row: row[0]):
            yield name, _in_order(group)


def _numbered(
    store: sqlite3.Connection, items: Iterable[tuple[str, int | None, Any]]
) -> Iterator[tuple[int, int, int | None, str]]:
    last, known = None, 0
    for number, (case, at, told) in enumerate(items):
        if case != last:
            store.execute("INSERT INTO found (name) VALUES (?) ON CONFLICT DO NOTHING", (case,))
            known = store.execute("SELECT id FROM found WHERE name = ?", (case,)).fetchone()[0]
            last = case
        yield known, number, at, json.dumps(told, ensure_ascii=True, default=_packed)


def _in_order(group: Iterable[tuple[str, int | None, str]]) -> list[Any]:
    found, weight = [], 0
    for _, at, told in group:
        weight += len(told) + 200
        if weight > HEAVIEST:
            raise too_large()
        found.append((at, told))
    if all(at is not None for at, _ in found):
        found.sort(key=lambda each: each[0] or 0)
    return [json.loads(told, object_hook=_unpacked) for _, told in found]


def _packed(value: object) -> dict[str, int]:
    if isinstance(value, datetime):
        return {INSTANT: micros(value)}
    raise TypeError(type(value).__name__)


def _unpacked(found: dict[str, Any]) -> Any:
    return instant(found[INSTANT]) if INSTANT in found else found
