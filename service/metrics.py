"""What the service counts, for Prometheus. One registry an application; no personal data in labels."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from adapters.system import SystemClock
from engine.catalogue import Catalogue
from engine.doctor.shape import Promise
from engine.errors import EngineError, Refused
from engine.model import Outcome, Request, Take
from engine.queries import Queries
from engine.store import finding_rows, heartbeat, stuck_rows
from engine.store.store import Store

SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """Counters of one process, and gauges read from the database when somebody asks."""

    def __init__(self, catalogue: Catalogue, queries: Queries) -> None:
        self.registry = CollectorRegistry()
        self._triggers = {
            trigger for name in catalogue.names for each in catalogue.versions(name) for trigger in each.by_trigger
        }
        self._requests = self._counter("requests", "Requests answered.", "method", "route", "status")
        self._seconds = Histogram(
            "fardplan_request_seconds",
            "Time to answer.",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._steps = self._counter("steps", "Steps asked for.", "workflow", "trigger", "outcome")
        self._refusals = self._counter("refusals", "Requests refused.", "code")
        self._rungs = self._counter("rungs_fired", "Rungs fired by this process.")
        self.registry.register(_Stored(queries))

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"fardplan_{name}", says, labels, registry=self.registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. `route` is the path as declared, never as sent."""
        self._requests.labels(method, route, status).inc()
        self._seconds.labels(route).observe(seconds)

    def stepped(self, asked: Request, outcome: Outcome) -> None:
        """Count a step that was taken, or repeated under its key."""
        workflow = outcome.case.workflow if outcome.case else ""
        self._steps.labels(workflow, self._trigger(asked), "replayed" if outcome.replayed else "done").inc()

    def refused(self, asked: Request, error: EngineError) -> None:
        """Count a step that was refused, or could not be taken now."""
        code = error.code if isinstance(error, Refused) else "busy"
        self._steps.labels("", self._trigger(asked), code).inc()

    def refusal(self, code: str) -> None:
        """Count an answer that was a problem."""
        self._refusals.labels(code).inc()

    def rungs_fired(self, count: int) -> None:
        """Count rungs this process fired."""
        self._rungs.inc(count)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)

    def _trigger(self, asked: Request) -> str:
        """The name of what was asked for; a trigger nobody declares is not a label."""
        if not isinstance(asked.ask, Take):
            return type(asked.ask).__name__.lower()
        return asked.ask.trigger if asked.ask.trigger in self._triggers else "unknown"


class _Stored(Collector):
    """What the database says of outbox, clockwork and impossible cases."""

    def __init__(self, queries: Queries) -> None:
        self._queries, self._store = queries, queries.cases.store

    def describe(self) -> Iterable[Metric]:
        """Name nothing beforehand, so that registering reads no database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Read the gauges; none where the database is away, for what was counted is to be told all the same."""
        with suppress(Exception):
            yield from (self._owed(), self._stuck(), self._impossible())
            age = tick_age(self._store)
            if age is not None:
                yield GaugeMetricFamily("fardplan_tick_age_seconds", "Since somebody last looked for what is due.", age)

    def _owed(self) -> Metric:
        owed = GaugeMetricFamily("fardplan_outbox", "Messages by state.", labels=["state"])
        for state, count in sorted(self._queries.outbox_counts().items()):
            owed.add_metric([state], count)
        return owed

    def _stuck(self) -> Metric:
        return GaugeMetricFamily(
            "fardplan_stuck_rungs", "Rungs that could not be fired.", stuck_rows.count(self._store)
        )

    def _impossible(self) -> Metric:
        gauge = GaugeMetricFamily("fardplan_impossible_cases", "Cases that cannot be.", labels=["promise"])
        found = finding_rows.counted(self._store)
        for promise in Promise:
            gauge.add_metric([promise], found.get(promise, 0))
        return gauge


def tick_age(store: Store) -> float | None:
    """Seconds since the last tick, by the machine's clock; None where nobody ever ticked."""
    ticked = heartbeat.last_beat(store, heartbeat.TICK)
    return None if ticked is None else max(0.0, (SystemClock().now() - ticked).total_seconds())
