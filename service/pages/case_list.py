"""All cases the reader may read: searched, filtered, in the order they choose."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.errors import CaseNotFound
from service.pages.filters import SORT, Chosen, read
from service.pages.filters_view import Narrowing
from service.pages.lists_view import bulk_steps, people_in, rows_of
from service.pages.views import defaults_of, saved_by, units_to_save_for
from service.pages.visiting import Visit, Visiting
from service.shapes import Cursor

router = APIRouter(include_in_schema=False)

SHOWN: Final = 50
DEFAULT_SORT: Final = "-updated"


def wanted(visit: Visit) -> Chosen:
    """Read the address. Raises BadFields."""
    return read(visit.house.catalogue, visit.request.query_params.multi_items())


@router.get("/cases")
def cases(visit: Visiting, cursor: Cursor = None) -> Response:
    """Show the cases; a number that is one's own goes straight to its case."""
    chosen = wanted(visit)
    number = _number(visit, chosen)
    if number is not None:
        return visit.go(f"/cases/{number}")
    queries, narrowed = visit.house.queries, chosen.narrowed(visit.person)
    page = queries.list_cases(
        visit.institution,
        visit.person,
        narrowed=narrowed,
        sort=sort_of(chosen),
        cursor=cursor or None,
        limit=SHOWN,
        counted=True,
    )
    total = page.total or 0
    narrowing = Narrowing(visit, "/cases", chosen)
    names = queries.names(visit.institution, narrowing.people() | people_in(page.items))
    return visit.page(
        "cases_list.html",
        rows=rows_of(visit, page.items, names),
        total=total,
        more=page.more,
        panel=narrowing.panel(names, sort=sort_of(chosen)),
        chips=narrowing.chips(names),
        query=chosen.query,
        bulk=bulk_steps(visit, chosen, total, more=page.more),
        cursor=page.next_cursor,
        first_page=not cursor,
        defaults=defaults_of(visit),
        saved=saved_by(visit),
        units=units_to_save_for(visit),
    )


def sort_of(chosen: Chosen) -> str:
    """The order that was chosen, else the last changed first."""
    return chosen.one(SORT) or DEFAULT_SORT


def _number(visit: Visit, chosen: Chosen) -> str | None:
    """The number somebody typed and nothing else, if it is that of a case they may read."""
    typed = chosen.one("q").upper()
    if len(chosen.filters) != 1 or not typed or " " in typed:
        return None
    try:
        visit.house.queries.numbered(visit.institution, visit.person, typed)
    except CaseNotFound:
        return None
    return typed
