"""Measures reading at size: how long lists, tasks, overviews and searches take with years of cases.

An office is filled (`tests.bench.filling`), then each question is asked many times, in turn
with the others, with other words, people and states each time as people would. What is told is the time the
service needs, without HTTP: the middle of it, and that within which 19 of 20 are answered.
The staff pages are asked for over the same office (`tests.bench.pages`), whole.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from adapters.system import NothingStandsThere, SecretNonces, Uuid7
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.queries import Queries
from engine.store.lists import CaseFilter
from engine.store.migrate import upgrade
from engine.store.store import Store
from tests.bench.filling import INSTITUTION, NOW, fill
from tests.bench.measuring import Timing, timing
from tests.bench.pages import pages
from tests.databases import start_postgresql

ROUNDS = 40
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


def reading(folder: Path, *, cases: int) -> list[Timing]:
    """Ask everything on both databases."""
    return [*_on_sqlite(folder, cases), *_on_postgresql(folder, cases)]


def _on_sqlite(folder: Path, cases: int) -> list[Timing]:
    return _measured(f"sqlite:///{folder / 'reading.db'}", "sqlite", cases)


def _on_postgresql(folder: Path, cases: int) -> list[Timing]:
    with start_postgresql(folder / "reading") as url:
        return _measured(url, "postgresql", cases)


def _measured(url: str, kind: str, cases: int) -> list[Timing]:
    upgrade(url)
    with ExitStack() as stack:
        store = Store(url, durable=False)
        stack.callback(store.close)
        catalogue = Catalogue.of(WORKFLOW_FILES.glob("*.py"))
        fill(store, catalogue, cases=cases)
        office = Cases(store, catalogue, StillClock(), Uuid7(), SecretNonces(), NothingStandsThere())
        questions = {**dict(asked(office)), **dict(pages(office, stack))}
        return [timing(f"{kind}, {name}", taken) for name, taken in _in_turn(questions).items()]


def _in_turn(questions: Mapping[str, Question]) -> Mapping[str, list[float]]:
    """Milliseconds of each time a question was asked; the first few, which warm caches, are left out."""
    taken: dict[str, list[float]] = {name: [] for name in questions}
    for turn in range(-3, ROUNDS):
        for name, question in questions.items():
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
