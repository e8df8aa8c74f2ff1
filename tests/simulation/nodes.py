"""A node: a process of the service with what it keeps in memory, over the one database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, Final

import sqlalchemy as sa

from engine.batching import Result
from engine.canonical import instant
from engine.catalogue import Catalogue
from engine.directory import Directory
from engine.gathering import Gathering, _Caller
from engine.model import Outcome, Request
from engine.outbox import Outbox
from engine.ports import Ids, Message, Nonces
from engine.store.owed_rows import OwedRow
from engine.store.store import Store
from tests.simulation.faults import Behind, Died, Mail, Seams, WrongClock

DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class PlainLetters:
    """Writes the same words always, and notes a letter that is from two institutions."""

    mixed: list[str]

    def look_up(self, rows: Sequence[OwedRow], now: datetime) -> PlainLetters:
        """Nothing to look up."""
        return self

    def write(self, rows: Sequence[OwedRow], /) -> Message:
        """A message with the first row's key."""
        first, who = rows[0], rows[0].recipient
        if len({row.institution for row in rows}) > 1:
            self.mixed.append(f"one letter for {rows}")
        at = instant(first.created_at)
        return Message(first.id, first.institution, who, who, "F", "f@x.se", "s", "t", "sv", at)

    def next_day(self, row: OwedRow) -> int:
        """A day later."""
        return row.next_try + DAY // timedelta(microseconds=1)


@dataclass
class Ground:
    """What the nodes share: the database's address, the instant it really is, ids and nonces, the mail."""

    url: str
    now: list[datetime]
    ids: Ids
    nonces: Nonces
    mail: Mail


@dataclass
class Node:
    """A process: what it keeps in memory ends with it. `place` tells it from the others."""

    ground: Ground
    place: int
    catalogue: Catalogue
    seams: Seams = field(default_factory=Seams)

    def __post_init__(self) -> None:
        ground = self.ground
        self.store = _opened(ground.url, self.place)
        self.clock = WrongClock(ground.now)
        self.cases = Behind(self.store, self.catalogue, self.clock, ground.ids, ground.nonces, self.seams)
        self.directory = Directory(self.store, self.clock, ground.ids)
        mail, letters = ground.mail, PlainLetters(ground.mail.mixed)
        self.outbox = Outbox(self.store, self.clock, mail, letters, mail, self.seams, stopwatch=mail.stopwatch)

    def restarted(self, catalogue: Catalogue | None = None) -> Node:
        """The process that comes after this one, on the same machine with the same clock."""
        self.store.close()
        fresh = Node(self.ground, self.place, catalogue or self.catalogue)
        fresh.clock.off = self.clock.off
        return fresh

    # The roads of a step. Each gives a result for as many requests as were answered before the process died.

    def alone(self, requests: Sequence[Request]) -> list[Result]:
        """One after the other, each in a commit of its own."""
        results: list[Result] = []
        with suppress(Died):
            results.extend(_result(partial(self.cases.step, request)) for request in requests)
        return results

    def batch(self, requests: Sequence[Request]) -> list[Result]:
        """All in one commit, as files and bulk actions are taken; nobody is answered if it fails."""
        with suppress(Died):
            return self.cases.steps(requests)
        return []

    def group(self, requests: Sequence[Request]) -> list[Result]:
        """All at once, as threads that come while another's step is under way.

        A thread that waits is a caller in the line: so that the order is drawn and not the
        machine's, the callers are put in line, the first is let in, and whoever is told to
        lead after that does. What is not played is how threads come to the gate.
        """
        gathering = self.cases._gathering
        callers = [_Caller(request) for request in requests]
        gathering._line.extend(callers[1:])
        gathering._free -= 1
        results: list[Result] = []
        with suppress(Died):
            for caller in callers:
                # Who was answered in another's group has a result; else it is theirs to lead.
                result = _result(partial(_led, gathering, caller))
                self.seams.pass_by("after_commit")
                results.append(result)
        return results


def _led(gathering: Gathering, caller: _Caller) -> Outcome:
    if caller.result is None:
        gathering._lead(caller)
    if isinstance(caller.result, Outcome):
        return caller.result
    raise caller.result or RuntimeError("a step was not answered")


def _result(step: Callable[[], Outcome]) -> Result:
    try:
        return step()
    except Exception as error:  # noqa: BLE001 - what it is, is judged where it is answered
        return error


def _opened(url: str, place: int) -> Store:
    """The database, opened by a new process that finds it held without waiting: nobody lets go meanwhile."""
    store = Store(url, durable=False)
    store.engine.dispose()
    store.engine = _compiled(url, place)
    _impatient(store._open_writer(), None)
    return store


@cache
def _compiled(url: str, place: int) -> sa.Engine:
    """An engine for each place, kept: to compile a statement takes longer than to run it, and is no memory of a case.

    Its connections are closed with the store.
    """
    engine = Store(url, durable=False).engine
    sa.event.listen(engine, "connect", _impatient)
    return engine


def _impatient(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA busy_timeout = 0")
