"""Writes the rows of an export into an empty store: events with their details, and the organisation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import sqlalchemy as sa

from engine.canonical import GENESIS
from engine.store.rows import ORGANISATION_TABLES
from engine.store.store import Session, Store
from engine.tables import CaseRecord, Event, EventDetail, Table, table_of

_case = table_of(CaseRecord)
_event = table_of(Event)
_detail = table_of(EventDetail)
_tables = Table.metadata.tables
SPAN = ("id", "since_version", "until_version")


def organisation_rows(store: Store, institution: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row the organisation ever had, as table and JSON values, oldest first; names of people are in none."""
    with store.reads() as connection:
        for name, fields in ORGANISATION_TABLES.items():
            table = _tables[name]
            query = sa.select(*(table.c[field] for field in (*SPAN, *fields))).where(table.c.institution == institution)
            for row in connection.execute(query.order_by(table.c.since_version, table.c.id)):
                yield name, {key: _written(value) for key, value in row._asdict().items()}


@contextmanager
def _writing(store: Store) -> Iterator[Session]:
    """A transaction. Raises ValueError for a row with something that its table cannot hold, or that stands there."""
    try:
        with store.writes() as connection:
            yield connection
    except sa.exc.OperationalError:
        raise  # the database, not the row
    except (sa.exc.StatementError, OverflowError) as error:
        raise ValueError("a row does not fit its table") from error


def keep_organisation(store: Store, institution: str, rows: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
    """Write rows as `organisation_rows` gives them. Raises KeyError for a table or column that is none."""
    with _writing(store) as connection:
        for name, row in rows:
            if name not in ORGANISATION_TABLES:
                raise KeyError(name)
            table = _tables[name]
            values = {key: _read(table.c[key], value) for key, value in row.items()}
            connection.execute(table.insert().values(institution=institution, **values))


def keep_events(store: Store, events: Sequence[Mapping[str, Any]], details: Sequence[Mapping[str, Any]]) -> None:
    """Write events (all columns of `event`) and details (all columns of `event_detail`)."""
    with _writing(store) as connection:
        if events:
            connection.execute(_event.insert(), list(events))
        if details:
            connection.execute(_detail.insert(), list(details))


def keep_numbers(store: Store, institution: str, cases: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Write a row for each case, which says its number and how it was opened, and nothing of what it became since.

    Each is id, number, and of its opening: workflow, unit, definition, to (the state), at.
    """
    rows = [
        {
            "institution": institution,
            "id": case,
            "number": number,
            "workflow": opening["workflow"],
            "unit": opening["unit"],
            "definition": opening["definition"],
            "state": opening["to"],
            "title": "",
            "search": "",
            "facts": {},
            "acts": {},
            "version": 1,
            "head": GENESIS,
            "opened_at": opening["at"],
            "updated_at": opening["at"],
            "entered_at": opening["at"],
        }
        for case, number, opening in cases
    ]
    if rows:
        with _writing(store) as connection:
            connection.execute(_case.insert(), rows)


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _read(column: sa.Column[Any], value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(column.type, sa.Date) and value is not None else value
