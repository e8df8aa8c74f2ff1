"""Cases that are stuck: a deadline of theirs cannot act, by a fault in the process or in the case.

The clock tries again by itself, ever more seldom; here it is seen which cases wait for a mend,
and once it is made the clock can be told to try at once.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from engine.vocabulary import Role
from service.pages.posting import Posting
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere

router = APIRouter(prefix="/admin/stuck", include_in_schema=False)


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
    return visit.page("admin_stuck.html", rows=visit.house.ticker.stuck(visit.institution), labels=labels)


@router.post("/again")
async def again(form: Posting) -> Response:
    """Let the clock try the case of this `number` at its next look."""
    number = form.one("number")

    def work(visit: Visit) -> Response:
        visit.must_hold(Role.ADMIN, Role.OFFICER)
        if not visit.house.ticker.try_again(visit.institution, number):
            raise NotHere
        return visit.go("/admin/stuck")

    return await form.run(work)
