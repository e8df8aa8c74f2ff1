"""`python -m tests.crash [--kills 50] [--only sqlite|postgresql] [--seed N]`."""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.canonical import micros
from engine.store.migrate import upgrade
from engine.testclock import TestClock
from service.compose import House, build
from service.settings import Environment, Settings
from tests.crash.office import INSTITUTION, UNIT, people_the_office
from tests.crash.processes import Processes
from tests.crash.stream import Client
from tests.crash.verdict import rungs_fired, wrongs
from tests.databases import start_postgresql

CLIENTS = 4
LONGEST_LADDER = 200
"""Days within which every review left alone has climbed all its ladders."""
END = micros(datetime(2034, 12, 1, tzinfo=UTC))
"""Before the answer day the clients set, whose own ladder nobody waits for."""
START = datetime(2026, 10, 5, 8, 0, tzinfo=UTC)


def run(url: str, folder: Path, *, kills: int, chance: random.Random) -> list[str]:
    """Kill so many times, then compare. What is wrong, in words; nothing if all holds."""
    processes = Processes(url, folder, INSTITUTION)
    upgrade(url)
    house = _house(processes)
    TestClock(house.store).stand_at(START)
    tokens = people_the_office(house)
    clients = [
        Client(processes.base, tokens, UNIT, random.Random(chance.random()))
        for _ in range(CLIENTS)
    ]
    for _ in range(kills):
        with processes.running():
            _stream(clients, house, chance)
    _settle(house)
    told = [step for client in clients for step in client.told]
    faults = [fault for client in clients for fault in client.faults]
    found = [*faults, *wrongs(house, told, folder / "mailbox")]
    print(
        f"  {kills} kills, {len(told)} acknowledged steps, {rungs_fired(house)} rungs fired, "
        f"{len(list((folder / 'mailbox').glob('*.eml')))} mails, {len(found)} wrong"
    )
    for wrong in found[:20]:
        print(f"  WRONG {wrong}", flush=True)
    house.close()
    return found


def _house(processes: Processes) -> House:
    return build(
        Settings(
            database_url=processes.url,
            institution=INSTITUTION,
            environment=Environment.DEMO,
            test_clock=True,
            mailbox=processes.folder / "mailbox",
            base_url=processes.base,
        )
    )


def _stream(clients: list[Client], house: House, chance: random.Random) -> None:
    """Let the clients work and the clock go on; the caller then kills without a warning."""
    stop = threading.Event()
    threads = [threading.Thread(target=client.run, args=(stop,)) for client in clients]
    for thread in threads:
        thread.start()
    clock = TestClock(house.store)
    until = time.monotonic() + chance.uniform(0.2, 1.2)
    while time.monotonic() < until:
        time.sleep(0.1)
        clock.stand_at(clock.now() + timedelta(hours=chance.choice((1, 6, 20))))
    # Half of the time the clients are still at it when the kill comes; they see it and stop.
    if chance.random() < 0.5:
        stop.set()
        for thread in threads:
            thread.join()
        return
    threading.Timer(0.05, stop.set).start()


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


@contextmanager
def databases(name: str, folder: Path) -> Iterator[str]:
    """A durable database of the kind asked for."""
    if name == "sqlite":
        yield f"sqlite:///{folder / 'fardplan.db'}"
        return
    with start_postgresql(folder / "postgresql", durable=True) as url:
        yield url


def main() -> int:
    """Run on both databases, or the one asked for; 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--only", choices=("sqlite", "postgresql"), action="append")
    parser.add_argument("--seed", type=int, default=20261121)
    options = parser.parse_args()
    found: list[str] = []
    for name in options.only or ("sqlite", "postgresql"):
        print(f"{name}: killing service and worker (seed {options.seed})", flush=True)
        with tempfile.TemporaryDirectory(prefix="fardplan_crash_") as made:
            folder = Path(made)
            # The database server may run as a user of its own, who must reach its folder.
            folder.chmod(0o711)
            with databases(name, folder) as url:
                chance = random.Random(options.seed)
                found += run(url, folder, kills=options.kills, chance=chance)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
