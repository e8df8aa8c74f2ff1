"""1,000 due rungs fired by the ticker against a bare claim and fire, and by four processes against one.

The rungs remind the reviewers of 1,000 reviews. Each walks the road of every step: it is read,
decided, and written as event, case, deadline and message.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from adapters.system import NothingStandsThere, SecretNonces, Uuid7
from engine.canonical import micros
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.model import NewPerson, Open, Request
from engine.store.store import Store
from engine.ticking import Ticker
from tests.bench.bare_firing import BATCH, bare_deadlines
from tests.bench.engine_step import INSTITUTION, WORKFLOWS, office
from tests.bench.measuring import Line, in_turn, line_of
from tests.databases import administer, sibling_url, start_postgresql

RUNGS = 1000
WORKERS = 4
OPENED = datetime(2027, 3, 1, 10, tzinfo=UTC)
DUE = datetime(2027, 3, 4, tzinfo=UTC)
"""After the first rung of a review that was opened then, and before its second."""


@dataclass
class StillClock:
    """Stands where it is put."""

    at: datetime

    def now(self) -> datetime:
        """Where it stands."""
        return self.at


def firing(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """Both databases, durable; a unit is a rung."""
    lines: list[Line] = []
    with ExitStack() as stack:
        server = stack.enter_context(start_postgresql(folder / "firing", durable=True))
        for name in ("bare", "ours"):
            administer(server, "CREATE DATABASE {name}", name=f"firing_{name}")
        bare, ours = (sibling_url(server, f"firing_{name}") for name in ("bare", "ours"))
        files = [f"sqlite:///{folder / f'firing_{name}.db'}" for name in ("bare", "ours")]
        with reviews(files[1]) as cases:
            lines += _against_bare("sqlite FULL", files[0], cases, rounds, seconds)
        with reviews(ours) as cases:
            lines += _against_bare("postgresql", bare, cases, rounds, seconds)
            lines += _workers(ours, cases, rounds, seconds)
    return lines


@contextmanager
def reviews(url: str) -> Iterator[Cases]:
    """An office with 1,000 reviews, on the day after their reviewers were to be reminded."""
    cases = office(url)
    cases.clock = StillClock(OPENED)
    for result in cases.steps([_opening(number) for number in range(RUNGS)]):
        if isinstance(result, Exception):
            raise result
    cases.clock = StillClock(DUE)
    yield cases
    cases.store.close()


def _opening(number: int) -> Request:
    applicant = NewPerson(f"Sökande {number}", f"applicant{number}@example.org", "sv")
    ask = Open("eligibility_review", INSTITUTION, applicant, {"course": f"Statistik {number}"})
    return Request(INSTITUTION, ask, "admissions")


def _rewind(store: Store) -> None:
    """Let the first rung of every review be owed again; what has happened stays in the history."""
    with store.writes() as connection:
        connection.exec_driver_sql(
            f"UPDATE deadline SET fired = '[]', next_rung = 'remind', acts_at = {micros(DUE) - 1} WHERE name = 'answer'"
        )


def _rate(fire: Callable[[], int], rewind: Callable[[], None], seconds: float) -> float:
    """Rungs a second, over at least so many seconds; making them due again is left out."""
    fired, passed = 0, 0.0
    while passed < seconds:
        rewind()
        start = time.perf_counter()
        done = fire()
        passed += time.perf_counter() - start
        if done != RUNGS:
            raise AssertionError(f"{done} rungs were fired, of {RUNGS} that were due")
        fired += done
    return fired / passed


def _against_bare(kind: str, bare_url: str, cases: Cases, rounds: int, seconds: float) -> list[Line]:
    ticker = Ticker(cases)
    base = f"{kind}, bare claim and fire, {BATCH} a batch"
    with bare_deadlines(bare_url, RUNGS) as bare:
        rates = in_turn(
            {
                base: lambda s: _rate(bare.fire, bare.rewind, s),
                f"{kind}, {RUNGS:,} rungs fired": lambda s: _rate(
                    lambda: ticker.tick(limit=RUNGS), lambda: _rewind(cases.store), s
                ),
            },
            rounds=rounds,
            seconds=seconds,
        )
    return [line_of(name, base, rates, digits=0) for name in rates]


def _workers(url: str, cases: Cases, rounds: int, seconds: float) -> list[Line]:
    """Four processes against one; each looks for itself, as if it stood on a machine of its own."""
    with ExitStack() as stack:
        spawn = multiprocessing.get_context("spawn")
        pools = [stack.enter_context(ProcessPoolExecutor(1, mp_context=spawn)) for _ in range(WORKERS)]
        for pool in pools:
            pool.submit(_tick, url).result()

        def rate(workers: Sequence[ProcessPoolExecutor], seconds: float) -> float:
            return _rate(lambda: _fired(workers, url), lambda: _rewind(cases.store), seconds)

        base = "postgresql, rungs fired by 1 process"
        rates = in_turn(
            {
                base: lambda s: rate(pools[:1], s),
                f"postgresql, rungs fired by {WORKERS} processes": lambda s: rate(pools, s),
            },
            rounds=rounds,
            seconds=seconds,
        )
    return [line_of(name, base, rates, digits=0) for name in rates]


def _fired(workers: Sequence[ProcessPoolExecutor], url: str) -> int:
    """Let all tick at once until none finds anything; how many rungs were fired."""
    fired = 0
    while done := sum(tick.result() for tick in [worker.submit(_tick, url) for worker in workers]):
        fired += done
    return fired


def _tick(url: str) -> int:
    return _ticker(url).tick(limit=RUNGS)


@cache
def _ticker(url: str) -> Ticker:
    """The ticker of a process."""
    catalogue = Catalogue.of(WORKFLOWS.glob("*.py"))
    cases = Cases(Store(url), catalogue, StillClock(DUE), Uuid7(), SecretNonces(), NothingStandsThere())
    return Ticker(cases)
