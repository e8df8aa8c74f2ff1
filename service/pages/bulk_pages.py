"""One step for many cases: choose and fill in, see for which it can be taken and why not for others, confirm.

Nothing is done before the last button. Then each case takes its own step, in a transaction and
under a key of its own, so that a reload, a double click or the back button does nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.advance import parsed
from engine.errors import Away, BadFields, KeyReused
from engine.model import Case
from engine.vocabulary import Reason, Text
from service import bulk
from service.bodies import CaseAndVersion
from service.bulk import Requests, Result
from service.pages.bulk_view import Listing, Many, ManyForm, listed, results, ticked
from service.pages.filters import Chosen, read, read_query
from service.pages.form_sent import CHANGE, CONFIRM, INSERT, Sent, rows_changed, too_long
from service.pages.form_sent import read as read_form
from service.pages.lookups import undecided
from service.pages.posting import Posted, Posting
from service.pages.steps_view import BESIDE, in_words, inserted
from service.pages.visiting import Visit, Visiting, local, visiting
from service.shapes import Cursor

router = APIRouter(include_in_schema=False)

LONGEST_QUERY: Final = 4_000
LONGEST_ID: Final = 36
LONGEST_VERSION: Final = 18
OURS: Final = frozenset({"case", "not", "all", "query", "trigger", "back", "source"})
"""The fields that say which cases are meant, rather than what is asked of them."""

_NONE_CHOSEN: Final = Text("Välj minst ett ärende.", "Choose at least one case.")
_TOO_FAR: Final = Text("Ett tal eller en dag ligger för långt bort.", "A number or a day lies too far away.")
_TOO_LONG: Final = Text("Urvalet är för långt; använd färre filter.", "The selection is too long; use fewer filters.")


@router.get("/bulk")
def bulk_form(visit: Visiting, trigger: str, cursor: Cursor = None) -> Response:
    """Show the cases a step can be asked for, and what it asks."""
    chosen = read(visit.house.catalogue, visit.request.query_params.multi_items())
    back = local(visit.request.query_params.get("back", ""), f"/cases?{chosen.query}")
    empty = Many(visit, chosen, trigger, (), back)
    empty.must_be_theirs()
    listing = listed(visit, chosen, cursor=cursor)
    many = Many(visit, chosen, trigger, listing.cases, back)
    return _form(ManyForm(many, listing, many.untouched))


@dataclass(frozen=True)
class Confirmed:
    """What was confirmed: the steps to be taken."""

    many: Many
    requests: Requests


@router.post("/bulk")
async def take_many(form: Posting) -> Response:
    """Go on with the form, try what it asks, or do it."""
    answer = await form.run(lambda visit: Bulking(visit, form).answer())
    if isinstance(answer, Response):
        return answer
    found = await bulk.done(form.committer, answer.requests, still=lambda: visiting(form.request))
    with bulk.answering(found):
        return await form.committer.run(lambda: _result(answer, found), bounded=False)


def _form(form: ManyForm, status: int = 200) -> Response:
    return form.many.visit.page("bulk_form.html", status, form=form, asked=form.many, listing=form.listing)


def _result(confirmed: Confirmed, found: Sequence[Result]) -> Response:
    many = confirmed.many
    visit = many.visit
    # Read again: they are elsewhere now.
    cases = visit.house.queries.these(visit.institution, visit.person, [case.id for case in many.cases])
    unsure = any(isinstance(each, Away) for each in found)
    told = results(many, confirmed.requests, found, cases)
    return visit.page("bulk_done.html", asked=many, results=told, unsure=unsure)


@dataclass(frozen=True)
class Bulking:
    """One sending of the form."""

    visit: Visit
    form: Posted

    # Which cases.

    @cached_property
    def chosen(self) -> Chosen:
        """The filters of the list it began at. Raises BadFields."""
        query = self.form.one("query")
        if len(query) > LONGEST_QUERY:
            raise BadFields(_TOO_LONG, (Reason("form", _TOO_LONG),))
        return read_query(self.visit.house.catalogue, query)

    @property
    def do(self) -> str:
        """Which button was pressed; none of ours on the lists it begins at."""
        return self.form.one("do")

    @property
    def everything(self) -> bool:
        """Whether all that the filters leave are meant. What is confirmed is what was shown, by name."""
        return self.form.one("all") == "1" and self.do != CONFIRM

    @cached_property
    def picked(self) -> tuple[CaseAndVersion, ...]:
        """The cases that are meant, each once. Raises BadFields where the filters leave too many."""
        if self.everything:
            return tuple(bulk.found(self.visit.house, self.visit.caller, self.chosen.narrowed(self.visit.person)))
        names = ("case", "not") if self.do == CHANGE else ("case",)
        sent = (word for name in names for value in self.form.many(name) for word in value.split())
        return tuple({each.id: each for each in map(_case, sent)}.values())

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """Those of them that are there for the reader."""
        ids = [each.id for each in self.picked]
        return self.visit.house.queries.these(self.visit.institution, self.visit.person, ids)

    @property
    def back(self) -> str:
        """Where the reader came from."""
        return local(self.form.one("back"), f"/cases?{self.chosen.query}")

    # What is asked.

    @cached_property
    def many(self) -> Many:
        """The step for these cases."""
        return Many(self.visit, self.chosen, self.form.one("trigger"), self.cases, self.back, self.form.one("source"))

    @cached_property
    def sent(self) -> Sent:
        """What was typed."""
        return read_form(self.form, self.many.fields)

    @property
    def typed(self) -> dict[str, list[str]]:
        """What was typed in answer to the step, without what says which cases are meant."""
        return {name: values for name, values in self.sent.typed.items() if name not in OURS}

    def answer(self) -> Response | Confirmed:
        """What the button asks for. Raises BadFields, NotAllowed, NotHere."""
        if self._too_many():
            return self.visit.page("bulk_too_many.html", 422, most=bulk.MOST, back=self.back)
        self.many.must_be_theirs()
        if not self.picked:
            return self._shown(Reason("form", _NONE_CHOSEN), status=422)
        if not self.do:
            return self._shown() if self.many.asks else self._tried()
        if not self.sent.sends:
            return self._further()
        faults = [*too_long(self.sent, BESIDE), *undecided(self.many.fields, self.sent.typed)]
        if faults:
            return self._shown(*faults, status=422)
        return self._confirmed() if self.do == CONFIRM else self._tried()

    def _too_many(self) -> bool:
        try:
            return len(self.picked) > bulk.MOST
        except BadFields as refused:
            if any(reason.code == "field:filter" for reason in refused.reasons):
                return True
            raise

    def _shown(self, *reasons: Reason, status: int = 200) -> Response:
        """The form, with what was typed and chosen."""
        typed = self.typed if self.do else self.many.untouched
        versions = {each.id: each.version for each in self.picked}
        key = self.sent.key.key if self.sent.key and self.do else None
        return _form(ManyForm(self.many, self._listing(), typed, reasons, versions, key), status)

    def _listing(self) -> Listing:
        if self.everything or not self.picked:
            return listed(self.visit, self.chosen, all_of_them=self.everything)
        return ticked(self.visit, self.picked, self.cases)

    def _further(self) -> Response:
        typed = {name: values for name, values in rows_changed(self.sent, self.many.fields).items() if name not in OURS}
        if self.do == INSERT:
            typed = {**typed, "reason": [inserted(self.sent, self.many.bank())]}
        versions = {each.id: each.version for each in self.picked}
        return _form(ManyForm(self.many, self._listing(), typed, versions=versions))

    # Trying and doing.

    def _requests(self, *, keyed: bool) -> Requests:
        ask, key = self.many.take(self.sent), self.sent.key if keyed else None
        return [bulk.step_of(self.visit.caller, each, ask, key=key, item=each.id) for each in self.picked]

    def _tried(self) -> Response:
        """For which it can be done, to be confirmed. What is wrong with all alike is wrong with the form."""
        requests = self._requests(keyed=False)
        try:
            found = bulk.tried(self.visit.house, self.visit.caller, requests)
        except OverflowError:
            return self._shown(Reason("form", _TOO_FAR), status=422)
        refused = [each for each in found if isinstance(each, BadFields)]
        if refused and len(refused) == len(found):
            reasons = {reason.code: reason for reason in (*refused[0].reasons, *self._unread())}
            return self._shown(*in_words(tuple(reasons.values()), self.many.fields), status=422)
        good = [not isinstance(each, Exception) for each in found]
        return self.visit.page(
            "bulk_check.html",
            asked=self.many,
            answers=self.many.answers(self.sent),
            typed=self.typed,
            results=results(self.many, requests, found, self.cases),
            possible=_written(each for each, can in zip(self.picked, good, strict=True) if can),
            impossible=_written(each for each, can in zip(self.picked, good, strict=True) if not can),
            query=self.chosen.query,
            key=self._unused_key(),
        )

    def _unread(self) -> tuple[Reason, ...]:
        """Everything that is wrong with the fields, not only what was found first."""
        try:
            parsed(self.many.step, self.many.take(self.sent), self.cases[0])
        except BadFields as refused:
            return refused.reasons
        return ()

    def _unused_key(self) -> str | None:
        """The form's key, unless something has been done under it already: coming back, one begins anew."""
        try:
            used = bool(bulk.done_before(self.visit.house, self.visit.caller, self.sent.key))
        except KeyReused:
            used = True
        return self.sent.key.key if self.sent.key and not used else None

    def _confirmed(self) -> Confirmed:
        bulk.done_before(self.visit.house, self.visit.caller, self.sent.key)
        return Confirmed(self.many, self._requests(keyed=True))


def _case(written: str) -> CaseAndVersion:
    """A case as a tick sends it, "ID:VERSION". One that is none is judged like one that is not there."""
    id_, _, version = written.partition(":")
    known = int(version) if version.isascii() and version.isdigit() and len(version) <= LONGEST_VERSION else None
    return CaseAndVersion(id=id_[:LONGEST_ID] or "-", version=known)


def _written(picked: Iterable[CaseAndVersion]) -> str:
    """Cases as one field carries them."""
    return " ".join(f"{each.id}:{each.version}" for each in picked)
