"""One life of an office: two nodes over one database, played action by action from a seed."""

from __future__ import annotations

import hashlib
import logging
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from engine.batching import Result
from engine.canonical import instant
from engine.cases import Cases
from engine.errors import Busy, Refused
from engine.model import Case, Outcome, Request
from engine.outbox import Outbox
from engine.ports import Message
from engine.replay import Replay
from engine.store.ledger import Plan
from engine.store.migrate import upgrade
from engine.store.owed_rows import OwedRow
from engine.store.rows import read_organisation
from engine.store.store import Store
from engine.ticking import Ticker
from tests.engine.batches import street
from tests.engine.house import CATALOGUE, INSTITUTION, MONDAY, CountedIds, CountedNonces
from tests.simulation.asking import Asker
from tests.simulation.faults import Died, Mail, Seams, WrongClock
from tests.simulation.truth import Broken, Truth

DRAWN: Final = 10_000
"""Where ids and nonces are drawn from, past those of the office that every life begins with."""

DAY: Final = timedelta(days=1)


def template(folder: Path) -> Path:
    """The office that every life begins with: contracts, and stays in every state. Made once."""
    path = folder / "office.db"
    upgrade(f"sqlite:///{path}")
    with street(f"sqlite:///{path}"):
        pass
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


class PlainLetters:
    """Writes the same words always."""

    def look_up(self, rows: Sequence[OwedRow], now: datetime) -> PlainLetters:
        """Nothing to look up."""
        return self

    def write(self, rows: Sequence[OwedRow], /) -> Message:
        """A message with the first row's key."""
        key, who = rows[0].id, rows[0].recipient
        return Message(key, INSTITUTION, who, who, "F", "f@x.se", "s", "t", "sv", instant(rows[0].created_at))

    def next_day(self, row: OwedRow) -> int:
        """A day later."""
        return row.next_try + DAY // timedelta(microseconds=1)


@dataclass
class Node:
    """A process: what it keeps in memory ends with it."""

    store: Store
    cases: Cases
    seams: Seams
    clock: WrongClock
    outbox: Outbox


@dataclass
class World:
    """A database, two nodes, dice. `seen` counts what was done and what broke."""

    seed: int
    path: Path
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.now = [MONDAY]
        self.ids, self.nonces = CountedIds(DRAWN), CountedNonces(DRAWN)
        self.mail = Mail(self.dice, self.seen, trouble=self.dice.choice((0.0, 0.2, 0.6)))
        self.asker = Asker(self.dice)
        self.truth = Truth(self.path)
        self.nodes = [self._node(), self._node()]
        self.unanswered: list[Request] = []
        self.trace = hashlib.sha256()

    def _node(self) -> Node:
        store = Store(f"sqlite:///{self.path}", durable=False)
        # Whoever finds the database held waits no time: in this world nobody lets go of it meanwhile.
        sa.event.listen(store.engine, "connect", _impatient)
        with store.transaction():
            pass
        _impatient(store._writer, None)
        seams, clock = Seams(), WrongClock(self.now)
        cases = Cases(store, CATALOGUE, clock, self.ids, self.nonces, seams)
        outbox = Outbox(store, clock, self.mail, PlainLetters(), self.mail, seams, stopwatch=self.mail.stopwatch)
        return Node(store, cases, seams, clock, outbox)

    def close(self) -> None:
        """End all of it."""
        for node in self.nodes:
            node.store.close()
        self.truth.close()

    # Playing.

    def play(self, steps: int) -> None:
        """Do so many things, then let all come to rest. Raises Broken where something that must hold does not."""
        doings: tuple[tuple[int, Callable[[], None]], ...] = (
            (30, self._one), (8, self._many), (6, self._again), (8, self._tick), (8, self._deliver),
            (6, self._time_passes), (2, self._clock_is_wrong), (2, self._node_dies),
        )  # fmt: skip
        weights, what = [weight for weight, _ in doings], [doing for _, doing in doings]
        for _ in range(steps):
            doing = self.dice.choices(what, weights)[0]
            self.seen[doing.__name__.strip("_").replace("_", " ")] += 1
            doing()
            self.truth.look()
        self._come_to_rest()

    def _one(self) -> None:
        self._send([self.asker.request(self._cases())])

    def _many(self) -> None:
        cases = self._cases()
        self._send([self.asker.request(cases) for _ in range(self.dice.randrange(2, 9))])

    def _again(self) -> None:
        """Somebody who got no answer asks again, or a request comes twice."""
        if self.unanswered:
            self._send([self.unanswered.pop(self.dice.randrange(len(self.unanswered)))])
            return
        request = self.asker.request(self._cases())
        self.seen["request comes twice"] += 1
        self._send([request])
        self._send([request])

    def _send(self, requests: list[Request]) -> None:
        """Send requests to a node, on one of the roads; compare what was told."""
        node = self.dice.choice(self.nodes)
        before = self.truth.stamp()
        results: list[Result] = []
        with self._trouble(node):
            results += self._taken(node, requests)
        if not results:
            self.unanswered += requests
        for request, result in zip(requests, results, strict=False):
            self._answered(request, result, before, alone=len(requests) == 1)

    def _taken(self, node: Node, requests: list[Request]) -> Sequence[Result]:
        if len(requests) > 1:
            self.seen["steps in a batch"] += len(requests)
            return node.cases.steps(requests)
        try:
            return [node.cases.step(requests[0])]
        except Exception as error:  # noqa: BLE001 - what it is, is judged where it is answered
            return [error]

    def _answered(self, request: Request, result: Result, before: int, *, alone: bool) -> None:
        if isinstance(result, Outcome):
            self.trace.update(repr((result.case_id, result.sequence)).encode())
            self.seen["answered again" if result.replayed else "acknowledged"] += 1
            self.truth.told(request, result)
        elif isinstance(result, Refused):
            self.seen["refused"] += 1
            if alone:
                self.truth.refused(before, request, result)
        elif isinstance(result, Busy | sqlite3.OperationalError | sa.exc.OperationalError):
            self.seen["not taken for want of the database"] += 1
            self.unanswered.append(request)
        else:
            raise Broken(f"refused: {request} met {result!r}") from result

    @contextmanager
    def _trouble(self, node: Node) -> Iterator[None]:
        """Perhaps something breaks meanwhile; then nobody is told anything."""
        which = self.dice.choices(("nothing", "before_commit", "after_commit", "held", "full"), (70, 8, 8, 4, 4))[0]
        if which == "nothing":
            yield
            return
        self.seen[{"held": "database held", "full": "disk full"}.get(which, f"died {which.replace('_', ' ')}")] += 1
        try:
            with self._held() if which == "held" else self._full(node) if which == "full" else self._dying(node, which):
                yield
        except Died:
            self._restart(node)
        except (Busy, sqlite3.OperationalError, sa.exc.OperationalError):
            pass

    @contextmanager
    def _dying(self, node: Node, where: str) -> Iterator[None]:
        node.seams.dies_at = frozenset({where})
        yield
        node.seams.dies_at = frozenset()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Another program holds the database."""
        other = sqlite3.connect(self.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()

    @contextmanager
    def _full(self, node: Node) -> Iterator[None]:
        """The disk takes not one page more."""
        writer: Any = node.store._writer
        (most,) = writer.execute("PRAGMA max_page_count").fetchone()
        (now,) = writer.execute("PRAGMA page_count").fetchone()
        writer.execute(f"PRAGMA max_page_count = {now}")
        try:
            yield
        finally:
            if not _closed(writer):
                writer.execute(f"PRAGMA max_page_count = {most}")

    def _tick(self) -> None:
        node = self.dice.choice(self.nodes)
        with self._trouble(node):
            fired = Ticker(node.cases).tick()
            self.seen["rungs fired"] += fired
            self.trace.update(str(fired).encode())

    def _deliver(self) -> None:
        node = self.dice.choice(self.nodes)
        if self.dice.random() < 0.2:
            node.seams.dies_at = frozenset({self.dice.choice(("before_delivery", "after_delivery"))})
        try:
            self.seen["mails"] += node.outbox.deliver(limit=self.dice.choice((1, 3, 500)))
        except Died as died:
            self.seen[f"died {died.args[0].replace('_', ' ')}"] += 1
            self._restart(node)
        node.seams.dies_at = frozenset()

    def _time_passes(self) -> None:
        self.now[0] += self.dice.choice((timedelta(minutes=5), timedelta(hours=5), DAY, 3 * DAY))

    def _clock_is_wrong(self) -> None:
        node = self.dice.choice(self.nodes)
        node.clock.off = self.dice.choice((timedelta(0), -timedelta(hours=2), timedelta(hours=2), -3 * DAY, DAY))
        self.seen["clock jumps back" if node.clock.off < timedelta(0) else "clock jumps forth"] += 1

    def _node_dies(self) -> None:
        self._restart(self.dice.choice(self.nodes))

    def _restart(self, node: Node) -> None:
        self.seen["node restarted"] += 1
        node.store.close()
        fresh = self._node()
        fresh.clock.off = node.clock.off
        self.nodes[self.nodes.index(node)] = fresh
        self.truth.lasting()

    def _cases(self) -> list[Case]:
        """Every case, as it is; what somebody looks at who then asks."""
        with self.nodes[0].store.transaction() as ledger:
            found = ledger.read(Plan(INSTITUTION, self.truth.cases())).cases
        return [found[case] for case in sorted(found)]

    # Coming to rest.

    def _come_to_rest(self) -> None:
        """Everything is healthy again, and what is owed is done: rungs, messages, answers."""
        self.mail.trouble = 0.0
        for node in self.nodes:
            node.clock.off = timedelta(0)
        cases = self.nodes[0].cases
        self._settle(cases)
        for request in self.unanswered:
            before = self.truth.stamp()
            self._answered(request, self._taken(self.nodes[1], [request])[0], before, alone=True)
            self.truth.look()
        while Ticker(cases).tick(limit=10_000):
            self.truth.look()
        due = Ticker(cases).next_due(cases.now())
        if due is not None:
            raise Broken(f"rung: one was due at {instant(due)} and does not fire")
        while (waits := self.truth.waiting()) is not None:
            self.now[0] = max(self.now[0], instant(waits))
            self.nodes[0].outbox.deliver_all()
        self.truth.look()
        self.truth.lasting()
        self.truth.owed(self.mail.carried)
        self._replayed()

    def _settle(self, cases: Cases) -> None:
        """A clock that went wrong has moved cases into its future; the world comes there before it ends."""
        self.now[0] = max(self.now[0], *(instant(case.updated_at) for case in self._cases()))

    def _replayed(self) -> None:
        """Every history replays to its case, to the byte."""
        store = self.nodes[0].store
        with store.step() as ledger:
            organisation = read_organisation(INSTITUTION, ledger.organisation_rows(INSTITUTION))
        for verdict in Replay(store, CATALOGUE, lambda _, __: organisation).all(INSTITUTION):
            if not verdict.ok:
                raise Broken(f"replay: {verdict.number}: {verdict.first_wrong}")


def _impatient(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA busy_timeout = 0")


def _closed(connection: sqlite3.Connection) -> bool:
    try:
        connection.total_changes  # noqa: B018 - asking is what tells
    except sqlite3.ProgrammingError:
        return True
    return False


def life(seed: int, steps: int, office: Path, folder: Path) -> World:
    """Play one life from its seed. Raises Broken, with the seed."""
    logging.disable(logging.ERROR)
    path = folder / f"life-{seed}.db"
    shutil.copy(office, path)
    world = World(seed, path)
    try:
        world.play(steps)
    except Broken as broken:
        raise Broken(f"seed {seed}, {steps} steps: {broken}") from broken
    finally:
        logging.disable(logging.NOTSET)
        world.close()
        for file in folder.glob(f"life-{seed}.db*"):
            file.unlink()
    return world
