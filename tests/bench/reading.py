"""Measures reading at size: how long lists, tasks, overviews and searches take with years of cases.

An office is filled (`tests.bench.filling`), then each question is asked many times, in turn
with the others, with other words, people and states each time as people would. What is told is the time the
service needs, without HTTP: the middle of it, and that within which 19 of 20 are answered.
The staff pages are asked for over the same office (`tests.bench.pages`), whole. Beside it
stands an office of ten thousand cases, asked the same in the same turns: how many times as
long the large one takes is the ratio of each line.
"""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from adapters.system import NothingStandsThere, SecretNonces, Uuid7
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.queries import Queries
from engine.store.migrate import upgrade
from engine.store.narrowing import CaseFilter
from engine.store.store import Store
from tests.bench.filling import EVENTS, INSTITUTION, NOW, OF_DEPARTMENTS, fill
from tests.bench.measuring import Line, Timing, timing
from tests.bench.pages import pages
from tests.databases import administer, sibling_url, start_postgresql

ROUNDS = 40
SMALL = 10_000
FEW_EVENTS = 2
"""Of each case of an office of more than a hundred thousand, where ten would be ten million rows that no list reads."""

OFFICER = "officer"
CONTACTS = tuple(f"coordinator-D{unit:02d}-{n}" for unit, n in itertools.product(range(0, 40, 7), range(2)))
WORDS = (
    "björn", "öberg", "Åsa Öberg", "wien statistik", "OUT-2026-0", "2022", "2025-03", "tist", "Malmö 12", "granada",
    "ek", "universität", "lindström fysik",
)  # fmt: skip
WORKFLOWS = ("outgoing_exchange", "incoming_nomination", "eligibility_review", "agreement")
STATES = (("outgoing_exchange", "abroad"), ("eligibility_review", "requested"), ("outgoing_exchange", "completed"))
WORKFLOW_FILES = Path(__file__).parents[2] / "workflows"

Question = Callable[[], object]


class StillClock:
    """Stands where the office's years end."""

    def now(self) -> datetime:
        """The same instant always."""
        return NOW


def reading(folder: Path, *, cases: int) -> tuple[list[Timing], list[Line]]:
    """Ask everything on both databases: how long it took, and how many times as long as in the small office."""
    timings: list[Timing] = []
    lines: list[Line] = []
    with ExitStack() as stack:
        server = stack.enter_context(start_postgresql(folder / "reading"))
        administer(server, "CREATE DATABASE {name}", name="small")
        for kind, large, small in (
            ("sqlite", f"sqlite:///{folder / 'large.db'}", f"sqlite:///{folder / 'small.db'}"),
            ("postgresql", server, sibling_url(server, "small")),
        ):
            some, more = _measured(large, small, kind, cases)
            timings += some
            lines += more
    return timings, lines


def events_of(cases: int) -> int:
    """How many events each case has in an office of so many."""
    return FEW_EVENTS if cases > OF_DEPARTMENTS else EVENTS


def _measured(large: str, small: str, kind: str, cases: int) -> tuple[list[Timing], list[Line]]:
    with ExitStack() as stack:
        offices = {size: _office(url, size, stack) for url, size in ((small, min(SMALL, cases)), (large, cases))}
        questions = {(name, size): ask for size, several in offices.items() for name, ask in several.items()}
        taken = _in_turn(questions)
    names = list(offices[cases])
    timings = [timing(f"{kind}, {name}", taken[name, cases]) for name in names]
    if cases <= SMALL:
        return timings, []
    return timings, [_ratio(kind, name, taken[name, cases], taken[name, SMALL]) for name in names]


def _office(url: str, cases: int, stack: ExitStack) -> Mapping[str, Question]:
    upgrade(url)
    store = Store(url, durable=False)
    stack.callback(store.close)
    catalogue = Catalogue.of(WORKFLOW_FILES.glob("*.py"))
    fill(store, catalogue, cases=cases, events=events_of(cases))
    office = Cases(store, catalogue, StillClock(), Uuid7(), SecretNonces(), NothingStandsThere())
    return {**dict(asked(office)), **dict(pages(office, stack))}


def _ratio(kind: str, name: str, large: list[float], small: list[float]) -> Line:
    """How many times as long; `low` and `high` are those of nine turns of ten."""
    ratios = [one / other for one, other in zip(large, small, strict=True)]
    tenths = statistics.quantiles(ratios, n=20, method="inclusive")
    return Line(
        measure=f"{kind}, {name}",
        against=f"the same among {SMALL}",
        ratio=round(statistics.median(large) / statistics.median(small), 3),
        low=round(tenths[0], 3),
        high=round(tenths[-1], 3),
        value=round(statistics.median(large), 2),
        unit="ms",
    )


def _in_turn(questions: Mapping[tuple[str, int], Question]) -> Mapping[tuple[str, int], list[float]]:
    """Milliseconds of each time a question was asked; the first few, which warm caches, are left out."""
    taken: dict[tuple[str, int], list[float]] = {name: [] for name in questions}
    for turn in range(-3, ROUNDS):
        for name, question in sorted(questions.items(), key=lambda each: each[0]):
            start = time.perf_counter()
            question()
            if turn >= 0:
                taken[name].append((time.perf_counter() - start) * 1000)
    return taken


def asked(office: Cases) -> Iterator[tuple[str, Question]]:
    """The questions behind the pages, by an officer who sees everything and by contact persons."""
    queries = Queries(office)
    for who, people in (("officer", itertools.cycle([OFFICER])), ("contact person", itertools.cycle(CONTACTS))):
        yield f"tasks, {who}", _tasks(queries, people)
        yield f"overview, {who}", _overview(queries, people)
        yield f"all overviews, {who}", _counts(queries, people)
        yield f"search, {who}", _search(queries, people)
        yield f"newest cases, {who}", _list(queries, people, itertools.cycle([CaseFilter()]))
        states = [CaseFilter(workflow=(workflow,), state=(state,)) for workflow, state in STATES]
        yield f"cases in a state, {who}", _list(queries, people, itertools.cycle(states))
        yield f"cases by due date, {who}", _list(queries, people, itertools.cycle([CaseFilter(closed=False)]), "due")


def _tasks(queries: Queries, people: Iterator[str]) -> Question:
    def ask() -> object:
        person = next(people)
        return queries.tasks(INSTITUTION, person, narrowed=CaseFilter(waits_for=person))

    return ask


def _overview(queries: Queries, people: Iterator[str]) -> Question:
    workflows = itertools.cycle(WORKFLOWS)
    return lambda: queries.overview(INSTITUTION, next(people), workflow=next(workflows))


def _counts(queries: Queries, people: Iterator[str]) -> Question:
    return lambda: queries.counts(INSTITUTION, next(people))


def _search(queries: Queries, people: Iterator[str]) -> Question:
    words = itertools.cycle(WORDS)
    return lambda: queries.list_cases(INSTITUTION, next(people), narrowed=CaseFilter(q=next(words)))


def _list(queries: Queries, people: Iterator[str], filters: Iterator[CaseFilter], sort: str = "-opened") -> Question:
    return lambda: queries.list_cases(INSTITUTION, next(people), narrowed=next(filters), sort=sort)
