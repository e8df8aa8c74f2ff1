"""What a restore writes beside the cases, and which cases have not noted it yet.

Its instants stand among those of the whole installation (`heartbeat`), so that a backup of any schema can be
put back: `restored_from` (when the backup was made) and `restore_begun` (when it was put back), of the machine's
clock; `restore_noting` (when the cases began to note it), of the office's; `restore_done`, of the machine's.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from engine.store.store import Store
from engine.tables import CaseRecord, Event, Heartbeat, OutboxRecord, SessionRecord, SignInLink, table_of

FROM: Final = "restored_from"
BEGUN: Final = "restore_begun"
NOTING: Final = "restore_noting"
DONE: Final = "restore_done"

MAY_HAVE_GONE: Final = "restored: may have been sent already"
"""Why a message of before a restore is a dead letter."""

_heartbeat = table_of(Heartbeat)
_case = table_of(CaseRecord)
_event = table_of(Event)
_outbox = table_of(OutboxRecord)


@dataclass(frozen=True, slots=True)
class Unnoted:
    """An open case that has not noted the restore, in the version it was put back in."""

    institution: str
    case: str
    version: int


@dataclass(frozen=True, slots=True)
class Noted:
    """A case that has noted a restore: when, and its body."""

    institution: str
    case: str
    number: str
    at: int
    body: Mapping[str, Any]


def instants(store: Store) -> Mapping[str, int]:
    """The instants of the last restore, by name, as far as there are any."""
    query = sa.select(_heartbeat.c.name, _heartbeat.c.at).where(_heartbeat.c.name.in_((FROM, BEGUN, NOTING, DONE)))
    with store.reads() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def note(store: Store, name: str, at: int) -> None:
    """Write one of the instants."""
    with store.writes() as connection:
        connection.execute(_heartbeat.delete().where(_heartbeat.c.name == name))
        connection.execute(_heartbeat.insert().values(name=name, at=at))


def set_aside(store: Store, *, due_by: int, made_since: int) -> int:
    """Make dead letters of what waits, was due by an instant or made since one; how many."""
    values = {"state": "dead", "last_error": MAY_HAVE_GONE, "lease_until": None}
    which = sa.or_(_outbox.c.next_try <= due_by, _outbox.c.not_before <= due_by, _outbox.c.created_at >= made_since)
    with store.writes() as connection:
        return connection.execute(_outbox.update().where(_outbox.c.state == "waiting", which).values(values)).rowcount


def count_set_aside(store: Store) -> int:
    """How many messages are set aside still, because they may have been sent before a restore."""
    query = sa.select(sa.func.count()).where(_outbox.c.state == "dead", _outbox.c.last_error == MAY_HAVE_GONE)
    with store.reads() as connection:
        return int(connection.execute(query).scalar_one())


def sign_everybody_out(store: Store) -> None:
    """End all sessions and unused links: who had signed out by the restore must not be signed in by it."""
    link = table_of(SignInLink)
    with store.writes() as connection:
        connection.execute(table_of(SessionRecord).delete())
        # One that was used is kept: its row is what says so.
        connection.execute(link.delete().where(link.c.used_at.is_(None)))


def unnoted(store: Store, *, since: int, after: str, limit: int) -> Sequence[Unnoted]:
    """Open cases, of ids after one, that have noted no restore at or since an instant; in order of id."""
    noted = sa.exists().where(
        _event.c.institution == _case.c.institution,
        _event.c.case_id == _case.c.id,
        _event.c.kind == "restored",
        _event.c.at >= since,
    )
    query = (
        sa.select(_case.c.institution, _case.c.id, _case.c.version)
        .where(_case.c.closed_at.is_(None), _case.c.id > after, ~noted)
        .order_by(_case.c.id)
        .limit(limit)
    )
    with store.reads() as connection:
        return [Unnoted(*row) for row in connection.execute(query)]


def open_cases(store: Store) -> int:
    """How many cases are open, in any institution."""
    query = sa.select(sa.func.count()).select_from(_case).where(_case.c.closed_at.is_(None))
    with store.reads() as connection:
        return int(connection.execute(query).scalar_one())


def noted(store: Store, *, since: int) -> Sequence[Noted]:
    """The cases that noted a restore at or since an instant, by number."""
    query = (
        sa.select(_event.c.institution, _event.c.case_id, _case.c.number, _event.c.at, _event.c.body)
        .join(_case, sa.and_(_case.c.institution == _event.c.institution, _case.c.id == _event.c.case_id))
        .where(_event.c.kind == "restored", _event.c.at >= since)
        .order_by(_case.c.number)
    )
    with store.reads() as connection:
        return [Noted(*row[:4], json.loads(bytes(row[4]))) for row in connection.execute(query)]
