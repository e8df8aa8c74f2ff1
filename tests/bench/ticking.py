"""Finding what is due among many open deadlines, as the ticker asks, against the bare indexed query.

Rows are put in by SQL. 1,000 are due at one instant and none at another; the ticker's question also passes by
cases that are not to be looked at again, and keeps one rung of each case. Nothing is fired here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from engine.store import due_rows
from engine.store.migrate import upgrade
from engine.store.store import Store
from tests.bench.measuring import Line, in_turn, line_of, rate
from tests.databases import administer, sibling_url, start_postgresql

DUE = 1000
FEW = 10_000
MANY = 100_000
INSTITUTION = "bench.example"
BEFORE, THEN = 1, DUE + 1
"""Instants at which nothing and at which 1,000 deadlines are due: one falls due with each microsecond from 2 on."""

_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {size}) "
_FILL = (
    "INSERT INTO case_record (institution, id, number, workflow, definition, state, unit, title, search, facts, acts, "
    "version, head, opened_at, updated_at, entered_at, due_at) " + _NUMBERS +
    "SELECT '{institution}', 'case-' || i, 'C-' || i, 'eligibility_review', 'd', 'requested', 'D01', 'T', 't', '{{}}', "
    "'{{}}', 1, 'h', 1, 1, 1, i + 1 FROM n",
    "INSERT INTO deadline (institution, case_id, name, since, status, started_at, ledger, due_at, fired, next_rung, "
    "acts_at) " + _NUMBERS +
    "SELECT '{institution}', 'case-' || i, 'answer', 1, 'running', 1, '[]', i + 1, '[]', 'due', i + 1 FROM n",
)  # fmt: skip
_BARE = (
    "SELECT institution, case_id, name, since, next_rung FROM deadline WHERE acts_at IS NOT NULL AND acts_at <= {mark} "
    "ORDER BY acts_at, institution, case_id LIMIT {mark}"
)


def ticking(folder: Path, *, rounds: int, seconds: float, size: int = MANY) -> list[Line]:
    """Both databases, at 10,000 open deadlines and at `size`; in milliseconds, and how many times the bare query's."""
    lines: list[Line] = []
    with ExitStack() as stack:
        server = stack.enter_context(start_postgresql(folder / "ticking"))
        for count in sorted({FEW, size}):
            administer(server, "CREATE DATABASE {name}", name=f"ticking_{count}")
            for url in (f"sqlite:///{folder / f'ticking_{count}.db'}", sibling_url(server, f"ticking_{count}")):
                with filled(url, count) as store:
                    lines += _measured(store, count, rounds, seconds / 4)
    return lines


@contextmanager
def filled(url: str, size: int) -> Iterator[Store]:
    """A database with so many open deadlines, each of a case of its own."""
    upgrade(url)
    store = Store(url)
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in _FILL:
            connection.exec_driver_sql(statement.format(size=size, institution=INSTITUTION))
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)" if store.sqlite else "VACUUM ANALYZE")
    yield store
    store.close()


def _measured(store: Store, size: int, rounds: int, seconds: float) -> list[Line]:
    kind = "sqlite" if store.sqlite else "postgresql"
    with store.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        ask = _BARE.format(mark="?" if store.sqlite else "%s")

        def bare(now: int) -> int:
            return len(driver.execute(ask, (now, DUE)).fetchall())

        def found(now: int) -> int:
            return len(due_rows.find(store, now=now, size=DUE, passed_by=()))

        if (bare(THEN), found(THEN), bare(BEFORE), found(BEFORE)) != (DUE, DUE, 0, 0):
            raise AssertionError("not what is due was found")
        lines = []
        for what, base, ours in (
            ("1,000 due", lambda: bare(THEN), lambda: found(THEN)),
            ("none due", lambda: bare(BEFORE), lambda: found(BEFORE)),
        ):
            lines += _pair(f"{kind}, {what} of {size:,} open", base, ours, rounds, seconds)
    return lines


def _pair(what: str, bare: Callable[[], object], ours: Callable[[], object], rounds: int, seconds: float) -> list[Line]:
    """Both in turn; times, so that less is better and the ratio says how many times as long."""
    base, mine = f"bare query, {what}", f"find, {what}"
    rates = in_turn({base: lambda s: rate(bare, s), mine: lambda s: rate(ours, s)}, rounds=rounds, seconds=seconds)
    times = {name: [1000 / each for each in taken] for name, taken in rates.items()}
    return [line_of(name, base, times, unit="ms", digits=3) for name in (base, mine)]
