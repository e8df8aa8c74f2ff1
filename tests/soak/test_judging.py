"""The judging sees what grows, and nothing in what only swings."""

from __future__ import annotations

import math
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.soak.judging import Span, Turn, lines, windows
from tests.soak.pressing import Timetable, press, top_speed
from tests.soak.sampling import Held, Look, held

SECONDS = 3600.0
MIB = 2**20
REST = Held(rss=150 * MIB, anonymous=120 * MIB, threads=20, fds={"sockets": 12, "files": 20})
QUIET = Look(0.0, {"serve": REST}, connections=8)
ON_SQLITE = replace(QUIET, connections=0)
SPANS = windows(SECONDS)


def look(at: float, grow: Callable[[float], dict[str, Any]]) -> Look:
    """What is held then: it swings upwards now and then, and is what `grow` says of that instant besides."""
    swing = 15 if int(at) % 40 == 0 else 0
    more = grow(at)
    fds = {"sockets": 30 + swing + int(more.pop("sockets", 0)), "files": 20}
    busy = Held(REST.rss + swing * MIB // 4, REST.anonymous, 20 + swing + int(more.pop("threads", 0)), fds)
    busy = replace(busy, rss=busy.rss + int(more.pop("rss", 0)))
    connections, wal = 8 + swing + int(more.pop("connections", 0)), 16 * MIB + int(more.pop("wal", 0))
    return Look(at, {"serve": busy}, connections=connections, wal=wal)


def nothing(_at: float) -> dict[str, Any]:
    return {}


def steady(due: float) -> float:
    """Most turns take 20 ms; every fiftieth meets a fault and takes a second."""
    return 1000.0 if int(due * 2) % 50 == 0 else 20.0


def grown(
    grow: Callable[[float], dict[str, Any]] = nothing,
    ms: Callable[[float], float] = steady,
    after: Look = QUIET,
    before: Look = QUIET,
    late: float = 0.0,
) -> list[str]:
    """The measures of an hour that are judged to have grown."""
    turns = [Turn(half / 2, "step", ms(half / 2), late) for half in range(int(SECONDS) * 2)]
    looks = [look(tens * 10.0, grow) for tens in range(1, 360)]
    found = lines(turns=turns, looks=looks, spans=SPANS, before=before, after=after)
    return [line.measure for line in found if line.wrong]


def test_what_only_swings_has_not_grown() -> None:
    assert grown() == []


@pytest.mark.parametrize(
    ("leak", "measure"),
    [
        (lambda at: {"rss": at * 5000}, "serve: RSS, steady growth"),  # 100 bytes with each of 50 requests a second
        (lambda at: {"threads": at // 150}, "serve: threads, at least"),
        (lambda at: {"sockets": at // 150}, "serve: descriptors, at least"),
        (lambda at: {"connections": at // 150}, "connections, at least"),
    ],
)
def test_a_leak_under_load_is_seen(leak: Callable[[float], dict[str, Any]], measure: str) -> None:
    assert grown(leak) == [measure]


def test_a_log_that_does_not_begin_anew_is_seen() -> None:
    assert grown(lambda at: {"wal": at * MIB / 20}, before=ON_SQLITE, after=ON_SQLITE) == ["write-ahead log"]


def test_what_somebody_does_for_the_first_time_is_no_leak() -> None:
    assert grown(lambda at: {"rss": (60 * MIB if at > 1000 else 0) + (20 * MIB if at > 2000 else 0)}) == []


def test_what_fills_ever_more_slowly_is_no_leak() -> None:
    assert grown(lambda at: {"rss": 40 * MIB * (1 - math.exp(-at / 900))}) == []


def test_a_leak_is_seen_beside_what_fills() -> None:
    leak = grown(lambda at: {"rss": 40 * MIB * (1 - math.exp(-at / 900)) + at * 5000})
    assert leak == ["serve: RSS, steady growth"]


def test_ever_longer_waits_are_seen() -> None:
    assert grown(ms=lambda due: 20.0 + due / 100) == ["every turn: p95", "step: p95"]


def test_a_pace_that_was_not_kept_is_no_latency_of_the_service() -> None:
    assert grown(late=1500.0) == ["begun late: p50"]


@pytest.mark.parametrize(
    ("kept", "measure"),
    [
        (replace(REST, threads=23), "quiet, serve: threads"),
        (replace(REST, fds={"sockets": 15, "files": 20}), "quiet, serve: sockets"),
        (replace(REST, fds={"sockets": 12, "files": 20, "pipes": 3}), "quiet, serve: pipes"),
    ],
)
def test_what_is_still_held_in_the_quiet_is_seen(kept: Held, measure: str) -> None:
    assert grown(after=replace(QUIET, processes={"serve": kept})) == [measure]


def test_a_connection_still_held_in_the_quiet_is_seen() -> None:
    assert grown(after=replace(QUIET, connections=11)) == ["quiet: connections"]


def test_windows_leave_out_the_warm_up_and_are_a_sixth_of_a_short_run() -> None:
    assert windows(3600) == (Span(300, 900), Span(3000, 3600))
    assert windows(300) == (Span(25, 75), Span(250, 300))


@dataclass
class Stands:
    """A service that serves one at a time, and stands still for a while before one of them."""

    before: int
    gate: threading.Lock = field(default_factory=threading.Lock)
    served: int = 0

    def turn(self) -> str:
        with self.gate:
            self.served += 1
            if self.served == self.before:
                time.sleep(0.5)
        return "step"


def test_those_who_would_have_come_meanwhile_have_waited_too() -> None:
    turns = press([Stands(30)] * 2, Timetable(100, 1.0, random.Random(1)), time.monotonic())

    # Two were in there, but some fifty were due.
    assert sum(turn.ms > 100 for turn in turns) > 20


def test_top_speed_waits_for_nothing() -> None:
    assert top_speed([Stands(0)] * 2, 1.0) > 20


HOLDS = """
import sys, threading
file = open(sys.argv[1], "w")
for _ in range(3):
    threading.Thread(target=threading.Event().wait, daemon=True).start()
print("ready", flush=True)
sys.stdin.read()
"""


def test_what_a_process_holds_is_seen_from_outside(tmp_path: Path) -> None:
    command = (sys.executable, "-c", HOLDS, str(tmp_path / "open"))
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        found = held(process.pid)
        process.stdin.close()

    assert (found.threads, found.fds) == (4, {"files": 2, "pipes": 2})
    assert found.rss >= found.anonymous > 0
