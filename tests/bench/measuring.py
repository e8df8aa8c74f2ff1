"""Contestants take turns in short rounds; what is told is the median of the rounds' ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

Contestant = Callable[[], object]
"""Does one unit of work."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: how a measure compares with what it is held against."""

    measure: str
    against: str
    ratio: float
    low: float
    high: float
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Timing:
    """How long something took: the middle, and that within which 19 of 20 were done."""

    measure: str
    p50: float
    p95: float
    times: int
    unit: str = "ms"


def timing(measure: str, taken: list[float]) -> Timing:
    """Sum up some measurements in milliseconds, at least two."""
    p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    return Timing(measure, round(statistics.median(taken), 1), round(p95, 1), len(taken))


def rate(work: Contestant, seconds: float) -> float:
    """Units a second, over at least so many seconds."""
    done, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds:
        work()
        done += 1
    return done / passed


def rate_of_many(workers: list[Contestant], seconds: float) -> float:
    """Units a second of all workers together, each in a thread of its own."""
    with ThreadPoolExecutor(len(workers)) as pool:
        return sum(pool.map(lambda work: rate(work, seconds), workers))


def compare(
    contestants: Mapping[str, Callable[[float], float]],
    *,
    base: str,
    rounds: int,
    seconds: float,
) -> list[Line]:
    """Let each contestant (a function from seconds to a rate) run in every round, in turn."""
    rates = in_turn(contestants, rounds=rounds, seconds=seconds)
    return [line_of(name, base, rates) for name in contestants]


def in_turn(
    contestants: Mapping[str, Callable[[float], float]], *, rounds: int, seconds: float, warm: bool = True
) -> Mapping[str, list[float]]:
    """The rates of each contestant, round by round."""
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for run in contestants.values() if warm else ():
        run(seconds / 4)  # warms caches, prepared statements and pools
    for _ in range(rounds):
        for name, run in contestants.items():
            rates[name].append(run(seconds))
    return rates


def line_of(
    name: str, base: str, rates: Mapping[str, list[float]], *, unit: str = "units/s", digits: int = 1
) -> Line:
    """How one contestant compares with another, from the rates of the rounds that both ran in."""
    ratios = sorted(mine / other for mine, other in zip(rates[name], rates[base], strict=True))
    return Line(
        measure=name,
        against=base,
        ratio=round(statistics.median(ratios), 4),
        low=round(ratios[0], 4),
        high=round(ratios[-1], 4),
        value=round(statistics.median(rates[name]), digits),
        unit=unit,
    )


def as_table(lines: list[Line]) -> str:
    """The lines as a table to read."""
    rows = [f"{'measure':48} {'x base':>8} {'low':>7} {'high':>7} {'median':>10} {'unit':9} base"]
    rows += [
        f"{line.measure:48} {line.ratio:8.3f} {line.low:7.3f} {line.high:7.3f} "
        f"{_short(line.value):>10} {line.unit:9} {line.against}"
        for line in lines
    ]
    return "\n".join(rows)


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def as_times(timings: list[Timing]) -> str:
    """The timings as a table to read."""
    rows = [f"{'measure':44} {'p50 ms':>8} {'p95 ms':>8} {'times':>6}"]
    rows += [f"{each.measure:44} {each.p50:8.1f} {each.p95:8.1f} {each.times:6}" for each in timings]
    return "\n".join(rows)


def as_json(lines: Sequence[Line | Timing], versions: Mapping[str, str]) -> list[dict[str, object]]:
    """The lines as they stand in build/bench.json."""
    return [{**asdict(line), "versions": dict(versions)} for line in lines]
