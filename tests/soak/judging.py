"""Tells what grew from what only swings: a run's first window against its last, the quiet before against after.

What is held is judged by its floor, the least of a window: a leak raises the floor, while a fault or a
crowd only raises the peaks. Memory never falls back, and rises in steps where somebody does something large for
the first time: it is judged by what it grows from window to window as a rule.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, TypeAlias

from tests.soak.sampling import Held, Look

WINDOW: Final = 600.0
"""Seconds of a window at most; of a shorter run a sixth."""

WARM_UP: Final = 300.0
"""Seconds before the first window at most; of a shorter run a twelfth."""

MEMORY: Final = 0.05
"""Which share of its memory a process may grow by from the first window to the last, single steps left out.

A hundred bytes lost with each of 200,000 requests are 20 MB, a tenth of a service.
"""

STRETCHES: Final = 6
"""Into how many stretches the second half of a run is parted for that. In each but a few a leak adds something, and as
much as in the first half; what somebody does for the first time adds its share once, and so does each crowd larger
than all before it, of which there are ever fewer.
"""

LONG_ENOUGH: Final = 1800.0
"""Seconds from which on memory is judged: before that caches, arenas and SQLite's pages (2 MiB a connection) fill."""

LATENCY: Final = 1.5
SLACK_MS: Final = 5.0
"""So many milliseconds more are no growth yet, where nothing takes long."""

FEWEST: Final = 100
"""Under so many turns of a kind in either window nothing is said of its slowest ones."""

SPARE: Final = 2
"""How many threads, descriptors or connections more are no growth yet in the quiet: pools fill one by one, when needed.

Whatever leaks leaks with requests or with faults, of which even a short run has many of each kind.
"""

CROWD: Final = 16
"""The same under load: as many as may be asking at once, for each in hand has a thread and what it works with."""

WAL: Final = 2.0
SLACK_WAL: Final = 64 * 2**20
"""What the write-ahead log may be above the first window's: it is used again from its beginning, not grown."""

LATEST_MS: Final = 1000.0
"""How late half of the turns may be begun: beyond it nobody is free when they are due, so that it was not half of
top speed that was pressed (others took the machine meanwhile), and latency says nothing."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Something that somebody did: when it was due (seconds from the beginning), and how long after that it was done.

    `ms` counts from when it was due, not from when somebody was free to do it: a service that stands still
    is seen by all who would have come meanwhile (coordinated omission). `late` of them were waited for somebody.
    """

    due: float
    kind: str
    ms: float
    late: float = 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """A window, in seconds from the beginning."""

    begins: float
    ends: float

    def holds(self, at: float) -> bool:
        """Whether an instant lies in it."""
        return self.begins <= at < self.ends


def windows(seconds: float) -> tuple[Span, Span]:
    """The first and the last window of a run of so many seconds."""
    long, warm = min(WINDOW, seconds / 6), min(WARM_UP, seconds / 12)
    return Span(warm, warm + long), Span(seconds - long, seconds)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: a measure at first and last, the most it may be at last (None: only told)."""

    measure: str
    first: float
    last: float
    most: float | None = None
    unit: str = ""

    @property
    def wrong(self) -> bool:
        """Whether it grew too much."""
        return self.most is not None and self.last > self.most


Measure: TypeAlias = Callable[[Held], float]


def lines(
    *, turns: Sequence[Turn], looks: Sequence[Look], spans: tuple[Span, Span], before: Look, after: Look
) -> Iterator[Line]:
    """The whole table. Raises ValueError where a window was too short to be looked at."""
    first, last = ([look for look in looks if span.holds(look.at)] for span in spans)
    if not first or not last:
        raise ValueError("nothing was sampled in a window: let it run longer")
    for name in before.processes:
        yield from _memory(name, [look for look in looks if look.at >= spans[0].begins], spans)
        yield from _of_process(name, first, last, before)
    yield from _of_database(first, last, before)
    yield from _of_turns(turns, spans)
    yield from in_the_quiet(before, after)


def _memory(name: str, looks: Sequence[Look], spans: tuple[Span, Span]) -> Iterator[Line]:
    """What is resident at first and last, and by how much it grew as a rule."""
    # What it shares with files is shared by whoever else runs the same: a proportional share moves as they come and go.
    for words, measure in (("RSS", _rss), ("anonymous", _anonymous)):
        begun, ended = (
            statistics.median([measure(look.processes[name]) for look in looks if span.holds(look.at)])
            for span in spans
        )
        yield Line(f"{name}: {words}", begun, ended, None, "B")
        grown = steady_growth([measure(look.processes[name]) for look in looks])
        judged = spans[1].ends >= LONG_ENOUGH
        yield Line(f"{name}: {words}, steady growth", 0.0, grown, begun * MEMORY if judged else None, "B")


def steady_growth(values: Sequence[float]) -> float:
    """What the whole run would add, if each stretch added as much as the middle one of its second half does."""
    later = values[len(values) // 2 :]
    size = len(later) // STRETCHES
    if not size:
        return 0.0
    levels = [statistics.median(later[begin : begin + size]) for begin in range(0, size * STRETCHES, size)]
    steps = [after - before for before, after in pairwise(levels)]
    return statistics.median(steps) * (len(values) / size - 1)


def _of_process(name: str, first: Sequence[Look], last: Sequence[Look], before: Look) -> Iterator[Line]:
    def each(looks: Sequence[Look], measure: Measure) -> list[float]:
        return [measure(look.processes[name]) for look in looks]

    for words, measure in (("threads", _threads), ("descriptors", _descriptors)):
        begun, ended = min(each(first, measure)), min(each(last, measure))
        # What the quiet before showed to be held for good may be held.
        yield Line(f"{name}: {words}, at least", begun, ended, max(begun + CROWD, measure(before.processes[name])))
        yield Line(f"{name}: {words}, at most", max(each(first, measure)), max(each(last, measure)))

    def spent(look: Look) -> float:
        return look.processes[name].cpu

    # Only told: of a turn that takes longer it says whether the program does more for it, or others have the machine.
    yield Line(f"{name}: processor", _cores(first, spent), _cores(last, spent), None, "cores")


def _cores(looks: Sequence[Look], spent: Callable[[Look], float]) -> float:
    """How many cores were kept busy, from the processor seconds that were spent by each look."""
    begun, ended = looks[0], looks[-1]
    return max(0.0, (spent(ended) - spent(begun)) / (ended.at - begun.at)) if ended.at > begun.at else 0.0


def _rss(held: Held) -> float:
    return held.rss


def _anonymous(held: Held) -> float:
    return held.anonymous


def _threads(held: Held) -> float:
    return held.threads


def _descriptors(held: Held) -> float:
    return sum(held.fds.values())


def _of_database(first: Sequence[Look], last: Sequence[Look], before: Look) -> Iterator[Line]:
    fewest, most = min(look.connections for look in first), max(look.connections for look in first)
    ended = min(look.connections for look in last)
    yield Line("connections, at least", fewest, ended, max(fewest + CROWD, before.connections))
    yield Line("connections, at most", most, max(look.connections for look in last))
    wal = max(look.wal for look in first)
    # That of PostgreSQL is let grow to `max_wal_size` (1 GB), and says nothing.
    limit = None if before.connections else max(wal * WAL, SLACK_WAL)
    yield Line("write-ahead log", wal, max(look.wal for look in last), limit, "B")
    for words, unit, value in (
        ("database", "B", lambda look: look.database),
        ("cases", "", lambda look: look.cases),
        ("open cases", "", lambda look: look.open_cases),
        ("events", "", lambda look: look.events),
        ("messages that wait", "", lambda look: look.owed),
    ):
        yield Line(words, statistics.median(map(value, first)), statistics.median(map(value, last)), None, unit)
    # With those who ask, and the database where it is a server.
    for words, spent in (("processor, all of this", _ours), ("processor taken by others", _others)):
        yield Line(words, _cores(first, spent), _cores(last, spent), None, "cores")


def _ours(look: Look) -> float:
    return look.ours


def _others(look: Look) -> float:
    """What others kept busy meanwhile: what a difference in latency may come from."""
    return look.busy - look.ours


def _of_turns(turns: Sequence[Turn], spans: tuple[Span, Span]) -> Iterator[Line]:
    first, last = (_by_kind(turns, span) for span in spans)
    for kind in sorted(first.keys() & last.keys(), key=lambda kind: (kind != ALL, kind)):
        begun, ended = first[kind], last[kind]
        if min(len(begun), len(ended)) < FEWEST:
            continue
        for words, rank in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
            was = at_rank(begun, rank)
            most = max(was * LATENCY, was + SLACK_MS) if words == "p95" else None
            yield Line(f"{kind}: {words}", was, at_rank(ended, rank), most, "ms")
    late = [statistics.median([turn.late for turn in turns if span.holds(turn.due)] or [0.0]) for span in spans]
    yield Line("begun late: p50", late[0], max(late), LATEST_MS, "ms")
    yield Line("turns in the window", len(first[ALL]), len(last[ALL]))


ALL: Final = "every turn"


def _by_kind(turns: Sequence[Turn], span: Span) -> Mapping[str, list[float]]:
    found: dict[str, list[float]] = defaultdict(list)
    for turn in turns:
        if span.holds(turn.due):
            found[turn.kind].append(turn.ms)
            found[ALL].append(turn.ms)
    return found


def at_rank(values: Sequence[float], rank: float) -> float:
    """The value under which such a share of them lies; 0 of none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * rank))] if values else 0.0


def in_the_quiet(before: Look, after: Look) -> Iterator[Line]:
    """What is held when nobody asks for anything: before the load, and after it."""
    for name, was in before.processes.items():
        now = after.processes[name]
        yield Line(f"quiet, {name}: threads", was.threads, now.threads, was.threads + SPARE)
        for kind in sorted({*was.fds, *now.fds}):
            held = was.fds.get(kind, 0)
            yield Line(f"quiet, {name}: {kind}", held, now.fds.get(kind, 0), held + SPARE)
    yield Line("quiet: connections", before.connections, after.connections, before.connections + SPARE)
