"""One run: clients at work, something that breaks again and again, and the comparison afterwards."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from engine.canonical import micros
from engine.store.migrate import upgrade
from engine.store.outage import outage_of
from engine.testclock import TestClock
from service.compose import House, build
from service.settings import Environment, Settings
from tests.crash.asking import Asker, Call
from tests.crash.office import INSTITUTION, UNIT, people_the_office
from tests.crash.processes import SERVICE, Processes
from tests.crash.stream import Client
from tests.crash.troubles import Trouble
from tests.crash.verdict import Wrong, rungs_fired, wrongs

CLIENTS: Final = 4
LONGEST_LADDER: Final = 200
"""Days within which every review left alone has climbed all its ladders."""
END: Final = micros(datetime(2034, 12, 1, tzinfo=UTC))
"""Before the answer day the clients set, whose own ladder nobody waits for."""
START: Final = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)
SLOWEST_RECOVERY: Final = 120
"""Seconds after which somebody must have been told of a step again, with nobody having restarted anything."""


@dataclass
class Tally:
    """What a run came to."""

    struck: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    wrong: list[Wrong] = field(default_factory=list)

    def note(self, askers: list[Asker]) -> list[Call]:
        """Add up what clients saw; all their calls."""
        calls = [call for asker in askers for call in asker.calls]
        self.seen.update(f"calls {call.what}" for call in calls)
        for asker in askers:
            self.seen.update(asker.seen)
            self.wrong += [("answers", fault) for fault in asker.faults]
        return calls


def run(trouble: Trouble, *, strikes: int, chance: random.Random) -> Tally:
    """Let it strike so many times, then compare."""
    processes = Processes(trouble.node_url, trouble.folder, INSTITUTION)
    upgrade(trouble.url)
    house = house_of(processes, trouble.url)
    tally = Tally()
    try:
        askers = _under_load(trouble, processes, house, tally, strikes=strikes, chance=chance)
        tally.wrong += worker_alone(house, processes)
    finally:
        processes.kill()
    compare(house, trouble, askers, tally)
    return tally


def _under_load(
    trouble: Trouble, processes: Processes, house: House, tally: Tally, *, strikes: int, chance: random.Random
) -> list[Asker]:
    """Strike while clients work, and see each time that the nodes recover by themselves."""
    with at_work(processes, house, trouble.workers, chance) as askers:
        for _ in range(strikes):
            time_passes(house, chance)
            tally.struck.update(trouble.strike(processes, chance))
            tally.wrong += recovery(askers, processes)
    return askers


@contextmanager
def at_work(
    processes: Processes, house: House, workers: tuple[str, ...], chance: random.Random
) -> Iterator[list[Asker]]:
    """An office at work: its people, its service and workers, and clients who press it until the end of this."""
    TestClock(house.store).stand_at(START)
    tokens, shared, stop = people_the_office(house), list[str](), threading.Event()
    askers = [Asker(processes.base, stop) for _ in range(CLIENTS)]
    clients = [Client(asker, tokens, UNIT, random.Random(chance.random()), shared) for asker in askers]
    processes.start(SERVICE, *workers)
    with ThreadPoolExecutor(CLIENTS) as threads:
        working = [threads.submit(client.run) for client in clients]
        try:
            yield askers
        finally:
            stop.set()
    for each in working:
        each.result()


def compare(house: House, trouble: Trouble, askers: list[Asker], tally: Tally) -> None:
    """Go on until nothing is owed, then compare what clients were told with what is there; the house is closed."""
    _settle(house)
    calls = tally.note(askers)
    tally.wrong += wrongs(house, calls, trouble.folder / "mailbox")
    tally.seen["rungs fired"] = rungs_fired(house)
    tally.seen["mails"] = len(list((trouble.folder / "mailbox").glob("*.eml")))
    house.close()


def time_passes(house: House, chance: random.Random) -> None:
    """Let the clock go on for a while, in leaps."""
    clock, until = TestClock(house.store), time.monotonic() + chance.uniform(0.2, 1.0)
    while time.monotonic() < until:
        time.sleep(0.1)
        with unless_away():
            clock.stand_at(clock.now() + timedelta(hours=chance.choice((1, 6, 20))))


@contextmanager
def unless_away() -> Iterator[None]:
    """Do what is inside unless the database is away."""
    try:
        yield
    except Exception as error:
        if outage_of(error) is None:
            raise


def recovery(askers: list[Asker], processes: Processes) -> Iterator[Wrong]:
    """Somebody is told of a step again, and every process lives."""
    began, until = time.monotonic_ns(), time.monotonic() + SLOWEST_RECOVERY
    while not any(call.what == "wrote" and call.began > began for asker in askers for call in asker.calls[-50:]):
        if time.monotonic() > until:
            yield "recovery", f"no step was taken for {SLOWEST_RECOVERY} s after all was whole again"
            return
        time.sleep(0.02)
    for name in processes.ended():
        yield "recovery", f"{name} has ended by itself"


def worker_alone(house: House, processes: Processes) -> Iterator[Wrong]:
    """What is due is done by the workers, with nobody having restarted them."""
    processes.kill(SERVICE)
    clock = TestClock(house.store)
    clock.stand_at(clock.now() + timedelta(days=5))
    until = time.monotonic() + SLOWEST_RECOVERY
    while house.ticker.next_due(micros(clock.now())) is not None:
        if time.monotonic() > until:
            yield "recovery", f"no worker has done what is due in {SLOWEST_RECOVERY} s"
            return
        time.sleep(0.1)


def house_of(processes: Processes, url: str) -> House:
    """A house of our own over the run's database, to set the clock and to look."""
    return build(
        Settings(
            database_url=url,
            institution=INSTITUTION,
            environment=Environment.TEST,
            test_clock=True,
            mailbox=processes.folder / "mailbox",
            base_url=processes.base,
        )
    )


def _settle(house: House) -> None:
    """Go on until nothing is owed: ladders climbed to their end, mails gone in their windows."""
    clock = TestClock(house.store)
    for _ in range(LONGEST_LADDER):
        clock.stand_at(clock.now() + timedelta(days=1))
        while house.ticker.tick():
            pass
        house.outbox.deliver_all()
        if house.ticker.next_due(END) is None and house.outbox.next_due(END) is None:
            return
