"""Putting facts right: choose which, then say what is right, and why. Only whom the process lets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from starlette.responses import Response

from engine.definition import Definition
from engine.errors import BadFields, GuardRefused, KeyReused, Refused, StaleCase, VersionNeeded
from engine.form_drafts import Draft
from engine.looking import look
from engine.model import Case, Correct, Request
from engine.small_changes import MayChange, SmallChanges
from engine.vocabulary import Reason, Text
from service.pages.case_view import looked
from service.pages.changed_since import Since, changed_since
from service.pages.drafting import CORRECTION, Drafting
from service.pages.finding import case_numbered
from service.pages.form_sent import DISCARD, SAVE, Sent, read, rows_changed, too_long
from service.pages.form_shown import Showing, Shown, faults_of, spoken
from service.pages.form_values import typed_of, values_of
from service.pages.forms import Field, Kind, chosen, fields_of
from service.pages.lookups import Lookups, undecided
from service.pages.posting import Posted, Posting
from service.pages.visiting import Visit, Visiting

router = APIRouter(include_in_schema=False)

REASON: Final = Text("Motivering", "Reason")
MOST_FACTS: Final = 200
CHOSEN: Final = "of"
"""Under what name a form says which facts it is about."""

WRITE_WHY: Final = Reason("field:reason", Text("Motivering: skriv varför.", "Reason: write why."))
_BESIDE: Final = (Field("reason", REASON, Kind.PROSE, required=True),)


@dataclass(frozen=True)
class Correction:
    """The facts of a case that are being put right."""

    visit: Visit
    may: MayChange
    names: tuple[str, ...]

    @property
    def case(self) -> Case:
        """The case as it now is."""
        return self.may.case

    @property
    def definition(self) -> Definition:
        """The definition the case is under."""
        return self.visit.house.catalogue.by_hash(self.case.definition)

    @property
    def offered(self) -> tuple[Field, ...]:
        """What may be put right: what only steps may write is not."""
        workflow = self.definition.workflow
        return tuple(each for each in fields_of(workflow.facts) if each.name not in workflow.protected)

    @property
    def fields(self) -> tuple[Field, ...]:
        """What was chosen."""
        return chosen(self.offered, self.names)

    @property
    def before(self) -> dict[str, Any]:
        """What the chosen facts say now."""
        return {each.name: self.case.facts.get(each.name) for each in self.fields}

    def shown(self, typed: Mapping[str, list[str]], reasons: tuple[Reason, ...]) -> tuple[Shown, ...]:
        """The chosen facts as fields."""
        return Showing(typed, faults_of(reasons), Lookups(self.visit).for_form(self.fields, typed)).all(self.fields)

    def values(self, sent: Sent) -> dict[str, Any]:
        """What the chosen facts are to say; one that was emptied is no longer known."""
        emptied: dict[str, Any] = {
            each.name: [] if each.kind in {Kind.PARTS, Kind.LINES, Kind.CHOICES} else None for each in self.fields
        }
        return {**emptied, **values_of(self.fields, sent.typed)}


@router.get("/cases/{number}/correct")
def correction_page(
    visit: Visiting, number: str, fact: Annotated[list[str] | None, Query(max_length=MOST_FACTS)] = None
) -> Response:
    """Choose facts; or, where they are chosen, put them right. That they were read is noted: they fill the fields."""
    case = case_numbered(visit, number)
    look(visit.house.store, looked(visit, case))
    may = SmallChanges(visit.house.cases).of(visit.institution, visit.person, case)
    if may.correct is not None:
        return _refused_page(visit, may)
    found = Correction(visit, may, tuple(fact or ()))
    if not found.fields:
        return visit.page("correct_choose.html", found=found)
    draft = _drafting(visit, may.case).find()
    given = draft.given if draft and set(draft.given.get(CHOSEN, ())) == set(found.names) else None
    if draft is None or given is None:
        return _page(found, typed_of(found.fields, found.before))
    since = None
    if draft.version != may.case.version:
        sent = Sent(SAVE, draft.version, dict(given), None)
        since = _since(found, sent)
    return _page(found, given, draft=draft, since=since)


@router.post("/cases/{number}/correct")
async def correct(form: Posting, number: str) -> Response:
    """Put the facts right."""

    def work(visit: Visit) -> Response:
        may = SmallChanges(visit.house.cases).of(visit.institution, visit.person, case_numbered(visit, number))
        if may.correct is not None:
            raise may.correct
        found = Correction(visit, may, tuple(form.many(CHOSEN)))
        here = _address(found)
        if not found.fields:
            return visit.go(here)
        sent = read(form, found.fields)
        if sent.do == DISCARD:
            _drafting(visit, may.case).discard()
            return visit.go(here)
        if sent.do == SAVE:
            return _saved(found, sent, here)
        if not sent.sends:
            return _page(found, rows_changed(sent, found.fields))
        return _corrected(form, found, sent)

    return await form.run(work)


def _address(found: Correction) -> str:
    chosen_names = "&".join(f"fact={each.name}" for each in found.fields)
    return f"/cases/{found.case.number}/correct?{chosen_names}"


def _drafting(visit: Visit, case: Case) -> Drafting:
    return Drafting(visit, case.id, CORRECTION)


def _saved(found: Correction, sent: Sent, here: str) -> Response:
    try:
        _drafting(found.visit, found.case).save(sent)
    except BadFields as refused:
        return _page(found, sent.typed, refused.reasons, status=422)
    return found.visit.go(f"{here}&saved=1")


def _corrected(form: Posted, found: Correction, sent: Sent) -> Response:
    own = [*too_long(sent, (("reason", REASON),)), *undecided(found.fields, sent.typed)]
    if not sent.text("reason"):
        own.append(WRITE_WHY)
    if own:
        return _page(found, sent.typed, tuple(own), status=422)
    asked = Request(
        found.visit.institution,
        Correct(found.values(sent), sent.text("reason")),
        found.visit.person,
        case=found.case.id,
        expected=sent.version,
        key=sent.key,
        must_expect=True,
    )
    try:
        outcome = form.step(asked)
    except BadFields as refused:
        return _page(found, sent.typed, spoken(refused.reasons, (*found.fields, *_BESIDE)), status=422)
    except (StaleCase, KeyReused, VersionNeeded):
        return _page(found, sent.typed, since=_since(found, sent), status=412)
    except GuardRefused as refused:
        return _page(found, sent.typed, _told(refused), status=409)
    except OverflowError:
        return _page(found, sent.typed, (TOO_FAR,), status=422)
    _drafting(found.visit, found.case).discard()
    return found.visit.go(f"/cases/{found.case.number}?done={outcome.sequence}")


TOO_FAR: Final = Reason(
    "form", Text("Ett tal eller en dag ligger för långt bort.", "A number or a day lies too far away.")
)


def _told(refused: Refused) -> tuple[Reason, ...]:
    return tuple(replace(reason, code="form") for reason in refused.reasons) or (Reason("form", refused.message),)


def _since(found: Correction, sent: Sent) -> Since:
    model = found.definition.workflow.facts
    return changed_since(found.visit, found.case, sent.version, typed=values_of(found.fields, sent.typed), model=model)


def _page(
    found: Correction,
    typed: Mapping[str, list[str]],
    reasons: tuple[Reason, ...] = (),
    *,
    draft: Draft | None = None,
    since: Since | None = None,
    status: int = 200,
) -> Response:
    return found.visit.page(
        "correct.html",
        status,
        found=found,
        fields=found.shown(typed, reasons),
        reason=(typed.get("reason") or [""])[-1],
        fault=faults_of(reasons).get("reason"),
        reasons=reasons,
        draft=draft,
        since=since,
    )


def _refused_page(visit: Visit, may: MayChange) -> Response:
    definition = visit.house.catalogue.by_hash(may.case.definition)
    state = definition.states[may.case.state].label
    return visit.page("change_refused.html", 403, case=may.case, state=state, refused=may.correct)
