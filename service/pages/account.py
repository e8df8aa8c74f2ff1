"""What somebody settles for themselves: language, appearance, keys, where they are signed in."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from engine.vocabulary import Text
from service.pages.posting import Posting
from service.pages.visiting import KEYS, LANGUAGE, THEME, Anybody, Visit, Visiting, local, session_cookie

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
    """Show what somebody has settled, the roles they hold, and their sessions."""
    units = visit.organisation.units
    held = [
        {"role": each.role, "unit": Text(units[each.unit].name_sv, units[each.unit].name_en)}
        for each in visit.organisation.roles_of(visit.person, visit.speech.today)
    ]
    return visit.page("account.html", held=held, sessions=visit.house.sessions.of(visit.caller))


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
        answer.delete_cookie(session_cookie(visit.house), path="/")
        return answer

    return await form.run(work)


def _keep(visit: Visit, answer: Response, name: str, value: str) -> None:
    """Keep a choice in the browser; it is no secret and names nobody."""
    if value in _CHOICES[name]:
        secure = visit.house.settings.base_url.startswith("https://")
        answer.set_cookie(name, value, max_age=A_YEAR, path="/", secure=secure, httponly=True, samesite="lax")
