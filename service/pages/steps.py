"""Taking a step: its form, the page to check the answers on, and what to do when it is refused.

A decision is checked before it is made; any other step is taken when its form is sent. The
declaration of no conflict of interest is made by the button that confirms a decision and says
so: nobody ticks a box unread, and nobody else can have made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.advance import parsed
from engine.cases import Action
from engine.dry_run import dry_run
from engine.errors import (
    BadFields,
    GuardRefused,
    KeyReused,
    NotYourTurn,
    Refused,
    StaleCase,
    TransitionNotAllowed,
    VersionNeeded,
)
from engine.looking import look
from engine.model import Outcome, Request
from engine.queries import Seen
from engine.vocabulary import Reason, Text
from service.pages.case_view import looked
from service.pages.changed_since import changed_since
from service.pages.drafting import Drafting, may_keep, step_form
from service.pages.finding import case_numbered
from service.pages.form_sent import CHANGE, CONFIRM, DISCARD, INSERT, SAVE, Sent, read, rows_changed
from service.pages.form_values import values_of
from service.pages.posting import Posted, Posting
from service.pages.steps_view import Asked, Form, inserted
from service.pages.visiting import Visit, Visiting
from service.problems import NotHere

router = APIRouter(include_in_schema=False)

_TOO_FAR: Final = Text("Ett tal eller en dag ligger för långt bort.", "A number or a day lies too far away.")


@router.get("/cases/{number}/steps/{trigger}")
def step_form_page(visit: Visiting, number: str, trigger: str) -> Response:
    """Show the form of a step, with what was begun; where the step cannot be taken, why not."""
    case = case_numbered(visit, number)
    look(visit.house.store, looked(visit, case))
    seen = visit.house.queries.seen(visit.institution, visit.person, case)
    asked = _asked(visit, seen, trigger)
    if asked is None:
        return _not_from_here(visit, seen, trigger)
    if not asked.action.possible:
        return visit.page("step_not_possible.html", asked=asked)
    draft = Drafting(visit, case, step_form(trigger)).find()
    if draft is None:
        return _form(Form(asked, asked.untouched))
    moved = draft.version != seen.case.version
    values = values_of(asked.fields, draft.given)
    since = changed_since(visit, seen.case, draft.version, typed=values, model=asked.transition.form) if moved else None
    return _form(Form(asked, draft.given, draft=draft, since=since))


@router.post("/cases/{number}/steps/{trigger}")
async def take_step(form: Posting, number: str, trigger: str) -> Response:
    """Go on with the form, check its answers, or take the step."""

    def work(visit: Visit) -> Response:
        case = case_numbered(visit, number)
        return Stepping(visit, form, case, trigger).answer()

    return await form.run(work)


def _asked(visit: Visit, seen: Seen, trigger: str) -> Asked | None:
    """The step as it is offered in the present state. Raises NotHere where the process has no such step."""
    definition = visit.house.catalogue.by_hash(seen.case.definition)
    if trigger not in definition.by_trigger:
        raise NotHere
    action = next((action for action in seen.actions if action.transition.trigger == trigger), None)
    return Asked(visit, seen, action) if action else None


def _not_from_here(visit: Visit, seen: Seen, trigger: str) -> Response:
    """Say from which states the step is taken, and where the case is."""
    definition = visit.house.catalogue.by_hash(seen.case.definition)
    steps = definition.by_trigger[trigger]
    sources = [definition.states[source].label for step in steps for source in step.sources]
    return visit.page(
        "step_not_from_here.html",
        case=seen.case,
        label=steps[0].label,
        state=definition.states[seen.case.state],
        sources=list(dict.fromkeys(sources)),
    )


def _form(form: Form, status: int = 200) -> Response:
    return form.asked.visit.page("step.html", status, form=form, asked=form.asked)


@dataclass(frozen=True)
class Stepping:
    """One sending of a step's form."""

    visit: Visit
    form: Posted
    case: str
    trigger: str

    @cached_property
    def seen(self) -> Seen:
        """The case as it now is. Raises CaseNotFound."""
        return self.visit.house.queries.seen(self.visit.institution, self.visit.person, self.case)

    @cached_property
    def asked(self) -> Asked | None:
        """The step, if it is offered now."""
        return _asked(self.visit, self.seen, self.trigger)

    @property
    def draft(self) -> Drafting:
        """The draft of this form."""
        return Drafting(self.visit, self.case, step_form(self.trigger))

    @property
    def here(self) -> str:
        """The address of the form."""
        return f"/cases/{self.seen.case.number}/steps/{self.trigger}"

    def answer(self) -> Response:
        """What the button asks for."""
        asked = self.asked
        if asked is None:
            return self._gone()
        sent = read(self.form, asked.fields)
        if sent.do == DISCARD:
            self.draft.discard()
            return self.visit.go(self.here)
        if sent.do == SAVE:
            return self._saved(asked, sent)
        if not sent.sends:
            return _form(self._further(asked, sent))
        return self._asked_for(asked, sent)

    def _gone(self) -> Response:
        """The step is no longer offered: it has been taken by this very form, or the case has moved on."""
        definition = self.visit.house.catalogue.by_hash(self.seen.case.definition)
        earlier = _elsewhere(self.visit, self.seen, self.trigger)
        sent = read(self.form, earlier.fields)
        if sent.sends and sent.key is not None:
            tried = dry_run(self.visit.house.cases, [self._request(earlier, sent)])[0]
            if isinstance(tried, Outcome) and tried.replayed:
                return self._done(tried)
        typed = earlier.answers(sent)
        since = changed_since(
            self.visit, self.seen.case, sent.version, typed=earlier.values(sent), model=earlier.transition.form
        )
        return self.visit.page(
            "step_overtaken.html",
            412,
            asked=earlier,
            since=since,
            typed=typed,
            state=definition.states[self.seen.case.state],
        )

    # Going on with the form.

    def _further(self, asked: Asked, sent: Sent) -> Form:
        typed = rows_changed(sent, asked.fields)
        if sent.do == INSERT:
            typed = {**typed, "reason": [inserted(sent, asked.bank())]}
        key = self._kept_key(sent) if sent.do == CHANGE else None
        return Form(asked, typed, key=key)

    def _kept_key(self, sent: Sent) -> str | None:
        return sent.key.key if sent.key else None

    def _saved(self, asked: Asked, sent: Sent) -> Response:
        if not may_keep(self.visit, self.seen, self.draft.form):
            return _form(Form(asked, sent.typed, refused=asked.action.reasons), 409 if asked.case.erased else 403)
        try:
            self.draft.save(sent)
        except BadFields as refused:
            return _form(Form(asked, sent.typed, reasons=refused.reasons), 422)
        return self.visit.go(f"{self.here}?saved=1")

    # Sending it.

    def _asked_for(self, asked: Asked, sent: Sent) -> Response:
        faults = asked.own_faults(sent)
        if faults:
            return self._wrong(asked, sent, (), faults)
        request = self._request(asked, sent)
        try:
            if asked.decides and sent.do != CONFIRM:
                return self._check(asked, sent, request)
            return self._done(self.form.step(request))
        except Refused as refused:
            return self._refused(asked, sent, refused)
        except OverflowError:
            return self._wrong(asked, sent, (Reason("form", _TOO_FAR),), [])

    def _request(self, asked: Asked, sent: Sent) -> Request:
        return Request(
            self.visit.institution,
            asked.take(sent),
            self.visit.person,
            case=self.case,
            expected=sent.version,
            key=sent.key,
            must_expect=True,
        )

    def _check(self, asked: Asked, sent: Sent, request: Request) -> Response:
        """Try the decision; if it can be made, show what will be decided, to be confirmed."""
        tried = dry_run(self.visit.house.cases, [request])[0]
        if isinstance(tried, Refused):
            raise tried
        if tried.replayed:
            return self._done(tried)
        return self.visit.page(
            "step_check.html", asked=asked, sent=sent, answers=asked.answers(sent), key=self._kept_key(sent)
        )

    def _done(self, outcome: Outcome) -> Response:
        if not outcome.replayed:
            self.draft.discard()
        return self.visit.go(f"/cases/{self.seen.case.number}?done={outcome.sequence}")

    # When it is refused.

    def _refused(self, asked: Asked, sent: Sent, refused: Refused) -> Response:
        match refused:
            case StaleCase() | KeyReused() | VersionNeeded():
                return self._stale(asked, sent)
            case BadFields():
                return self._wrong(asked, sent, refused.reasons, [])
            case GuardRefused() | TransitionNotAllowed() | NotYourTurn():
                status = 403 if isinstance(refused, NotYourTurn) else 409
                reasons = refused.reasons or (Reason(refused.code, refused.message),)
                return _form(Form(asked, sent.typed, refused=reasons), status)
            case _:
                raise refused

    def _wrong(self, asked: Asked, sent: Sent, reasons: tuple[Reason, ...], own: list[Reason]) -> Response:
        """The form again, with everything that is wrong with it, not only what was found first."""
        found = {reason.code: reason for reason in (*reasons, *self._unread(asked, sent))}
        said = {reason.code: reason for reason in asked.said(tuple(found.values()))}
        ours = {reason.code: reason for reason in own}
        return _form(Form(asked, sent.typed, reasons=tuple({**said, **ours}.values())), 422)

    def _unread(self, asked: Asked, sent: Sent) -> tuple[Reason, ...]:
        try:
            parsed(asked.transition, asked.take(sent), asked.case)
        except BadFields as refused:
            return refused.reasons
        return ()

    def _stale(self, asked: Asked, sent: Sent) -> Response:
        """Both sides: what has changed, and what was typed, to be sent against the case as it now is."""
        since = changed_since(
            self.visit, asked.case, sent.version, typed=asked.values(sent), model=asked.transition.form
        )
        refused = () if asked.action.possible else asked.action.reasons
        return _form(Form(asked, sent.typed, since=since, refused=refused), 412)


def _elsewhere(visit: Visit, seen: Seen, trigger: str) -> Asked:
    """The step as it is declared from another state than the present one."""
    step = visit.house.catalogue.by_hash(seen.case.definition).by_trigger[trigger][0]
    return Asked(visit, seen, Action(step, step.target(step.sources[0]), None, ()))
