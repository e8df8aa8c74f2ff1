"""Process overview: every process with its open cases, and each process state by state."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from engine.organisation import STAFF
from engine.vocabulary import Role
from service.pages.filters import read
from service.pages.filters_view import Narrowing, Option
from service.pages.overview_view import Counting, together
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere

router = APIRouter(include_in_schema=False)


@router.get("/overview")
def overview(visit: Visiting) -> Response:
    """Show every process with its open cases."""
    visit.must_hold(*STAFF, Role.AUDITOR)
    units, offered = _units(visit, "/overview")
    counted = visit.house.queries.counts(visit.institution, visit.person, unit=units)
    counting = Counting(visit, units)
    processes = [counting.process(name, states) for name, states in counted.items()]
    return visit.page("overview.html", processes=processes, units=offered)


@router.get("/overview/{workflow}")
def process_overview(visit: Visiting, workflow: str) -> Response:
    """Show a process as the list of its states, with what can be done for all cases of each."""
    visit.must_hold(*STAFF, Role.AUDITOR)
    if workflow not in visit.house.catalogue.names:
        raise NotHere
    units, offered = _units(visit, f"/overview/{workflow}")
    states = visit.house.queries.overview(visit.institution, visit.person, workflow=workflow, unit=units)
    counting = Counting(visit, units)
    lines = counting.states(workflow, states)
    return visit.page(
        "overview_process.html",
        process=counting.process(workflow, states),
        open_states=[line for line in lines if not line.final],
        closed_states=[line for line in lines if line.final],
        closed=together(each.count for each, line in zip(states, lines, strict=True) if line.final),
        units=offered,
    )


def _units(visit: Visit, path: str) -> tuple[tuple[str, ...], tuple[Option, ...]]:
    """The units chosen, and those to choose among. Raises BadFields."""
    asked = visit.request.query_params.multi_items()
    chosen = read(visit.house.catalogue, [pair for pair in asked if pair[0] == "unit"])
    narrowing, units = Narrowing(visit, path, chosen), chosen.many("unit")
    readable = narrowing.units()
    offered = (*readable, *(unit for unit in units if unit not in readable))
    return units, tuple(Option(code, visit.unit_name(code), code in units) for code in offered)
