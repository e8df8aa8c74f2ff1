"""What the dashboards show of how processes really run: where cases wait, the ways they take, what is done again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.vocabulary import Text
from engine.ways import Rework, Stay, Told, WaitedFor, Way
from service.pages.charts import Stretch, longest, single
from service.pages.insight_view import begin
from service.pages.visiting import Visit

SHOWN = 10
"""How many lines of what is done again are shown of a process."""


@dataclass(frozen=True, slots=True)
class StayLine:
    """A state, and whom it waits for; times in microseconds. `share` is None where it waits for nothing."""

    label: str
    whom: str
    visits: int
    median: int
    ninetieth: int
    standing: int
    share: float | None
    bar: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class WhomLine:
    """For whom cases have waited, with the share of all waiting in per cent."""

    whom: str
    waited: int
    share: float
    bar: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class WayLine:
    """A way: its states in order, how many cases took it, and the median time from end to end."""

    states: tuple[str, ...]
    cases: int
    share: float
    median: int | None
    bar: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class ReworkLine:
    """Something done again: how, what, in how many cases."""

    how: str
    what: str
    cases: int
    bar: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class WaysTable:
    """A process."""

    process: str
    workflow: str
    cases: int
    different: int
    reworked: int
    stays: tuple[StayLine, ...]
    whom: tuple[WhomLine, ...]
    ways: tuple[WayLine, ...]
    rework: tuple[ReworkLine, ...]


def ways_table(visit: Visit, told: Told) -> WaysTable:
    """Show what is told of a process."""
    return WaysTable(
        process=visit.speech.text(told.label),
        workflow=told.workflow,
        cases=told.cases,
        different=told.different,
        reworked=told.reworked,
        stays=tuple(_stay(visit, each) for each in told.stays),
        whom=tuple(_whom(visit, each) for each in told.waiting),
        ways=_ways(visit, told.ways),
        rework=_rework(visit, told),
    )


def _stay(visit: Visit, stay: Stay) -> StayLine:
    return StayLine(
        label=visit.speech.text(stay.label),
        whom=begin(visit.speech.role(stay.role)) if stay.role else "–",
        visits=stay.visits,
        median=stay.median,
        ninetieth=stay.ninetieth,
        standing=stay.standing,
        share=stay.share,
        bar=single(round(stay.share or 0), 100, "near"),
    )


def _whom(visit: Visit, waited: WaitedFor) -> WhomLine:
    bar = single(round(waited.share), 100, "near")
    return WhomLine(begin(visit.speech.role(waited.role)), waited.waited, waited.share, bar)


def _ways(visit: Visit, ways: Iterable[Way]) -> tuple[WayLine, ...]:
    found = tuple(ways)
    most = longest(way.cases for way in found)
    return tuple(
        WayLine(
            tuple(visit.speech.text(state) for state in way.states),
            way.cases,
            way.share,
            way.median,
            single(way.cases, most, "near"),
        )
        for way in found
    )


def _rework(visit: Visit, told: Told) -> tuple[ReworkLine, ...]:
    found = list(_done_again(told))
    most = longest(rework.cases for _, rework in found)
    found.sort(key=lambda pair: -pair[1].cases)
    return tuple(
        ReworkLine(visit.speech.text(how), visit.speech.text(each.words), each.cases, single(each.cases, most, "near"))
        for how, each in found[:SHOWN]
    )


def _done_again(told: Told) -> Iterator[tuple[Text, Rework]]:
    kinds = (
        (Text("tillbaka i statusen", "came back to the status"), told.again),
        (Text("gick tillbaka dit det kom ifrån", "went back where it came from"), told.undone),
        (Text("steget taget flera gånger", "step taken several times"), told.repeated),
    )
    return ((how, each) for how, found in kinds for each in found)
