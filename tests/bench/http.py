"""The step over HTTP against an endpoint written by hand that does the same statements.

Each server is a process with one worker, the client a third; they share the machine's cores, so on
two of them the client takes part of what the servers could have. The line of processor time leaves
it out. Ours signs the caller in, judges roles and guards, writes the chained event, its deadlines
and messages, answers with the case as it now is and what may be done, and logs the request.
"""

from __future__ import annotations

import itertools
import json
import statistics
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from adapters.system import SystemClock
from engine.cases import Cases
from engine.model import NewPerson, Open, Request, Take
from engine.tokens import Caller, Tokens
from tests.bench.bare import prepare_postgresql, sqlite_unit
from tests.bench.engine_step import FAR, INSTITUTION, office
from tests.bench.measuring import Line, line_of
from tests.bench.serving import Server, by_hand, fardplan
from tests.bench.speaking import Told, Voice, request, talk
from tests.databases import administer, conninfo, sibling_url, start_postgresql

MANY = 16
HAND = "hand-written endpoint"


def http(folder: Path, *, rounds: int, seconds: float) -> list[Line]:
    """Both databases: rate, p50, p99 and processor time with 16 connections, and the time of one alone."""
    lines: list[Line] = []
    with ExitStack() as stack:
        for kind, url in (
            ("sqlite FULL", f"sqlite:///{folder / 'http.db'}"),
            ("postgresql", stack.enter_context(start_postgresql(folder / "http", durable=True))),
        ):
            with contestants(folder, url) as (ours, hand):
                lines += _lines(kind, ours, hand, rounds, max(seconds, 1.0))
    return lines


Contestant = tuple[Server, list[Voice]]


@contextmanager
def contestants(folder: Path, url: str) -> Iterator[tuple[Contestant, Contestant]]:
    """Ours and the hand-written one, each with its voices."""
    with ExitStack() as stack:
        voices = office_voices(url)
        ours = stack.enter_context(fardplan(folder, url))
        hand = stack.enter_context(by_hand(folder, _bare_tables(folder, url)))
        yield (ours, voices), (hand, [_hand_voice(number) for number in range(MANY)])


def _bare_tables(folder: Path, url: str) -> str:
    if url.startswith("sqlite"):
        path = folder / "by-hand.db"
        with sqlite_unit(path):
            return str(path)
    administer(url, "CREATE DATABASE {name}", name="by_hand")
    bare = conninfo(sibling_url(url, "by_hand"))
    prepare_postgresql(bare)
    return bare


def office_voices(url: str) -> list[Voice]:
    """Admissions, each voice with a case of its own: it moves the day by which a review is to be answered."""
    cases = office(url)
    try:
        token = Tokens(cases.store, SystemClock()).issue(
            Caller(INSTITUTION, "admissions"), label="bench", expires_at=None
        )
        return [_voice(_opened(cases, number), token) for number in range(MANY)]
    finally:
        cases.store.close()


def _opened(cases: Cases, number: int) -> tuple[str, int]:
    subject = NewPerson(f"Sökande {number}", f"applicant{number}@example.org", "sv")
    ask = Open("eligibility_review", INSTITUTION, subject, {"course": f"Statistik {number}"})
    case = cases.step(Request(INSTITUTION, ask, "admissions")).case_id
    return case, cases.step(Request(INSTITUTION, Take("take"), "reviewer", case=case)).sequence


def _voice(case: tuple[str, int], token: str) -> Voice:
    name, version = case
    days = itertools.cycle([(FAR + timedelta(days=n)).isoformat() for n in range(101)])
    path = f"/api/v1/cases/{name}/transitions"

    def ask(etag: str | None) -> bytes:
        body = json.dumps({"trigger": "set_answer_by", "fields": {"answer_by": next(days)}}).encode()
        return request(
            "POST", path, body,
            Content_Type="application/json", Authorization=f"Bearer {token}", If_Match=etag or f'"{version}"',
        )  # fmt: skip

    return Voice(ask)


def _hand_voice(case: int) -> Voice:
    days = itertools.cycle([(FAR + timedelta(days=n)).isoformat() for n in range(101)])

    def ask(_etag: str | None) -> bytes:
        body = json.dumps({"trigger": "set_answer_by", "fields": {"answer_by": next(days)}}).encode()
        return request("POST", f"/cases/{case}/transitions", body, Content_Type="application/json")

    return Voice(ask)


def _lines(kind: str, ours: Contestant, hand: Contestant, rounds: int, seconds: float) -> list[Line]:
    names = {f"{kind}, step over HTTP": ours, f"{kind}, {HAND}": hand}
    seen: dict[str, dict[str, list[float]]] = {}
    for each in names.values():
        _run(each, MANY, seconds / 2)  # warms caches and statements
    for _ in range(rounds):
        for name, each in names.items():
            for measure, value in _measured(each, seconds).items():
                seen.setdefault(measure, {}).setdefault(name, []).append(value)
    base = f"{kind}, {HAND}"
    return [
        _named(line_of(name, base, rates, unit=UNITS[what], digits=3), what)
        for what, rates in seen.items()
        for name in rates
    ]


UNITS = {
    f"{MANY} connections": "steps/s",
    f"{MANY} connections, processor time": "ms",
    f"{MANY} connections, p50": "ms",
    f"{MANY} connections, p99": "ms",
    "1 connection, p50": "ms",
    "1 connection, p99": "ms",
}


def _named(line: Line, what: str) -> Line:
    return Line(
        f"{line.measure}, {what}", f"{line.against}, {what}", line.ratio, line.low, line.high, line.value, line.unit
    )


def _measured(contestant: Contestant, seconds: float) -> dict[str, float]:
    server, _ = contestant
    before = server.cpu()
    many = _run(contestant, MANY, seconds)
    used = server.cpu() - before
    one = _run(contestant, 1, seconds / 2)
    values = (many.rate, used * 1000 / len(many.taken), *_p50_p99(many), *_p50_p99(one))
    return dict(zip(UNITS, values, strict=True))


def _run(contestant: Contestant, connections: int, seconds: float) -> Told:
    server, voices = contestant
    return talk(server.port, voices[:connections], seconds)


def _p50_p99(told: Told) -> tuple[float, float]:
    return statistics.median(told.taken), statistics.quantiles(told.taken, n=100, method="inclusive")[-1]
