"""A visit: one request of somebody with a browser, and all that a page needs to answer it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

from fastapi import Depends, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from engine.canonical import micros
from engine.organisation import STAFF, Organisation
from engine.sessions import Visitor
from engine.tokens import Caller
from engine.vocabulary import Role, Text
from service.auth import NotSignedIn, house_of
from service.compose import House
from service.pages.rendering import render
from service.pages.saying import Language, Speech
from service.problems import NotAllowed, language_of

LANGUAGE: Final = "fardplan_language"
THEME: Final = "fardplan_theme"
KEYS: Final = "fardplan_keys"
LONGEST_PATH: Final = 2000


MENU: Final[tuple[tuple[str, Text, frozenset[Role]], ...]] = (
    ("/tasks", Text("Mina uppgifter", "My tasks"), frozenset(STAFF)),
    ("/waiting", Text("Vem väntar vi på?", "Who are we waiting for?"), frozenset(STAFF)),
    ("/overview", Text("Processöversikt", "Process overview"), frozenset({*STAFF, Role.AUDITOR})),
    (
        "/eligibility",
        Text("Behörighet", "Eligibility"),
        frozenset({Role.REVIEWER, Role.HEAD, Role.ADMISSIONS, Role.OFFICER}),
    ),
    ("/agreements", Text("Avtal", "Agreements"), frozenset({*STAFF, Role.AUDITOR})),
    ("/dashboards", Text("Läget", "Dashboards"), frozenset({*STAFF, Role.AUDITOR})),
    ("/new", Text("Nytt ärende", "New case"), frozenset(STAFF)),
    ("/processes", Text("Processer", "Processes"), frozenset()),
    ("/my-role", Text("Min roll", "My role"), frozenset()),
    ("/audit", Text("Revision", "Audit"), frozenset({Role.AUDITOR, Role.ADMIN})),
    ("/admin", Text("Administration", "Administration"), frozenset({Role.ADMIN})),
)
"""The main menu: address, words, and the roles that see it (none: everybody)."""


@dataclass(frozen=True)
class Visit:
    """One request. `visitor` is None for somebody who is not signed in.

    What is asked of the database is asked when first needed, and once.
    """

    request: Request
    house: House
    visitor: Visitor | None

    # Who.

    @property
    def signed_in(self) -> Visitor:
        """Who is signed in. Raises NotSignedIn."""
        if self.visitor is None:
            raise NotSignedIn
        return self.visitor

    @property
    def caller(self) -> Caller:
        """Institution and person."""
        return self.signed_in.caller

    @property
    def institution(self) -> str:
        """The institution's code."""
        return self.visitor.caller.institution if self.visitor else self.house.settings.institution

    @property
    def person(self) -> str:
        """The person's id."""
        return self.caller.person

    @cached_property
    def organisation(self) -> Organisation:
        """The institution as it now is."""
        return self.house.directory.organisation(self.institution)

    @cached_property
    def roles(self) -> frozenset[Role]:
        """What the person holds today, anywhere."""
        return frozenset(held.role for held in self.organisation.roles_of(self.person, self.speech.today))

    def must_hold(self, *roles: Role) -> None:
        """Raise NotAllowed unless the person holds one of the roles today."""
        if not self.roles & set(roles):
            raise NotAllowed

    def known(self, people: Collection[str]) -> frozenset[str]:
        """Those of some people whose names the visitor may be told; most are staff, who need no look."""
        staff = {held.person for held in self.organisation.memberships}
        others = self.house.lookups.known_people(self.institution, self.person, {*people} - staff)
        return others | (staff & {*people})

    # How they read.

    @cached_property
    def language(self) -> Language:
        """The reader's language: chosen here, else their own, else their browser's."""
        chosen = self.request.cookies.get(LANGUAGE)
        own = self.visitor.card.language if self.visitor else None
        return "sv" if (chosen if chosen in {"sv", "en"} else own or language_of(self.request)) == "sv" else "en"

    @property
    def theme(self) -> Literal["light", "dark", "auto"]:
        """Light, dark, or as the browser has it."""
        chosen = self.request.cookies.get(THEME)
        return "light" if chosen == "light" else "dark" if chosen == "dark" else "auto"

    @cached_property
    def now(self) -> int:
        """The instant the office lives in, UTC microseconds."""
        return micros(self.house.clock.now())

    @cached_property
    def speech(self) -> Speech:
        """How to say things to this reader now."""
        return Speech(self.language, self.now, self.organisation.calendar(self.institution))

    def say(self, sv: str, en: str, **words: object) -> str:
        """The Swedish or the English."""
        return self.speech.say(sv, en, **words)

    def unit_name(self, code: str) -> str:
        """A unit's name to this reader; its code where it is unknown."""
        unit = self.organisation.units.get(code)
        return code if unit is None else self.say(unit.name_sv, unit.name_en)

    @cached_property
    def menu(self) -> list[tuple[str, Text]]:
        """The main menu: address and words, of what the person's roles let them see."""
        return [(path, words) for path, words, roles in MENU if not roles or self.roles & roles]

    # The answer.

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A page. Templates see the visit as `visit`; a form takes its hidden fields from there."""
        text = render(template, self.speech, {"visit": self, "posting": self.posting, **context})
        return HTMLResponse(text, status, {"Content-Language": self.language})

    def go(self, path: str) -> Response:
        """Send the browser to a page of ours with GET, after something was done."""
        return RedirectResponse(local(path), 303)

    @property
    def here(self) -> str:
        """The path and query of this request."""
        query = self.request.url.query
        return f"{self.request.url.path}?{query}" if query else self.request.url.path

    def posting(self, key: str | None = None) -> Markup:
        """The hidden fields of a form: proof that it is ours, and a key: its own, or that of the form it goes on."""
        csrf = self.visitor.csrf if self.visitor else ""
        fields = '<input type="hidden" name="csrf" value="{}"><input type="hidden" name="key" value="{}">'
        return Markup(fields).format(csrf, key or self.fresh_key())  # noqa: S704 - a constant; what is filled in is escaped

    def fresh_key(self) -> str:
        """A key for one form as it was shown once: sent twice, it does nothing twice."""
        return str(uuid.uuid4())

    def query(self, **changed: object) -> str:
        """This request's query with some of it changed, or left out where None; begins with `?`."""
        return query_of(self.request.query_params.multi_items(), changed)


def query_of(items: list[tuple[str, str]], changed: Mapping[str, object]) -> str:
    """A query string of these items, the changed ones in place of those of their name."""
    kept = [(name, value) for name, value in items if name not in changed]
    new = [
        (name, str(each))
        for name, value in changed.items()
        if value is not None
        for each in (value if isinstance(value, list | tuple) else (value,))
    ]
    return "?" + urlencode(kept + new)


def local(path: str, otherwise: str = "/") -> str:
    """The path, if it is one of ours: never another host's, whatever was sent (CWE-601)."""
    # A browser takes a backslash for a slash, passes over line ends and tabs, and reads a host after two slashes.
    readable = len(path) <= LONGEST_PATH and path.isprintable() and "\\" not in path
    return path if readable and path.startswith("/") and not path.startswith("//") else otherwise


def anybody(request: Request) -> Visit:
    """A visit that needs no session, for the pages around signing in. Reads the database."""
    house = house_of(request)
    request.state.page = True
    secret = request.cookies.get(house.settings.session_cookie, "")
    visit = Visit(request, house, house.sessions.visitor(secret) if secret else None)
    request.state.language = visit.language
    return visit


def visiting(request: Request) -> Visit:
    """A visit of somebody signed in. Raises NotSignedIn, which leads to the page to sign in at."""
    visit = anybody(request)
    _ = visit.signed_in
    request.state.visit = visit
    return visit


Anybody = Annotated[Visit, Depends(anybody)]
Visiting = Annotated[Visit, Depends(visiting)]
