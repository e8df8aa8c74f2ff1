"""Signing in by a link that comes by mail, once; in the trial office by choosing whom to be. No passwords."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from engine.cases import Action
from engine.errors import BadFields, CaseNotFound, DeliveryFailed
from engine.people import PersonCard, folded_email
from engine.ports import Message
from engine.sessions import Invitation
from engine.tokens import Caller
from engine.vocabulary import Role, Text
from service.compose import House
from service.logging import log
from service.networks import network_of
from service.pages.posting import Posted, Posting
from service.pages.visiting import Anybody, Visit, local, query_of
from service.problems import NotHere
from service.reading import state_of
from service.settings import Environment

router = APIRouter(include_in_schema=False)

SUBJECT = Text("Din länk till Färdplan", "Your link to Färdplan")
LETTER = Text(
    "Hej {name}!\n\nÖppna länken för att logga in. Den gäller i 20 minuter och kan användas en gång.\n\n{url}\n\n"
    "Bad du inte om den? Då behöver du inte göra något.\n\nHälsningar\nFärdplan\n",
    "Dear {name},\n\nOpen the link to sign in. It is valid for 20 minutes and works once.\n\n{url}\n\n"
    "Did you not ask for it? Then there is nothing to do.\n\nKind regards\nFärdplan\n",
)

VISITED = (
    Role.OFFICER, Role.COORDINATOR, Role.REVIEWER, Role.HEAD, Role.ADMISSIONS, Role.RECOGNISER, Role.SIGNATORY,
    Role.AUDITOR, Role.ADMIN,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody of the trial office whom a visitor may be."""

    id: str
    name: str
    words: str
    first: bool
    """Whether this is the first of their role, to be offered before all others."""


@router.get("/sign-in")
def sign_in(visit: Anybody, next: str = "/") -> Response:  # noqa: A002 - the name it has in the address
    """Ask for an address; in the trial office offer everybody."""
    return visit.page("sign_in.html", next=local(next), people=_choices(visit))


@router.post("/sign-in")
async def ask_for_link(form: Posting) -> Response:
    """Send a link to the address, if it belongs to somebody who works here; say the same if not."""

    def work(visit: Visit) -> Response:
        email = form.one("email").strip()
        letter = _letter(visit, form, email)
        again = "/sign-in" + query_of([], {"next": local(form.one("next"))})
        answer = visit.page("sign_in_sent.html", email=email, again=again)
        # Sent after the answer, so that its time does not tell whether the address is known.
        answer.background = BackgroundTask(_deliver, visit.house, letter) if letter else None
        return answer

    return await form.run_unsigned(work)


@router.post("/enter")
async def enter(form: Posting) -> Response:
    """Be somebody of the trial office."""

    def work(visit: Visit) -> Response:
        if visit.house.settings.environment is not Environment.DEMO:
            raise NotHere
        person = form.one("person")
        if person not in {each.id for each in _choices(visit)}:
            raise NotHere
        secret = visit.house.sessions.begin(Caller(visit.institution, person), agent=_agent(form))
        return _entered(visit, secret, form.one("next"))

    return await form.run_unsigned(work)


@router.get("/in/{secret}")
def invited(visit: Anybody, secret: str) -> Response:
    """Say whom the link lets in, and offer to go on. Nothing happens before: mail scanners follow links too.

    Who is in already, or opens the same mail again, is led on to the page it was about.
    """
    found = visit.house.sessions.invitation(secret)
    if found is None or (visit.visitor and visit.visitor.caller == found.caller):
        path = visit.house.sessions.leads_to(secret) or "/"
        return visit.go(path) if visit.visitor else _spent(visit, path)
    card = visit.house.directory.person(found.caller.institution, found.caller.person)
    return visit.page(
        "invited.html", 200, path=visit.request.url.path, next=found.path, name=_name(card), **_seen(visit.house, found)
    )


@router.post("/in/{secret}")
async def come_in(form: Posting, secret: str) -> Response:
    """Use the link: sign in, and go where it leads."""

    def work(visit: Visit) -> Response:
        opened, found = visit.house.sessions.enter(secret, agent=_agent(form))
        return _entered(visit, opened, form.one("next", found.path))

    return await form.run_unsigned(work)


@router.post("/sign-out")
async def sign_out(form: Posting) -> Response:
    """End this session."""

    def work(visit: Visit) -> Response:
        visit.house.sessions.end(visit.caller, visit.signed_in.id)
        answer = visit.go("/sign-in")
        answer.delete_cookie(visit.house.settings.session_cookie, path="/")
        return answer

    return await form.run(work)


def _entered(visit: Visit, secret: str, path: str) -> Response:
    """Hand the browser its session. It is new at each sign-in, so none can be fixed beforehand (CWE-384)."""
    answer = RedirectResponse(local(path), 303)
    answer.set_cookie(
        visit.house.settings.session_cookie,
        secret,
        path="/",
        secure=visit.house.settings.base_url.startswith("https://"),
        httponly=True,
        samesite="lax",
    )
    return answer


def _letter(visit: Visit, form: Posted, email: str) -> Message | None:
    """The letter with the link; None where the address is nobody's who works here."""
    house, institution = visit.house, visit.institution
    try:
        folded = folded_email(email)
    except BadFields:
        return None
    found = house.directory.person_by_email(institution, folded)
    works = found is not None and house.queries.holds(institution, found.id)
    secret = house.sessions.ask(
        institution,
        email=folded,
        person=found.id if found and works else None,
        path=local(form.one("next")),
        origin=network_of(form.request.scope),
    )
    if secret is None or found is None:
        return None
    swedish = found.language == "sv"
    letter = LETTER.sv if swedish else LETTER.en
    return Message(
        key=house.cases.ids.new(datetime.now(UTC)),
        institution=institution,
        to_name=found.name or "",
        to_address=folded,
        from_name="Färdplan",
        from_address=house.settings.sender,
        subject=SUBJECT.sv if swedish else SUBJECT.en,
        text=letter.format(name=found.name or "", url=f"{house.settings.base_url}/in/{secret}"),
        language=found.language,
        written_at=datetime.now(UTC),
    )


def _deliver(house: House, letter: Message) -> None:
    """Send it at once and keep it nowhere, for it holds a secret; who misses it asks again."""
    try:
        house.channel.deliver(letter)
    except DeliveryFailed:
        log.warning("sign_in_link_not_sent")


def _choices(visit: Visit) -> list[Choice]:
    """Everybody of the trial office who holds a role today, by role."""
    if visit.house.settings.environment is not Environment.DEMO:
        return []
    organisation, speech = visit.organisation, visit.speech
    held = [m for m in organisation.memberships if m.span.covers(speech.today)]
    people = visit.house.directory.people(visit.institution, {m.person for m in held})
    found: dict[str, Choice] = {}
    for role in VISITED:
        seats = sorted((m for m in held if m.role is role and m.person in people), key=lambda m: m.unit)
        for place, m in enumerate(seats):
            unit = organisation.units[m.unit]
            words = f"{speech.role(role)}, {speech.say(unit.name_sv, unit.name_en)}"
            found.setdefault(m.person, Choice(m.person, _name(people[m.person]), words, first=place == 0))
    return list(found.values())


def _seen(house: House, found: Invitation) -> dict[str, Any]:
    """The case a link leads to, with what its reader can do at once."""
    nothing: dict[str, Any] = {"case": None, "state": None, "possible": ()}
    number = found.path.removeprefix("/cases/")
    if number == found.path or "/" in number:
        return nothing
    try:
        case = house.queries.numbered(found.caller.institution, found.caller.person, number)
        seen = house.queries.seen(found.caller.institution, found.caller.person, case)
    except CaseNotFound:
        return nothing
    possible: tuple[Action, ...] = tuple(a for a in seen.actions if a.possible and a.actor and not a.actor.on_behalf_of)
    return {"case": seen.case, "state": state_of(seen.case, house.catalogue).label, "possible": possible}


def _spent(visit: Visit, path: str) -> Response:
    return visit.page("link_spent.html", 410, next=path)


def _name(card: PersonCard | None) -> str:
    return (card.name if card else None) or "–"


def _agent(form: Posted) -> str:
    """What the browser says of itself, short: to know one's own sessions by."""
    return form.request.headers.get("user-agent", "")[:120]
