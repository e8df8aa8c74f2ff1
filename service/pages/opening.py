"""Opening a case by hand: which process, in which unit, about whom, tied to what, with which facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.responses import Response

from engine.definition import Definition
from engine.errors import BadFields, GuardRefused, KeyReused, NotYourTurn, Refused
from engine.faults import words_for
from engine.model import NewPerson, Open, Request
from engine.people import clean_name, folded_email
from engine.vocabulary import CASE, Reason, Text, Who
from service.pages.corrections import TOO_FAR
from service.pages.form_sent import Sent, read, rows_changed
from service.pages.form_shown import Showing, Shown, faults_of, spoken
from service.pages.form_values import fresh, values_of
from service.pages.forms import Field, Kind, Option, fields_of
from service.pages.linking import link_field
from service.pages.lookups import Lookups, undecided
from service.pages.posting import Posted, Posting
from service.pages.visiting import Visit, Visiting
from service.problems import NotAllowed, NotHere

router = APIRouter(include_in_schema=False)

ABOUT: Final = "_about"
LINKS: Final = "_links"
"""Under what names a form groups what is no fact; no fact can be called so."""

_LANGUAGES: Final = (
    Option("sv", "sv", Text("Svenska", "Swedish")),
    Option("en", "en", Text("Engelska", "English")),
)
_PERSON: Final = (
    Field(
        "subject",
        Text("Person som redan finns", "A person who is here already"),
        Kind.PERSON,
        required=False,
        hint=Text(
            "Sök på namn eller hela e-postadressen. Finns personen inte: fyll i en ny nedan.",
            "Search by name or the whole e-mail address. If the person is not here, fill in a new one below.",
        ),
    ),
    Field("name", Text("Ny person: namn", "New person: name"), Kind.TEXT, required=False, longest=200),
    Field("email", Text("Ny person: e-post", "New person: e-mail"), Kind.TEXT, required=False, longest=254),
    Field(
        "language",
        Text("Ny person: språk i brev", "New person: language of letters"),
        Kind.CHOICE,
        required=False,
        options=_LANGUAGES,
        default="sv",
    ),
)
WHO: Final = Reason(
    f"field:{ABOUT}.subject",
    Text(
        "Välj en person som finns, eller ange namn och e-post för en ny.",
        "Choose a person who is here, or give the name and e-mail of a new one.",
    ),
)


@dataclass(frozen=True)
class Opening:
    """A case of a process about to be opened by somebody."""

    visit: Visit
    definition: Definition

    @cached_property
    def units(self) -> tuple[Option, ...]:
        """The units the person may open such a case in, as far as their own roles say."""
        openers = self.definition.workflow.openers
        found = [
            unit
            for unit in self.visit.organisation.units.values()
            if any(self._opens_in(unit.code, who) for who in openers)
        ]
        return tuple(Option(unit.code, unit.code, Text(unit.name_sv, unit.name_en)) for unit in found)

    def _opens_in(self, unit: str, who: Who) -> bool:
        if who.where != CASE:
            # Held in the unit of a case it is to be tied to, which may be any.
            return who.role in self.visit.roles
        return self.visit.organisation.holds(self.visit.person, who.role, unit, self.visit.speech.today)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Everything that is asked for, grouped: about the case, its ties, its facts."""
        return (*self.groups, *self.facts)

    @cached_property
    def groups(self) -> tuple[Field, ...]:
        """What is no fact."""
        workflow = self.definition.workflow
        only = self.units[0].value if len(self.units) == 1 else None
        unit = Field("unit", Text("Enhet", "Unit"), Kind.CHOICE, required=True, options=self.units, default=only)
        about = (unit, *(_PERSON if workflow.needs_subject else ()))
        ties = tuple(link_field(link, required=link.required) for link in workflow.links)
        groups = [Field(ABOUT, Text("Ärendet", "The case"), Kind.PART, required=True, parts=about)]
        if ties:
            groups.append(Field(LINKS, Text("Kopplas till", "Linked to"), Kind.PART, required=True, parts=ties))
        return tuple(groups)

    @cached_property
    def facts(self) -> tuple[Field, ...]:
        """The facts that may be given, those that must be first."""
        workflow = self.definition.workflow
        given = [each for each in fields_of(workflow.facts) if each.name not in workflow.protected]
        return tuple(sorted(given, key=lambda each: not each.required))

    def ask(self, sent: Sent) -> Open:
        """What is asked of the engine. Raises BadFields for a person that is none."""
        values = values_of(self.fields, sent.typed)
        about: Mapping[str, Any] = values.pop(ABOUT, {})
        links: Mapping[str, str] = values.pop(LINKS, {})
        return Open(
            self.definition.name, str(about.get("unit", "")), self._subject(about), values, tuple(links.items())
        )

    def _subject(self, about: Mapping[str, Any]) -> str | NewPerson | None:
        chosen: str | None = about.get("subject")
        if chosen or not (about.get("name") or about.get("email")):
            return chosen
        name = clean_name(about.get("name", ""), f"{ABOUT}.name")
        return NewPerson(name, folded_email(about.get("email", ""), f"{ABOUT}.email"), about.get("language", "sv"))

    def shown(self, typed: Mapping[str, list[str]], reasons: tuple[Reason, ...]) -> tuple[Shown, ...]:
        """The fields as a page shows them."""
        return Showing(typed, faults_of(reasons), Lookups(self.visit).for_form(self.fields, typed)).all(self.fields)

    def said(self, reasons: tuple[Reason, ...], sent: Sent) -> tuple[Reason, ...]:
        """What is wrong, each leading to its field: not only what the engine found first, but all that is missing."""
        found = {reason.code: reason for reason in (*map(_placed, reasons), *self._unread(sent))}
        return spoken(tuple(found.values()), self.fields)

    def _unread(self, sent: Sent) -> list[Reason]:
        """What is not given that must be, and what is wrong with the facts as they stand."""
        values = values_of(self.fields, sent.typed)
        missing = [
            _missing(f"{group.name}.{part.name}")
            for group in self.groups
            for part in group.parts
            if part.required and not values.get(group.name, {}).get(part.name)
        ]
        about = values.get(ABOUT, {})
        if self.definition.workflow.needs_subject and not {"subject", "name", "email"} & set(about):
            missing.append(WHO)
        facts = {name: value for name, value in values.items() if name not in {ABOUT, LINKS}}
        try:
            self.definition.workflow.facts.model_validate(facts)
        except ValidationError as error:
            missing += words_for(error)
        return missing


def _missing(path: str) -> Reason:
    return Reason(f"field:{path}", Text(f"{path}: måste anges.", f"{path}: must be given."))


def _placed(reason: Reason) -> Reason:
    """A reason about unit, subject, ties or facts, named as the page names its fields."""
    path = reason.code.removeprefix("field:")
    if path == "subject":
        return WHO
    first, _, rest = path.partition(".")
    place = {"unit": f"{ABOUT}.unit", "links": f"{LINKS}.{rest}", "facts": rest}.get(first)
    if place is None:
        return reason
    message = Text(*(words.replace(f"{path}: ", f"{place}: ", 1) for words in (reason.message.sv, reason.message.en)))
    return replace(reason, code=f"field:{place}", message=message)


@router.get("/new")
def choose_process(visit: Visiting) -> Response:
    """Show the processes somebody may open a case of."""
    catalogue = visit.house.catalogue
    openings = [Opening(visit, catalogue.current(name)) for name in catalogue.names]
    return visit.page("open_case_choose.html", openings=[opening for opening in openings if opening.units])


@router.get("/new/{workflow}")
def open_case_page(visit: Visiting, workflow: str) -> Response:
    """Show the form of a new case."""
    opening = _opening(visit, workflow)
    return _page(opening, fresh(opening.fields))


@router.post("/new/{workflow}")
async def open_case(form: Posting, workflow: str) -> Response:
    """Open a case."""

    def work(visit: Visit) -> Response:
        opening = _opening(visit, workflow)
        sent = read(form, opening.fields)
        if not sent.sends:
            return _page(opening, rows_changed(sent, opening.fields))
        return _opened(form, opening, sent)

    return await form.run(work)


def _opening(visit: Visit, workflow: str) -> Opening:
    """Raises NotHere for a process there is none of, NotAllowed for one the visitor opens no cases of."""
    if workflow not in visit.house.catalogue.names:
        raise NotHere
    opening = Opening(visit, visit.house.catalogue.current(workflow))
    # Its form searches for people; who may open nothing has nobody to search for.
    if not opening.units:
        raise NotAllowed
    return opening


def _opened(form: Posted, opening: Opening, sent: Sent) -> Response:
    visit = opening.visit
    own = tuple(undecided(opening.fields, sent.typed))
    try:
        ask = opening.ask(sent)
        if own:
            return _page(opening, sent.typed, own, 422)
        outcome = form.step(Request(visit.institution, ask, visit.person, key=sent.key))
    except BadFields as refused:
        return _page(opening, sent.typed, (*opening.said(refused.reasons, sent), *own), 422)
    except (GuardRefused, NotYourTurn, KeyReused) as refused:
        return _page(opening, sent.typed, _told(refused), 409)
    except OverflowError:
        return _page(opening, sent.typed, (TOO_FAR,), 422)
    number = visit.house.queries.titles(visit.institution, [outcome.case_id])[outcome.case_id].number
    return visit.go(f"/cases/{number}?done={outcome.sequence}")


def _told(refused: Refused) -> tuple[Reason, ...]:
    if isinstance(refused, KeyReused):
        text = Text(
            "Formuläret har redan öppnat ett ärende. Skicka igen om du vill öppna ett till.",
            "The form has opened a case already. Send again if you want to open another.",
        )
        return (Reason("form", text),)
    return tuple(replace(reason, code="form") for reason in refused.reasons) or (Reason("form", refused.message),)


def _page(
    opening: Opening, typed: Mapping[str, list[str]], reasons: tuple[Reason, ...] = (), status: int = 200
) -> Response:
    shown = opening.shown(typed, reasons)
    facts = shown[len(opening.groups) :]
    return opening.visit.page(
        "open_case.html",
        status,
        definition=opening.definition,
        groups=shown[: len(opening.groups)],
        needed=[each for each in facts if each.field.required],
        more=[each for each in facts if not each.field.required],
        unfolded=any(each.fault for each in facts if not each.field.required) or bool(typed.get("more")),
        reasons=reasons,
    )
