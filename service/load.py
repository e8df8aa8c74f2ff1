"""How much a process has in hand, and how much it takes: so many requests of each lane, and no more.

Reading, changing, sending a body and following a stream have lanes of their own, so that one
does not stand in the way of another. Health and metrics have none: they are asked for most when
all lanes are full, and have threads of their own.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Final, TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service.committing import Committer

Result = TypeVar("Result")


class Lane(StrEnum):
    """What a request is busy with."""

    READ = "read"
    CHANGE = "change"
    SENDING = "sending"
    STREAM = "stream"


TIMES: Final = {Lane.READ: 1, Lane.CHANGE: 1, Lane.SENDING: 4, Lane.STREAM: 2}
"""How many times as many as are set may be in a lane. Who is still sending a body or follows a stream costs little."""

LARGEST_SHARE: Final = 0.75
"""How much of the lane of those who send one network address may have. A whole campus may come from one."""


class Load(Collector):
    """The lanes of one process. Used on the event loop alone; asked by whoever collects metrics."""

    def __init__(self, most: int, committer: Committer, registry: CollectorRegistry) -> None:
        self._most = {lane: most * times for lane, times in TIMES.items()}
        self._committer = committer
        self._aside = ThreadPoolExecutor(2, thread_name_prefix="health")
        self.under_way: Counter[Lane] = Counter()
        self.turned_away: Counter[Lane] = Counter()
        self._from: Counter[str] = Counter()
        registry.register(self)

    def enter(self, lane: Lane) -> bool:
        """Whether there is room; then it is taken until `leave`."""
        if self.under_way[lane] >= self._most[lane]:
            self.turned_away[lane] += 1
            return False
        self.under_way[lane] += 1
        return True

    def enter_from(self, network: str) -> bool:
        """Whether somebody who sends a body from this network address may; then they count until `leave_from`.

        However many they open at once, they leave room to all others (CWE-770).
        """
        if self._from[network] >= self._most[Lane.SENDING] * LARGEST_SHARE:
            self.turned_away[Lane.SENDING] += 1
            return False
        self._from[network] += 1
        return True

    def leave_from(self, network: str) -> None:
        """Count them no more."""
        self._from[network] -= 1
        if not self._from[network]:
            del self._from[network]

    def leave(self, lane: Lane) -> None:
        """Give the room back."""
        self.under_way[lane] -= 1

    async def aside(self, work: Callable[[], Result]) -> Result:
        """Do the work past all lines, on threads that nothing else has."""
        return await asyncio.get_running_loop().run_in_executor(self._aside, work)

    def collect(self) -> Iterable[Metric]:
        """Tell how full it is."""
        under_way = GaugeMetricFamily("fardplan_under_way", "Requests in hand.", labels=["lane"])
        turned_away = CounterMetricFamily(
            "fardplan_turned_away", "Requests and steps for which there was no room.", labels=["lane"]
        )
        for lane in Lane:
            under_way.add_metric([lane], self.under_way[lane])
            turned_away.add_metric([lane], self.turned_away[lane])
        turned_away.add_metric(["line"], self._committer.turned_away)
        yield under_way
        yield turned_away
        yield GaugeMetricFamily("fardplan_waiting", "Waiting for a thread that changes cases.", self._committer.waiting)

    def close(self) -> None:
        """Let the threads go; one that hangs is not waited for."""
        self._aside.shutdown(wait=False)
