"""Drafts of forms: kept while somebody writes, found when they come back, gone when the form is sent.

Only whoever may do something with the case keeps any: reading it is not enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.form_drafts import Draft
from engine.queries import Seen
from engine.small_changes import works_with
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


def may_keep(visit: Visit, seen: Seen, form: str) -> bool:
    """Whether the visitor works with the case and the form is one of theirs: a correction, or a step they may take.

    With a case whose details are erased nobody works any more, so no new ones gather in drafts.
    """
    theirs = {step_form(action.transition.trigger) for action in seen.actions if action.actor is not None}
    return form in {CORRECTION, *theirs} and works_with(seen.lens, visit.person, seen.case)


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
        if not may_keep(visit, seen, form_name):
            raise NotHere
        Drafting(visit, case, form_name).save(read(form))
        return Response(status_code=204)

    return await form.run(work)
