"""Drafts of forms: kept while somebody writes, found when they come back, gone when the form is sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.form_drafts import Draft
from service.pages.finding import case_numbered
from service.pages.form_sent import Sent, read
from service.pages.posting import Posting
from service.pages.visiting import Visit
from service.problems import NotHere

router = APIRouter(include_in_schema=False)

CORRECTION: Final = "correct"
_STEP: Final = "step."


def step_form(trigger: str) -> str:
    """The name of a step's form among the drafts."""
    return f"{_STEP}{trigger}"


@dataclass(frozen=True)
class Drafting:
    """The draft of one form about one case, for whoever visits."""

    visit: Visit
    case: str
    form: str

    def find(self) -> Draft | None:
        """What was begun."""
        return self.visit.house.form_drafts.find(
            self.visit.institution, self.visit.person, case=self.case, form=self.form
        )

    def save(self, sent: Sent) -> None:
        """Keep what was typed. Raises BadFields where it is too much."""
        self.visit.house.form_drafts.save(
            self.visit.institution,
            self.visit.person,
            case=self.case,
            form=self.form,
            version=sent.version or 0,
            given=sent.typed,
        )

    def discard(self) -> None:
        """Keep it no longer."""
        self.visit.house.form_drafts.discard(self.visit.institution, self.visit.person, case=self.case, form=self.form)


@router.post("/cases/{number}/drafts/{form_name}")
async def keep_draft(form: Posting, number: str, form_name: str) -> Response:
    """Keep what is being written, as the page sends it from time to time; nothing is answered."""

    def work(visit: Visit) -> Response:
        case = case_numbered(visit, number)
        seen = visit.house.queries.seen(visit.institution, visit.person, case)
        known = {step_form(action.transition.trigger) for action in seen.actions}
        # Nothing is begun about a case whose details are erased, lest new ones gather there.
        if seen.case.erased or form_name not in {CORRECTION, *known}:
            raise NotHere
        Drafting(visit, case, form_name).save(read(form))
        return Response(status_code=204)

    return await form.run(work)
