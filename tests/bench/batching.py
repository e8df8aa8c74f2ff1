"""Many steps at once, and many callers at once, against the bare driver.

`batch`: `Cases.steps` with hundreds of steps a call, against a hundred bare units a
transaction (the case rows read, then each of the four statements over all of them).
`group`: the steps of sixteen threads, which share their commits, against one caller whose
bare units have a transaction each.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from engine.cases import Cases
from engine.model import NewPerson, Open, Request, Take
from tests.bench.bare import CASES, FOUR, PAYLOAD, SCHEMA, fdatasync_unit, prepare_postgresql, sqlite_unit
from tests.bench.engine_step import FAR, INSTITUTION, engine_unit, office
from tests.bench.measuring import Contestant, Line, compare, rate, rate_of_many
from tests.databases import conninfo, start_postgresql

BARE_AT_ONCE = 100
OURS_AT_ONCE = 200
CALLERS = 16
READ_MANY = "SELECT id, version, facts FROM bare_case WHERE id IN ({marks})"


def batch(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """The batch road on both databases, each against its own bare driver."""
    return [*_batch_sqlite(folder, rounds, seconds), *_batch_postgresql(folder, rounds, seconds)]


def group(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """Sixteen threads on SQLite FULL, each acknowledged when its own step is on disk."""
    with ExitStack() as stack:
        bare = stack.enter_context(sqlite_unit(folder / "group_bare.db"))
        floor = stack.enter_context(fdatasync_unit(folder / "group_floor"))
        cases = office(f"sqlite:///{folder / 'group.db'}")
        stack.callback(cases.store.close)
        steps = [stack.enter_context(engine_unit(cases, 4)) for _ in range(CALLERS)]
        base = "sqlite FULL, bare select+4, 1 caller"
        return compare(
            {
                base: lambda s: rate(bare, s),
                "sqlite FULL, engine step, 1 caller": lambda s: rate(steps[0], s),
                f"sqlite FULL, engine step, {CALLERS} callers": lambda s: rate_of_many(steps, s),
                "fdatasync 8 KiB, the disk's floor": lambda s: rate(floor, s),
            },
            base=base,
            rounds=rounds,
            seconds=seconds,
        )


def _batch_sqlite(folder: Path, rounds: int, seconds: float) -> list[Line]:
    with ExitStack() as stack:
        bare = stack.enter_context(_bare_sqlite(folder / "batch_bare.db"))
        cases = office(f"sqlite:///{folder / 'batch.db'}")
        stack.callback(cases.store.close)
        return _held_together("sqlite FULL", bare, _ours(cases), rounds, seconds)


def _batch_postgresql(folder: Path, rounds: int, seconds: float) -> list[Line]:
    with ExitStack() as stack:
        url = stack.enter_context(start_postgresql(folder / "batch_postgresql", durable=True))
        cases = office(url)
        stack.callback(cases.store.close)
        prepare_postgresql(conninfo(url))
        bare = stack.enter_context(_bare_postgresql(conninfo(url)))
        return _held_together("postgresql", bare, _ours(cases), rounds, seconds)


def _held_together(name: str, bare: Contestant, ours: Contestant, rounds: int, seconds: float) -> list[Line]:
    base = f"{name}, bare select+4, {BARE_AT_ONCE} a transaction"
    return compare(
        {
            base: lambda s: BARE_AT_ONCE * rate(bare, s),
            f"{name}, engine steps, {OURS_AT_ONCE} a call": lambda s: OURS_AT_ONCE * rate(ours, s),
        },
        base=base,
        rounds=rounds,
        seconds=seconds,
    )


def _ours(cases: Cases) -> Contestant:
    """One call with so many steps, one each of as many reviews."""
    people = [NewPerson(f"Sökande {n}", f"batch{n}@example.org", "sv") for n in range(OURS_AT_ONCE)]
    opened = cases.steps(
        [
            Request(INSTITUTION, Open("eligibility_review", INSTITUTION, who, {"course": "Statistik"}), "admissions")
            for who in people
        ]
    )
    reviews = [outcome.case_id for outcome in opened if not isinstance(outcome, Exception)]
    days = itertools.cycle([FAR + timedelta(days=n) for n in range(101)])

    def call() -> None:
        ask = Take("set_answer_by", {"answer_by": next(days).isoformat()})
        done = cases.steps([Request(INSTITUTION, ask, "admissions", case=review) for review in reviews])
        if fault := next((each for each in done if isinstance(each, Exception)), None):
            raise fault

    return call


@contextmanager
def _bare_sqlite(path: Path) -> Iterator[Contestant]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        for statement in SCHEMA:
            connection.execute(statement)
        connection.executemany("INSERT INTO bare_case VALUES (?, 'a', 1, ?)", [(n, PAYLOAD) for n in range(CASES)])
        numbers = itertools.count(1)

        def unit() -> None:
            connection.execute("BEGIN IMMEDIATE")
            _many(connection, connection.executemany, numbers, "?")
            connection.execute("COMMIT")

        yield unit


@contextmanager
def _bare_postgresql(url: str) -> Iterator[Contestant]:
    numbers = itertools.count(1)
    with psycopg.connect(url, autocommit=False) as connection:

        def unit() -> None:
            with connection.cursor() as cursor:
                _many(connection, cursor.executemany, numbers, "%s")
            connection.commit()

        yield unit


def _many(connection: Any, executemany: Any, numbers: Iterator[int], mark: str) -> None:
    """A hundred units of work on as many cases, statement by statement."""
    new = list(itertools.islice(numbers, BARE_AT_ONCE))
    chosen = [number % CASES for number in new]
    read = READ_MANY.format(marks=", ".join([mark] * BARE_AT_ONCE))
    rows = {row[0]: row[1:] for row in connection.execute(read, chosen).fetchall()}
    case_of = dict(zip(new, chosen, strict=True))
    history, update, deadline, outbox = (statement.replace("?", mark) for statement in FOUR)
    executemany(history, [(case, rows[case][0] + 1, PAYLOAD) for case in chosen])
    executemany(update, [("b", rows[case][0] + 1, rows[case][1], case, rows[case][0]) for case in chosen])
    executemany(deadline, [(number, case, number) for number, case in case_of.items()])
    executemany(outbox, [(number, case, PAYLOAD) for number, case in case_of.items()])
