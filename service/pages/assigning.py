"""Whose case it is: take it, give it back, or hand it over to somebody who may hold it."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from engine.errors import BadFields, GuardRefused, KeyReused, NotYourTurn, Refused, StaleCase, VersionNeeded
from engine.model import Assign, Request
from engine.small_changes import Holder, MayChange, SmallChanges
from engine.vocabulary import Reason, Text
from service.pages.finding import case_numbered
from service.pages.form_sent import read
from service.pages.form_values import one
from service.pages.posting import Posting
from service.pages.visiting import Visit, Visiting

router = APIRouter(include_in_schema=False)

NOBODY = "nobody"
"""Stands for giving the case back."""

CHOOSE = Reason("field:person", Text("Välj vem som ska ha ärendet.", "Choose who is to have the case."))


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who may hold the case, by name and roles."""

    holder: Holder
    name: str
    roles: str


@router.get("/cases/{number}/assign")
def assign_page(visit: Visiting, number: str) -> Response:
    """Show who may hold the case, and how much each has to do already."""
    return _page(
        visit, SmallChanges(visit.house.cases).of(visit.institution, visit.person, case_numbered(visit, number))
    )


@router.post("/cases/{number}/assign")
async def assign(form: Posting, number: str) -> Response:
    """Make somebody the assignee, or nobody."""

    def work(visit: Visit) -> Response:
        changes = SmallChanges(visit.house.cases)
        may = changes.of(visit.institution, visit.person, case_numbered(visit, number))
        sent = read(form)
        person = one(sent.typed, "person")
        if not person:
            return _page(visit, may, (CHOOSE,), status=422)
        asked = Request(
            visit.institution,
            Assign(None if person == NOBODY else person),
            visit.person,
            case=may.case.id,
            expected=sent.version,
            key=sent.key,
            must_expect=True,
        )
        try:
            outcome = form.step(asked)
        except (StaleCase, KeyReused, VersionNeeded):
            return _page(visit, may, (_changed(visit, may),), status=412, chosen=person)
        except (BadFields, GuardRefused, NotYourTurn) as refused:
            return _page(visit, may, _told(refused), status=422 if isinstance(refused, BadFields) else 409)
        return visit.go(f"/cases/{may.case.number}?done={outcome.sequence}")

    return await form.run(work)


def _told(refused: Refused) -> tuple[Reason, ...]:
    if isinstance(refused, BadFields):
        text = Text("Personen har ingen roll i ärendets enhet.", "The person holds no role in the case’s unit.")
        return (Reason("field:person", text),)
    return (Reason("form", refused.message),)


def _changed(visit: Visit, may: MayChange) -> Reason:
    """Say whose the case is by now."""
    holder = visit.house.queries.names(visit.institution, [may.case.assignee]) if may.case.assignee else {}
    name = holder.get(may.case.assignee or "")
    sv = (
        f"Ärendet har ändrats sedan du öppnade sidan. Det ligger nu hos {name}."
        if name
        else ("Ärendet har ändrats sedan du öppnade sidan. Ingen har det nu.")
    )
    en = (
        f"The case has changed since you opened the page. It now lies with {name}."
        if name
        else ("The case has changed since you opened the page. Nobody has it now.")
    )
    return Reason("form", Text(sv, en))


def _page(
    visit: Visit, may: MayChange, reasons: tuple[Reason, ...] = (), *, status: int = 200, chosen: str = ""
) -> Response:
    definition = visit.house.catalogue.by_hash(may.case.definition)
    state = definition.states[may.case.state].label
    if may.assign is not None:
        return visit.page("change_refused.html", 403, case=may.case, state=state, refused=may.assign)
    holders = SmallChanges(visit.house.cases).holders(visit.institution, visit.person, may.case.id)
    names = visit.house.queries.names(visit.institution, {each.person for each in holders} | {may.case.assignee or ""})
    speech = visit.speech
    choices = [Choice(each, names.get(each.person) or "–", ", ".join(map(speech.role, each.roles))) for each in holders]
    return visit.page(
        "assign.html",
        status,
        case=may.case,
        state=state,
        assignee=names.get(may.case.assignee or ""),
        mine=next((choice for choice in choices if choice.holder.person == visit.person), None),
        others=[choice for choice in choices if choice.holder.person != visit.person],
        reasons=reasons,
        chosen=chosen,
    )
