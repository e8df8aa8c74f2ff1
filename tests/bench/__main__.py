"""`python -m tests.bench [--only PART]`: prints the tables, adds its lines to build/bench.json."""

from __future__ import annotations

import argparse
import platform
import sqlite3
import sys
import tempfile
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path

from engine.store.store import Store
from tests.bench.bare import fdatasync_unit, postgresql_unit, prepare_postgresql, sqlite_unit
from tests.bench.batching import batch, group
from tests.bench.columns import columns
from tests.bench.engine_step import engine_unit, office
from tests.bench.firing import firing
from tests.bench.http import http
from tests.bench.importing import importing
from tests.bench.keeping import WRITTEN, keep
from tests.bench.legality import legality
from tests.bench.measuring import Line, Timing, as_json, as_table, as_times, compare, rate, rate_of_many
from tests.bench.memory import memory
from tests.bench.orm import orm_postgresql_unit, orm_sqlite_unit
from tests.bench.outbox import outbox
from tests.bench.profiling import profiling
from tests.bench.reading import events_of, reading
from tests.bench.replaying import replaying
from tests.bench.starting import starting
from tests.bench.ticking import MANY as DEADLINES
from tests.bench.ticking import ticking
from tests.bench.verifying import verifying
from tests.databases import start_postgresql

BASE_SQLITE = "sqlite FULL, bare select+4"
BASE_PG = "postgresql, bare select+4, 1 connection"
MANY = 16


def sqlite(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """The step on SQLite FULL against the bare driver, one caller."""
    with ExitStack() as stack:
        bare = stack.enter_context(sqlite_unit(folder / "bare.db"))
        orm = stack.enter_context(orm_sqlite_unit(folder / "orm.db"))
        floor = stack.enter_context(fdatasync_unit(folder / "floor"))
        cases = office(f"sqlite:///{folder / 'engine.db'}")
        step = stack.enter_context(engine_unit(cases))
        stack.callback(cases.store.close)
        return compare(
            {
                BASE_SQLITE: lambda s: rate(bare, s),
                "sqlite FULL, engine step": lambda s: rate(step, s),
                "sqlite FULL, SQLAlchemy ORM select+4": lambda s: rate(orm, s),
                "fdatasync 8 KiB, the disk's floor": lambda s: rate(floor, s),
            },
            base=BASE_SQLITE,
            rounds=rounds,
            seconds=seconds,
        )


def postgresql(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """The step on PostgreSQL against the bare driver, 1 and 16 connections."""
    with ExitStack() as stack:
        url = stack.enter_context(start_postgresql(folder / "postgresql", durable=True))
        cases = office(url)
        stack.callback(cases.store.close)
        plain = _for_psycopg(cases.store)
        prepare_postgresql(plain)
        bare = [stack.enter_context(postgresql_unit(plain, n + 1, MANY)) for n in range(MANY)]
        orm = stack.enter_context(orm_postgresql_unit(url))
        steps = [stack.enter_context(engine_unit(cases, 4)) for _ in range(MANY)]
        return compare(
            {
                BASE_PG: lambda s: rate(bare[0], s),
                "postgresql, engine step, 1 connection": lambda s: rate(steps[0], s),
                "postgresql, SQLAlchemy ORM select+4, 1 connection": lambda s: rate(orm, s),
                f"postgresql, bare select+4, {MANY} connections": lambda s: rate_of_many(bare, s),
                f"postgresql, engine step, {MANY} connections": lambda s: rate_of_many(steps, s),
            },
            base=BASE_PG,
            rounds=rounds,
            seconds=seconds,
        )


def _for_psycopg(store: Store) -> str:
    return store.url.set(drivername="postgresql").render_as_string(hide_password=False)


PARTS = {
    "sqlite": sqlite, "postgresql": postgresql, "batch": batch, "group": group,
    "legality": legality, "outbox": outbox, "replaying": replaying,
    "columns": columns, "verifying": verifying, "profile": profiling, "firing": firing, "importing": importing,
    "http": http, "starting": starting, "memory": memory,
}  # fmt: skip
READING, TICKING = "reading", "ticking"
SIZE = 20_000


def main() -> int:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=[*PARTS, TICKING, READING], action="append")
    parser.add_argument("--size", type=int, help="cases to read among, ten events each; deadlines to tick among")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.6)
    options = parser.parse_args()
    lines: list[Line] = []
    timings: list[Timing] = []
    asked = options.only or [*PARTS, TICKING, READING]
    with tempfile.TemporaryDirectory(prefix="fardplan_bench_") as name:
        folder = Path(name)
        # The server may run as a user of its own, who must be let through to its folder.
        folder.chmod(0o711)
        for part in (part for part in asked if part in PARTS):
            lines += PARTS[part](folder, rounds=options.rounds, seconds=options.seconds)
        if TICKING in asked:
            size = options.size or DEADLINES
            lines += ticking(folder, rounds=options.rounds, seconds=options.seconds, size=size)
        if READING in asked:
            timings, ratios = reading(folder, cases=options.size or SIZE)
            lines += ratios
    if lines:
        print(as_table(lines))
        print(f"\n{options.rounds} rounds of {options.seconds} s each\n")
    if timings:
        print(as_times(timings))
        size = options.size or SIZE
        print(f"\namong {size} cases with {size * events_of(size)} events")
    versions = {
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **{name: version(name) for name in ("psycopg", "pydantic", "transitions", "fardplan")},
    }
    keep(as_json([*lines, *timings], versions))
    print(f"written to {WRITTEN}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
