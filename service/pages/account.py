"""What somebody settles for themselves: language, appearance, keys, where they are signed in."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.changing import HELD, Change
from engine.people import wrong
from engine.vocabulary import Reason, Text
from service.pages.administering import change, colleagues, day, needed_day
from service.pages.devices import device
from service.pages.posting import Posting
from service.pages.visiting import KEYS, LANGUAGE, THEME, Anybody, Visit, Visiting, local

router = APIRouter(include_in_schema=False)

A_YEAR: Final = 365 * 86_400
_CHOICES: Final = {LANGUAGE: ("sv", "en"), THEME: ("auto", "light", "dark"), KEYS: ("on", "off")}


@router.get("/")
def front(visit: Anybody) -> Response:
    """The front door leads to one's tasks."""
    return visit.go("/tasks" if visit.visitor else "/sign-in")


@router.get("/language/{language}")
def choose_language(visit: Anybody, language: str, next: str = "/") -> Response:  # noqa: A002 - its name in the address
    """Change the language and stay on the page."""
    answer = visit.go(local(next))
    _keep(visit, answer, LANGUAGE, language)
    return answer


@router.get("/account")
def account(visit: Visiting) -> Response:
    """Show what somebody has settled, the roles they hold, when they are away, and their sessions."""
    return _account(visit, (), {})


def _account(visit: Visit, reasons: tuple[Reason, ...], typed: dict[str, str]) -> Response:
    organisation, units = visit.organisation, visit.organisation.units
    held = [
        {"role": each.role, "unit": Text(units[each.unit].name_sv, units[each.unit].name_en)}
        for each in organisation.roles_of(visit.person, visit.speech.today)
    ]
    absences = [each for each in organisation.absences if each.person == visit.person]
    return visit.page(
        "account.html",
        422 if reasons else 200,
        held=held,
        sessions=visit.house.sessions.of(visit.caller),
        device=device,
        absences=absences,
        substitutes=visit.house.directory.people(visit.institution, {a.substitute for a in absences if a.substitute}),
        colleagues=colleagues(visit, visit.person),
        reasons=reasons,
        typed=typed,
    )


@router.post("/account/absences")
async def away(form: Posting) -> Response:
    """Note that one is away, and who stands in."""

    def work(visit: Visit, made: Change) -> None:
        substitute = form.one("substitute") or None
        if substitute not in {None, *(each.id for each in colleagues(visit, visit.person))}:
            raise wrong("substitute", "välj någon i listan.", "choose somebody of the list.")
        made.absence(
            visit.person,
            starts_on=needed_day(form, "starts_on"),
            ends_on=needed_day(form, "ends_on"),
            substitute=substitute,
        )

    return await change(form, "absences", work, roles=HELD, back=lambda _: "/account", again=_account)


@router.post("/account/absences/end")
async def back_again(form: Posting) -> Response:
    """Take an absence of one's own back."""
    return await change(
        form,
        "absences",
        lambda visit, made: made.end_absence(visit.person, starts_on=day(form, "starts_on")),
        roles=HELD,
        back=lambda _: "/account",
        again=_account,
    )


@router.post("/account")
async def settle(form: Posting) -> Response:
    """Keep language, appearance and keys in this browser; the language of mails too."""

    def work(visit: Visit) -> Response:
        answer = visit.go("/account")
        _keep(visit, answer, LANGUAGE, form.one("language"))
        _keep(visit, answer, THEME, form.one("theme"))
        _keep(visit, answer, KEYS, form.one("keys", "off"))
        card = visit.signed_in.card
        if card.email and form.one("language") in {"sv", "en"} and form.one("language") != card.language:
            visit.house.directory.put_person(visit.institution, email=card.email, language=form.one("language"))
        return answer

    return await form.run(work)


@router.post("/account/sign-out-everywhere")
async def sign_out_everywhere(form: Posting) -> Response:
    """End all sessions of the person, this one too."""

    def work(visit: Visit) -> Response:
        visit.house.sessions.end(visit.caller)
        answer = visit.go("/sign-in")
        answer.delete_cookie(visit.house.settings.session_cookie, path="/")
        return answer

    return await form.run(work)


def _keep(visit: Visit, answer: Response, name: str, value: str) -> None:
    """Keep a choice in the browser; it is no secret and names nobody."""
    if value in _CHOICES[name]:
        secure = visit.house.settings.base_url.startswith("https://")
        answer.set_cookie(name, value, max_age=A_YEAR, path="/", secure=secure, httponly=True, samesite="lax")
