"""Tying a case to another: which tie, and the case found by number or words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter
from starlette.responses import Response

from engine.errors import BadFields, GuardRefused, KeyReused, NotYourTurn, StaleCase, VersionNeeded
from engine.model import Request, Tie
from engine.small_changes import MayChange, SmallChanges
from engine.vocabulary import Link, Reason, Text
from service.pages.case_view import LINKS
from service.pages.codes import title_words
from service.pages.finding import case_numbered
from service.pages.form_sent import read
from service.pages.form_shown import Showing, Shown, faults_of
from service.pages.form_values import one
from service.pages.forms import Field, Kind, Option
from service.pages.lookups import Lookups, undecided
from service.pages.posting import Posted, Posting
from service.pages.visiting import Visit, Visiting

router = APIRouter(include_in_schema=False)

NO_SUCH_CASE = Text(
    "Ärendet finns inte, eller är av fel slag. Sök och välj ett i listan.",
    "There is no such case, or it is of the wrong kind. Search, and choose one of the list.",
)


def called(link: Link) -> Text:
    """What a tie is called."""
    return LINKS.get(link.name, title_words(link.name, None))


def link_field(link: Link, *, required: bool) -> Field:
    """The field in which the case of a tie is looked up."""
    return Field(link.name, called(link), Kind.CASE, required, workflow=link.workflow)


@dataclass(frozen=True)
class Linking:
    """The ties of a case, to be chosen from."""

    visit: Visit
    may: MayChange

    @property
    def links(self) -> tuple[Link, ...]:
        """The ties the process declares."""
        return self.visit.house.catalogue.by_hash(self.may.case.definition).workflow.links

    @property
    def fields(self) -> tuple[Field, ...]:
        """One field a tie."""
        return tuple(link_field(link, required=False) for link in self.links)

    def shown(self, typed: Mapping[str, list[str]], reasons: tuple[Reason, ...]) -> tuple[Shown, ...]:
        """Each tie as a field, with the cases its words find."""
        found = Lookups(self.visit).for_form(self.fields, typed)
        others = {name: self._others(options) for name, options in found.items()}
        return Showing(typed, faults_of(reasons), others).all(self.fields)

    def _others(self, found: tuple[Option, ...]) -> tuple[Option, ...]:
        """The hits but the case itself."""
        return tuple(option for option in found if option.value != self.may.case.id)


@router.get("/cases/{number}/link")
def link_page(visit: Visiting, number: str) -> Response:
    """Show the ties of a case, and search for what to tie it to."""
    may = SmallChanges(visit.house.cases).of(visit.institution, visit.person, case_numbered(visit, number))
    return _page(Linking(visit, may), {})


@router.post("/cases/{number}/link")
async def link(form: Posting, number: str) -> Response:
    """Search, or tie the case to another."""

    def work(visit: Visit) -> Response:
        may = SmallChanges(visit.house.cases).of(visit.institution, visit.person, case_numbered(visit, number))
        linking = Linking(visit, may)
        sent = read(form, linking.fields)
        if not sent.sends:
            return _page(linking, sent.typed)
        wanted = [(each.name, one(sent.typed, f"f.{each.name}")) for each in linking.links]
        chosen = [(name, case) for name, case in wanted if case]
        own = tuple(undecided(linking.fields, sent.typed))
        if own or len(chosen) != 1:
            return _page(linking, sent.typed, own or (_one_at_a_time(linking, chosen),), status=422)
        return _tied(form, linking, sent.typed, Tie(*chosen[0]))

    return await form.run(work)


def _one_at_a_time(linking: Linking, chosen: list[tuple[str, str]]) -> Reason:
    name = linking.links[0].name if linking.links else "name"
    if chosen:
        return Reason(f"field:{name}", Text("Koppla ett ärende i taget.", "Link one case at a time."))
    return Reason(f"field:{name}", Text("Sök och välj ett ärende att koppla.", "Search, and choose a case to link."))


def _tied(form: Posted, linking: Linking, typed: Mapping[str, list[str]], tie: Tie) -> Response:
    visit, case, sent = linking.visit, linking.may.case, read(form, linking.fields)
    asked = Request(
        visit.institution, tie, visit.person, case=case.id, expected=sent.version, key=sent.key, must_expect=True
    )
    try:
        outcome = form.step(asked)
    except (StaleCase, KeyReused, VersionNeeded):
        text = Text(
            "Ärendet har ändrats sedan du öppnade sidan. Se efter på dess sida och skicka igen om det stämmer.",
            "The case has changed since you opened the page. Look at its page, and send again if it is right.",
        )
        return _page(linking, typed, (Reason("form", text),), status=412)
    except BadFields:
        return _page(linking, typed, (Reason(f"field:{tie.name}", NO_SUCH_CASE),), status=422)
    except (GuardRefused, NotYourTurn) as refused:
        reasons = tuple(replace(reason, code="form") for reason in refused.reasons)
        return _page(linking, typed, reasons or (Reason("form", refused.message),), status=409)
    return visit.go(f"/cases/{case.number}?done={outcome.sequence}")


def _page(
    linking: Linking, typed: Mapping[str, list[str]], reasons: tuple[Reason, ...] = (), *, status: int = 200
) -> Response:
    visit, case = linking.visit, linking.may.case
    state = visit.house.catalogue.by_hash(case.definition).states[case.state].label
    if linking.may.link is not None:
        return visit.page("change_refused.html", 403, case=case, state=state, refused=linking.may.link)
    words = visit.house.queries.titles(visit.institution, [to for _, to in case.links])
    return visit.page(
        "link_case.html",
        status,
        case=case,
        state=state,
        ties=[(called_by(linking, name), words[to].number) for name, to in case.links if to in words],
        fields=linking.shown(typed, reasons),
        reasons=reasons,
    )


def called_by(linking: Linking, name: str) -> Text:
    """What a tie of this name is called."""
    found = next((each for each in linking.links if each.name == name), None)
    return called(found) if found else title_words(name, None)
