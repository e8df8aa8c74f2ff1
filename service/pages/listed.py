"""The list behind a number of the register or a dashboard: exactly the cases that it counts."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.decide import NOT_FOUND
from engine.errors import CaseNotFound
from engine.selecting import Selection
from service.pages.insight_view import READERS
from service.pages.listed_view import phrases, title
from service.pages.lists_view import people_in, rows_of
from service.pages.visiting import Visit, Visiting
from service.sent import is_text, refuse
from service.shapes import MOST_WORDS, Cursor, is_id

router = APIRouter(include_in_schema=False)

SHOWN: Final = 50
LONGEST: Final = 500
"""Characters of one value; the name of a condition is the longest there is."""


@router.get("/listed")
def listed(visit: Visiting, cursor: Cursor = None) -> Response:
    """List the cases, those longest in their state first."""
    visit.must_hold(*READERS)
    selection = _selection(visit)
    page = visit.house.insight.listed(visit.institution, visit.person, selection, cursor=cursor, limit=SHOWN)
    asked = visit.known([selection.assignee] if selection.assignee else ())
    names = visit.house.queries.names(visit.institution, people_in(page.items) | asked)
    said = phrases(visit, selection, names)
    return visit.page(
        "listed.html",
        title=title(visit, said),
        phrases=said,
        rows=rows_of(visit, page.items, names),
        cursor=page.next_cursor,
        first_page=cursor is None,
        of_places=selection.of_places,
    )


def _selection(visit: Visit) -> Selection:
    """Read the address. Raises BadFields, or CaseNotFound for an agreement there cannot be."""
    items = visit.request.query_params.multi_items()
    if len(items) > MOST_WORDS or any(len(value) > LONGEST or not is_text(value) for _, value in items):
        refuse(
            "field:listed",
            "Adressen går inte att läsa. Gå tillbaka och följ länken från siffran igen.",
            "The address cannot be read. Go back and follow the link from the number again.",
        )
    selection = Selection.read(items)
    if selection.held_under is not None and not is_id(selection.held_under):
        raise CaseNotFound(NOT_FOUND)
    return selection
