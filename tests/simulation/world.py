"""One life of an office: two nodes over one database, played action by action from a seed."""

from __future__ import annotations

import logging
import random
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from engine.batching import Result
from engine.canonical import instant
from engine.errors import KeyReused, Refused
from engine.model import Outcome, Request
from engine.ticking import Ticker
from tests.engine.house import MONDAY, CountedIds, CountedNonces
from tests.simulation import rest
from tests.simulation.asking import Asker
from tests.simulation.faults import Died, Mail
from tests.simulation.nodes import DAY, Ground, Node
from tests.simulation.office import INSTITUTIONS, NEW, OLD, template
from tests.simulation.trouble import NOT_TAKEN, Trouble
from tests.simulation.truth import Broken, Place, Truth, broken

__all__ = ["World", "life", "template"]

DRAWN: Final = 100_000
"""Where ids and nonces are drawn from, past those of the office that every life begins with."""

NEVER_ANSWERED: Final = 40
"""Of those who got no answer so many are remembered; who is forgotten does not ask again."""


@dataclass
class World:
    """A database, two nodes, dice. `seen` counts what was done and what broke."""

    seed: int
    path: Path
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)
        self.now = [MONDAY]
        self.mail = Mail(self.dice, self.seen, trouble=self.dice.choice((0.0, 0.2, 0.6)))
        ground = Ground(f"sqlite:///{self.path}", self.now, CountedIds(DRAWN), CountedNonces(DRAWN), self.mail)
        self.truth = Truth(self.path)
        self.asker = Asker(self.dice, self.truth, self.seen)
        self.trouble = Trouble(self.dice, self.seen, self.path, self._restart)
        self.nodes = [Node(ground, 0, OLD), Node(ground, 1, OLD)]
        self.unanswered: list[Request] = []
        self.answered: list[Request] = []

    @property
    def digest(self) -> str:
        """Over every event of the life, in order, and over what was told."""
        told = repr(sorted(self.seen.items())).encode()
        both = self.truth.digest.copy()
        both.update(told)
        return both.hexdigest()

    def close(self) -> None:
        """End all of it."""
        for node in self.nodes:
            node.store.close()
        self.truth.close()

    # Playing.

    def play(self, steps: int) -> None:
        """Do so many things, then let all come to rest. Raises Broken where something that must hold does not."""
        doings: tuple[tuple[int, Callable[[], None]], ...] = (
            (10, self._one), (18, self._batch), (22, self._group), (4, self._again), (3, self._stale), (9, self._tick),
            (3, self._deliver), (9, self._time_passes), (2, self._clock_is_wrong), (1, self._node_dies),
            (1, self._rights_change),
        )  # fmt: skip
        weights, what = [weight for weight, _ in doings], [doing for _, doing in doings]
        upgraded = self.dice.randrange(2 * steps)
        for step in range(steps):
            if step == upgraded:
                self._upgrade()
            doing = self.dice.choices(what, weights)[0]
            self.seen[doing.__name__.strip("_").replace("_", " ")] += 1
            doing()
            self.truth.look()
        self._come_to_rest()

    def _one(self) -> None:
        self._send([self.asker.request(self._institution())], Node.alone)

    def _batch(self) -> None:
        requests = self._crowd(self.dice.choice((4, 16, 40)))
        self.seen["steps in a batch"] += len(requests)
        self._send(requests, Node.batch)

    def _group(self) -> None:
        requests = self._crowd(self.dice.choice((2, 4, 8, 16, 32)) if self.dice.random() < 0.98 else 70)
        self.seen["steps in a group"] += len(requests)
        self._send(requests, Node.group)

    def _crowd(self, size: int) -> list[Request]:
        """Requests of one moment, of one institution or both; some for the second time, some late."""
        first, second = self.dice.sample(INSTITUTIONS, 2)
        shared = self.dice.randrange(1, size) if self.dice.random() < 0.5 else size
        requests = self.asker.requests(first, shared) + self.asker.requests(second, size - shared)
        # Where nothing is under way any more, one at least comes.
        requests = requests or [self.asker.request(first)]
        self.dice.shuffle(requests)
        if self.dice.random() < 0.15:
            requests.insert(self.dice.randrange(size), self.dice.choice(requests))
            self.seen["request comes twice"] += 1
        if self.unanswered and self.dice.random() < 0.3:
            requests.append(self._late())
        return requests

    def _late(self) -> Request:
        """A request that was not answered comes again, before or after those that were sent earlier."""
        place = self.dice.randrange(len(self.unanswered))
        self.seen["request comes again" if place == 0 else "requests change order"] += 1
        return self.unanswered.pop(place)

    def _again(self) -> None:
        """Somebody who got no answer asks again, or a request comes again that was answered long ago."""
        if self.unanswered:
            self._send([self._late()], Node.alone)
        elif self.answered:
            self.seen["request comes twice"] += 1
            self._send([self.dice.choice(self.answered)], Node.alone)

    def _stale(self) -> None:
        """A node reads, somebody else is faster, and the node decides on what it has read."""
        node, cases = self.dice.choice(self.nodes), self.truth.under_way(self._institution())
        if not cases:
            return
        case = self.dice.choice(cases)
        request = self.asker.about(case)
        node.cases.look(request)
        self.seen["stale read"] += 1
        if self.dice.random() < 0.2:
            self._rights_change()
        else:
            self._send([self.asker.about(case)], Node.alone, self.nodes[1 - node.place])
        self._send([request], Node.alone, node)
        node.cases.was = None

    def _institution(self) -> str:
        return self.dice.choice(INSTITUTIONS)

    # Sending.

    def _send(
        self,
        requests: list[Request],
        road: Callable[[Node, Sequence[Request]], list[Result]],
        to: Node | None = None,
    ) -> None:
        """Send requests to a node, on one of the roads; compare what was told with what is there."""
        node = to or self.dice.choice(self.nodes)
        self.truth.look()
        before = self.truth.stamp()
        results: list[Result] = []
        with self.trouble.during(node, answers=1 if road is Node.batch else len(requests)):
            results += road(node, requests)
        new = self.truth.look()
        told = {place for pair in zip(requests, results, strict=False) if (place := self._answered(*pair))}
        if len(results) < len(requests):
            self.unanswered += requests[len(results) :]
            self.unanswered = self.unanswered[-NEVER_ANSWERED:]
            return
        self.truth.nothing_but(new, told)
        if all(isinstance(result, Refused) for result in results):
            self.truth.refused(before, requests)

    def _answered(self, request: Request, result: Result) -> Place | None:
        """Judge an answer. Gives where the event stands that it tells of."""
        if isinstance(result, Outcome):
            self.seen["answered again" if result.replayed else "acknowledged"] += 1
            self.answered = [*self.answered[-20:], request]
            return self.truth.told(request, result)
        if isinstance(result, Refused):
            self.seen["key refused" if isinstance(result, KeyReused) else "refused"] += 1
        elif isinstance(result, NOT_TAKEN):
            self.seen["not taken for want of the database"] += 1
            self.unanswered.append(request)
        else:
            raise Broken(f"refused: {request} met {result!r}") from result
        return None

    # The clock, the mail, the nodes, the organisation.

    def _tick(self) -> None:
        node = self.dice.choice(self.nodes)
        with self.trouble.during(node) as which:
            self.seen["rungs fired"] += Ticker(node.cases).tick()
        if which == "nothing" and (late := self._due(node.cases.now())):
            broken("rung", f"a tick has left {late} that were due")

    def _due(self, now: int) -> list[Any]:
        """The rungs that are due by an instant."""
        query = "SELECT institution, case_id, name, next_rung FROM deadline WHERE acts_at <= ?"
        return self.truth.database.execute(query, (now,)).fetchall()

    def _deliver(self) -> None:
        node = self.dice.choice(self.nodes)
        if self.dice.random() < 0.2:
            node.seams.break_at(self.dice.choice(("before_delivery", "after_delivery")))
        try:
            self.seen["mails"] += node.outbox.deliver(limit=self.dice.choice((1, 5, 500, 500)))
        except Died as died:
            self.seen[f"died {died.args[0].replace('_', ' ')}"] += 1
            self._restart(node)
        node.seams.mend()

    def _time_passes(self) -> None:
        self.now[0] += self.dice.choice((timedelta(minutes=5), timedelta(hours=5), DAY, DAY, 3 * DAY, 7 * DAY))

    def _clock_is_wrong(self) -> None:
        """A node's clock jumps: forth, back, or to what is right."""
        node = self.dice.choice(self.nodes)
        before = node.clock.off
        node.clock.off = self.dice.choice((timedelta(0), -timedelta(hours=2), timedelta(hours=2), -3 * DAY, DAY))
        self.seen["clock jumps back" if node.clock.off < before else "clock jumps forth"] += node.clock.off != before

    def _node_dies(self) -> None:
        self._restart(self.dice.choice(self.nodes))

    def _restart(self, node: Node) -> None:
        self.seen["node restarted"] += 1
        self.nodes[node.place] = node.restarted()
        self.truth.look()
        self.truth.lasting()

    def _upgrade(self) -> None:
        """Stop both nodes, and let them run under the newer definitions from now on."""
        self.seen["upgraded"] += 1
        self.nodes = [node.restarted(NEW) for node in self.nodes]

    def _rights_change(self) -> None:
        """Somebody gets or loses a role, or is away with a substitute."""
        node, institution = self.dice.choice(self.nodes), self._institution()
        with node.directory.change(institution, by="adam", what="membership") as change:
            match self.dice.randrange(3):
                case 0:
                    change.leave("arne", "coordinator", "a")
                case 1:
                    change.member("arne", "coordinator", "a")
                case _:
                    change.absence("ann", starts_on=date(2026, 12, 1), substitute=self.dice.choice(("bea", None)))

    # Coming to rest.

    def _come_to_rest(self) -> None:
        """Everything is healthy again, and what is owed is done: rungs, messages, answers."""
        self.mail.trouble = 0.0
        for node in self.nodes:
            node.clock.off = timedelta(0)
        # A clock that went wrong has moved cases into its future; the world comes there before it ends.
        self.now[0] = max(self.now[0], instant(self.truth.latest))
        self._answer_all()
        first = self.nodes[0]
        ticker = Ticker(first.cases)
        while ticker.tick(limit=10_000):
            self.truth.look()
        if due := self._due(first.cases.now()):
            broken("rung", f"{due} are due and do not fire")
        while (waits := self._waiting()) is not None:
            self.now[0] = max(self.now[0], instant(waits))
            first.outbox.deliver_all()
        self.truth.look()
        rest.all_holds(self.truth, self.mail)
        catalogue = first.catalogue
        self.seen["histories replayed"] += rest.replayed(self.truth, first.store, catalogue, first.directory, self.dice)

    def _answer_all(self) -> None:
        """Whoever has no answer gets one."""
        late, self.unanswered = self.unanswered, []
        results = self.nodes[1].alone(late)
        new = self.truth.look()
        told = {place for pair in zip(late, results, strict=True) if (place := self._answered(*pair))}
        self.truth.nothing_but(new, told)

    def _waiting(self) -> int | None:
        """When the last message that waits may be tried."""
        query = "SELECT max(max(next_try, coalesce(lease_until, 0))) FROM outbox WHERE state = 'waiting'"
        found: int | None = self.truth.database.execute(query).fetchone()[0]
        return found


def life(seed: int, steps: int, office: Path, folder: Path) -> World:
    """Play one life from its seed. Raises Broken, with the seed."""
    logging.disable(logging.ERROR)
    path = folder / "life.db"
    shutil.copy(office, path)
    world = World(seed, path)
    try:
        world.play(steps)
    except Broken as found:
        raise Broken(f"seed {seed}, {steps} steps: {found}") from found
    finally:
        logging.disable(logging.NOTSET)
        world.close()
        for file in folder.glob("life.db*"):
            file.unlink()
    return world
