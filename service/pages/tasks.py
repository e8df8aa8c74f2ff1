"""My tasks: what waits for the reader, the most pressing first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.responses import Response

from engine.store.tasks import Tasks
from engine.store.waiting import GROUPS, Due
from service.pages.filters import ME, NOBODY, Chosen, read
from service.pages.filters_view import DUE_WORDS, Narrowing
from service.pages.lists_view import Row, bulk_steps, people_in, rows_of
from service.pages.views import POOL, defaults_of, saved_by, units_to_save_for
from service.pages.visiting import Visit, Visiting
from service.shapes import Cursor

router = APIRouter(include_in_schema=False)

SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Group:
    """The rows that are as pressing as each other. `continued`: some of them stood on the page before."""

    name: Due
    words: str
    count: int
    rows: tuple[Row, ...]
    continued: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the reader chose, and with what the page itself adds: open cases that wait for them."""

    chosen: Chosen
    pool: bool

    @property
    def all(self) -> Chosen:
        """Everything the list is narrowed to; good for any page of cases."""
        more = {"assignee": NOBODY} if self.pool else {}
        return self.chosen.having(waits=ME, open="open", **more)


def wanted(visit: Visit) -> Wanted:
    """Read the address. Raises BadFields."""
    pool = visit.request.query_params.get(POOL) == "1"
    less = {"assignee": ""} if pool else {}
    chosen = read(visit.house.catalogue, visit.request.query_params.multi_items())
    return Wanted(chosen.having(waits="", open="", sort="", **less), pool)


@router.get("/tasks")
def tasks(visit: Visiting, cursor: Cursor = None) -> Response:
    """Show what waits for the reader, grouped by how pressing it is."""
    asked = wanted(visit)
    narrowed = asked.all.narrowed(visit.person)
    found = visit.house.queries.tasks(
        visit.institution, visit.person, narrowed=narrowed, cursor=cursor or None, limit=SHOWN
    )
    omits = frozenset({"open", "waits", *(("assignee",) if asked.pool else ())})
    kept = ((POOL, "1"),) if asked.pool else ()
    narrowing = Narrowing(visit, "/tasks", asked.chosen, omits, kept)
    names = visit.house.queries.names(visit.institution, narrowing.people() | people_in(found.cases.items))
    rows = rows_of(visit, found.cases.items, names)
    total = found.counts[narrowed.due] if narrowed.due else sum(found.counts.values())
    return visit.page(
        "tasks.html",
        groups=_groups(visit, found, rows, continued=bool(cursor)),
        total=total,
        late=found.counts["overdue"],
        follow_ups=visit.house.lookups.follow_ups(visit.institution, visit.person, until=visit.speech.today),
        pool=asked.pool,
        own=asked.chosen.one("assignee") == ME,
        panel=narrowing.panel(names),
        chips=narrowing.chips(names),
        query=urlencode((*asked.chosen.pairs, *kept)),
        bulk=bulk_steps(visit, asked.all, total),
        cursor=found.cases.next_cursor,
        first_page=not cursor,
        defaults=defaults_of(visit),
        saved=saved_by(visit),
        units=units_to_save_for(visit),
    )


def _groups(visit: Visit, found: Tasks, rows: Sequence[Row], *, continued: bool) -> tuple[Group, ...]:
    made: list[Group] = []
    for name in GROUPS:
        here = tuple(row for row in rows if found.groups[row.id] == name)
        if here:
            # Only the first group of a later page can have begun before it.
            words = visit.speech.text(DUE_WORDS[name])
            made.append(Group(name, words, found.counts[name], here, continued=continued and not made))
    return tuple(made)
