"""Many want the few places of an agreement, while the service is killed: none too many, none kept back.

Whoever is offered a place gives it back soon after, so that places are free for moments only. Each student
is offered one once; who is told that none is left asks again.
"""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections import deque
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import httpx

from tests.crash.asking import Asker, Call
from tests.crash.linear import misgiven
from tests.crash.processes import SERVICE, Processes
from tests.crash.running import Tally
from tests.crash.troubles import Trouble
from tests.crash.verdict import wrongs
from tests.databases import prepare
from tests.journeys import agreements, exchanges
from tests.journeys.agreements import IN, OUT
from tests.journeys.office import EVIDENCE, INSTITUTION, Office, open_office
from tests.service.office import catalogue

CLIENTS: Final = 6
PLACES: Final = 3
STUDENTS: Final = 24
STRIKES_A_CROWD: Final = 6
"""How many kills fall while as many students wait."""

SLOWEST_RACE: Final = 120
"""Seconds after the last kill within which everybody must have had a place."""


@dataclass
class Coordinator:
    """Offers places to the students in a line that all coordinators take from."""

    asker: Asker
    token: str
    line: deque[str]
    chance: random.Random

    def run(self) -> None:
        """Work until the line is empty or time is up."""
        with suppress(IndexError):
            while not self.asker.stop.is_set():
                self._serve(self.line.popleft())
        self.asker.close()

    def _serve(self, case: str) -> None:
        if self._step(case, "offer"):
            time.sleep(self.chance.uniform(0, 0.05))
            self._step(case, "withdraw", on_behalf_of="student", evidence=EVIDENCE)
        else:
            self.line.append(case)

    def _step(self, case: str, trigger: str, **more: str) -> bool:
        """Take a step in the version that is read first; False where no place is left."""
        headers = {"Authorization": f"Bearer {self.token}"}
        read, _, _ = self.asker.ask({"method": "GET", "url": f"/cases/{case}", "headers": headers})
        if read is None:
            return False
        version = read.json()["version"]
        key = str(uuid.UUID(int=self.chance.getrandbits(128)))
        headers |= {"Idempotency-Key": key, "If-Match": f'"{version}"'}
        body: dict[str, Any] = {"trigger": trigger, "fields": {}, "reason": None, **more}
        request = {"method": "POST", "url": f"/cases/{case}/transitions", "headers": headers, "json": body}
        answer, began, ended = self.asker.ask(request)
        what, wrote = self._what(answer)
        self.asker.calls.append(Call(case, what, began, ended, wrote, version, trigger, key))
        return what != "full"

    def _what(self, answer: httpx.Response | None) -> tuple[str, int | None]:
        if answer is None:
            return "unknown", None
        said: dict[str, Any] = answer.json()
        if answer.is_success:
            return "wrote", said["event"]["sequence"]
        if [reason["code"] for reason in said.get("reasons") or ()] == ["no_place_left"]:
            return "full", None
        if answer.status_code < 500:
            self.asker.faults.append(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
        return "unknown", None


@dataclass
class Races:
    """One race after the other, each for the places of an agreement of its own."""

    trouble: Trouble
    processes: Processes
    office: Office
    chance: random.Random
    tally: Tally

    def crowd(self) -> deque[str]:
        """As many students as are to race, ranked under a new agreement."""
        agreement = agreements.in_force(self.office, rows=[{**OUT, "places": PLACES}, IN])
        names = [f"S{self.chance.getrandbits(40)}" for _ in range(STUDENTS)]
        line = deque(exchanges.applies(self.office, agreement, name=name) for name in names)
        for case in line:
            exchanges.ranked(self.office, case)
        return line

    def race(self, line: deque[str], strikes: int) -> list[Call]:
        """Serve the line, and kill the service meanwhile; all calls."""
        stop = threading.Event()
        askers = [Asker(self.processes.base, stop) for _ in range(CLIENTS)]
        token = self.office.tokens["stat.coordinator"]
        coordinators = [Coordinator(asker, token, line, random.Random(self.chance.random())) for asker in askers]
        with ThreadPoolExecutor(CLIENTS) as threads:
            working = [threads.submit(coordinator.run) for coordinator in coordinators]
            try:
                for _ in range(strikes):
                    time.sleep(self.chance.uniform(0.1, 0.6))
                    self.tally.struck.update(self.trouble.strike(self.processes, self.chance))
                wait(working, timeout=SLOWEST_RACE)
            finally:
                stop.set()
        for each in working:
            each.result()
        calls = self.tally.note(askers)
        self.tally.wrong += [("places", words) for words in misgiven(calls, PLACES)]
        if line:
            self.tally.wrong.append(("recovery", f"{len(line)} were not served in {SLOWEST_RACE} s"))
        return calls


def run(trouble: Trouble, *, strikes: int, chance: random.Random) -> Tally:
    """Let students race for places until the strikes are over, then compare."""
    prepare(trouble.url)
    processes, tally, calls = Processes(trouble.node_url, trouble.folder, INSTITUTION), Tally(), list[Call]()
    with open_office(trouble.url, catalogue()) as office:
        races = Races(trouble, processes, office, chance, tally)
        try:
            processes.start(SERVICE, *trouble.workers)
            for left in range(strikes, 0, -STRIKES_A_CROWD):
                calls += races.race(races.crowd(), min(left, STRIKES_A_CROWD))
        finally:
            processes.kill()
        tally.wrong += wrongs(office.house, calls, None)
    return tally
