"""How the work stands: how old cases are, who is late, how long it takes, what holds cases up, which ways they take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from engine.dashboards import SAMPLE
from engine.vocabulary import Text, days_from
from engine.ways import Ways
from service.pages.dashboards_view import (
    BlockTable,
    TimeTable,
    age_tables,
    ages_said,
    block_table,
    overdue_lines,
    time_tables,
)
from service.pages.filters_view import Option
from service.pages.insight_view import (
    READERS,
    asked_text,
    must_be_offered,
    options,
    process_name,
    readable_units,
)
from service.pages.visiting import Visit, Visiting
from service.pages.ways_view import WaysTable, ways_table

router = APIRouter(include_in_schema=False)

DAYS: Final[Mapping[str, Text]] = {
    "30": Text("30 dagar", "30 days"),
    "90": Text("90 dagar", "90 days"),
    "180": Text("Ett halvår", "Half a year"),
    "365": Text("Ett år", "A year"),
}
USUAL_DAYS: Final = "90"

TIMES: Final = "times"
BLOCKING: Final = "blocking"
WAYS: Final = "ways"
OVERDUE: Final = "overdue"

SHOWN: Final = 50
"""So many lines of who is late are shown unasked; of 400 departments there are thousands, in a page of 1.3 MB."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose: one process and one unit, or all; and how far back times are counted."""

    workflow: tuple[str, ...]
    unit: tuple[str, ...]
    days: str
    show: str

    def href(self, **changed: str) -> str:
        """The address of the page with something else shown."""
        pairs = [*(("workflow", each) for each in self.workflow), *(("unit", each) for each in self.unit)]
        given = {"days": self.days, **changed}
        return f"/dashboards?{urlencode([*pairs, *given.items()])}"


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen."""

    processes: tuple[Option, ...]
    units: tuple[Option, ...]
    days: tuple[Option, ...]


@router.get("/dashboards")
def dashboards(visit: Visiting) -> Response:
    """Show the tables; what takes longer to count only where it is asked for."""
    visit.must_hold(*READERS)
    chosen = _read(visit)
    insight, whose = visit.house.insight, (visit.institution, visit.person)
    ages = insight.ages(*whose, workflow=chosen.workflow, unit=chosen.unit)
    overdue = insight.overdue(*whose, workflow=chosen.workflow, unit=chosen.unit)
    return visit.page(
        "dashboards.html",
        chosen=chosen,
        choices=_choices(visit, chosen),
        about=_about(visit, chosen),
        ages=ages_said(visit),
        tables=age_tables(visit, ages, with_empty=bool(chosen.workflow)),
        overdue=overdue_lines(visit, overdue if chosen.show == OVERDUE else overdue[:SHOWN]),
        overdue_in_all=len(overdue),
        times=_times(visit, chosen) if chosen.show == TIMES else None,
        blocking=_blocking(visit, chosen) if chosen.show == BLOCKING else None,
        ways=_ways(visit, chosen) if chosen.show == WAYS else None,
        sample=SAMPLE,
    )


def _times(visit: Visit, chosen: Chosen) -> tuple[TimeTable, ...]:
    found = visit.house.insight.times(
        visit.institution, visit.person, workflow=chosen.workflow, unit=chosen.unit, days=int(chosen.days)
    )
    return time_tables(visit, found)


def _blocking(visit: Visit, chosen: Chosen) -> tuple[BlockTable, ...]:
    """What holds cases up, process by process; those without open cases are left out."""
    insight = visit.house.insight
    names = chosen.workflow or visit.house.catalogue.names
    found = (insight.blocking(visit.institution, visit.person, name, unit=chosen.unit) for name in names)
    return tuple(block_table(visit, each) for each in found if each.open)


def _ways(visit: Visit, chosen: Chosen) -> tuple[WaysTable, ...]:
    since = days_from(visit.speech.today, 1 - int(chosen.days))
    found = Ways(visit.house.cases).told(
        visit.institution, visit.person, workflow=chosen.workflow, unit=chosen.unit, since=since
    )
    return tuple(ways_table(visit, each) for each in found)


def _read(visit: Visit) -> Chosen:
    """Read the address. Raises BadFields."""
    workflow, unit, days, show = (asked_text(visit, name) for name in ("workflow", "unit", "days", "show"))
    must_be_offered("workflow", [workflow], ("", *visit.house.catalogue.names))
    must_be_offered("unit", [unit], ("", *visit.organisation.units))
    must_be_offered("days", [days], ("", *DAYS))
    must_be_offered("show", [show], ("", OVERDUE, TIMES, BLOCKING, WAYS))
    return Chosen((workflow,) if workflow else (), (unit,) if unit else (), days or USUAL_DAYS, show)


def _choices(visit: Visit, chosen: Chosen) -> Choices:
    processes = {name: process_name(visit, name) for name in visit.house.catalogue.names}
    return Choices(
        processes=options(processes, chosen.workflow),
        units=options(readable_units(visit), chosen.unit),
        days=options({value: visit.speech.text(words) for value, words in DAYS.items()}, [chosen.days]),
    )


def _about(visit: Visit, chosen: Chosen) -> str:
    """Of what the page tells: `Utresande utbyte, Institutionen för statistik`."""
    process = [process_name(visit, name) for name in chosen.workflow] or [visit.say("alla processer", "all processes")]
    return ", ".join([*process, *(visit.unit_name(code) for code in chosen.unit)])
