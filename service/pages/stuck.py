"""Cases that are stuck: a deadline of theirs cannot act, by a fault in the process or in the case.

The clock tries again by itself, ever more seldom; here it is seen which cases wait for a mend,
and once it is made the clock can be told to try at once. Everybody sees the cases whose messages
they see to (ADR 32).
"""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.scope import Scope, kept_scope
from engine.vocabulary import Role, Text
from service.pages.posting import Posting
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere

router = APIRouter(prefix="/admin/stuck", include_in_schema=False)

WHAT_HELPS: Final = {
    "facts_too_large": Text(
        "Ett ärende skulle få för mycket uppgifter. Öppna det och korta eller ta bort det som inte behövs.",
        "A case would hold too much. Open it, and shorten or take out what is not needed.",
    ),
    "FollowUpRing": Text(
        "Följdsteg i andra ärenden går runt utan slut: rätta processens beskrivning.",
        "Follow-ups in other cases go round without end: mend the declared process.",
    ),
    "WithoutEnd": Text(
        "Ett villkor blir aldrig färdigt: rätta processens beskrivning på stället som anges.",
        "A condition comes to no end: mend the declared process at the place named.",
    ),
}
"""What helps, by the word a fault begins with."""


@router.get("")
def stuck(visit: Visiting) -> Response:
    """List what is stuck, the longest first, with what stands in the way."""
    visit.must_hold(Role.ADMIN, Role.OFFICER)
    catalogue = visit.house.catalogue
    labels = {
        (name, deadline.name): deadline.label
        for name in catalogue.names
        for deadline in catalogue.current(name).workflow.deadlines
    }
    rows = visit.house.ticker.stuck(visit.institution, _scope(visit))
    helps = {row.number: WHAT_HELPS.get(row.fault.partition(" ")[0]) for row in rows}
    return visit.page("admin_stuck.html", rows=rows, labels=labels, helps=helps)


@router.post("/again")
async def again(form: Posting) -> Response:
    """Let the clock try the case of this `number` at its next look."""
    number = form.one("number")

    def work(visit: Visit) -> Response:
        visit.must_hold(Role.ADMIN, Role.OFFICER)
        if not visit.house.ticker.try_again(visit.institution, number, _scope(visit)):
            raise NotHere
        return visit.go("/admin/stuck")

    return await form.run(work)


def _scope(visit: Visit) -> Scope | None:
    """The units whose stuck cases the visitor sees to; None: the whole institution."""
    return kept_scope(visit.organisation, visit.person, visit.now)
