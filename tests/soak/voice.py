"""Who asks for what: people who step, open, read, comment, list, and look at pages, in an office that stays one size.

An office keeps so many open cases: some that one voice steps, a few that all want at once, and some
that lie until their ladders have been climbed. When a case is put aside to lie, the one that lay
longest is taken up again and brought to its end.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from service.compose import House
from tests.crash.asking import Asker, Call
from tests.crash.stream import STEPS, WANTED, Client

LYING: Final = 120
"""How many cases lie at a time."""

LIES: Final = 0.2
"""Which share of the new cases is put aside."""

NUMBERS: Final = 200
"""How many of the cases last seen in lists are looked at as pages."""

MIX: Final = {"step": 40, "hurry": 10, "read": 15, "comment": 5, "list": 15, "page": 15}
"""What is asked for in a hundred turns. Where there is too little to step, a case is opened instead."""

LISTS: Final = (
    ("officer", "/cases?limit=50"),
    ("reviewer", "/cases?state=under_review&limit=50"),
    ("admissions", "/cases?overdue=true&limit=50"),
    ("officer", "/cases?q=Kurs+{chance}&limit=20"),
    ("head", "/deadlines?limit=50"),
    ("reviewer", "/cases/{case}/events"),
    ("officer", "/people?limit=20"),
)
PAGES: Final = (
    ("reviewer", "/tasks"),
    ("officer", "/cases"),
    ("head", "/overview"),
    ("admissions", "/waiting"),
    ("officer", "/cases/{number}"),
    ("reviewer", "/cases/{number}"),
    ("officer", "/cases/{number}/history"),
)


@dataclass
class Office:
    """What all voices share: sessions by role, and the cases that lie, or were seen in lists."""

    cookies: dict[str, str]
    lies: int = LYING
    lying: deque[str] = field(default_factory=deque)
    numbers: deque[str] = field(default_factory=lambda: deque(maxlen=NUMBERS))
    gate: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def of(cls, house: House, tokens: dict[str, str], *, lies: int = LYING) -> Office:
        """Sign everybody in. Raises LookupError for a token of nobody's."""
        cookies: dict[str, str] = {}
        for role, token in tokens.items():
            caller = house.directory.authenticate(token)
            if caller is None:
                raise LookupError(role)
            cookies[role] = f"{house.settings.session_cookie}={house.sessions.begin(caller)}"
        return cls(cookies, lies)


@dataclass
class Visitor(Asker):
    """Asks for pages too, which say in words what the API says in a problem."""

    def _sent(self, request: dict[str, Any]) -> httpx.Response | None:
        if "Cookie" not in request["headers"]:
            return super()._sent(request)
        try:
            answer = self._http.request(**request)
        except httpx.HTTPError:
            self.seen["no answer"] += 1
            return None
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE and "Retry-After" in answer.headers:
            self.seen["503 a page"] += 1
        elif answer.status_code >= 500:
            self.faults.append(f"{request['url']}: {answer.status_code} {answer.text[:200]}")
        return answer


@dataclass
class Voice(Client):
    """One who does one thing at a time, whatever is asked for next."""

    office: Office = field(kw_only=True)

    def turn(self) -> str:
        """Do one thing; of which kind."""
        [kind] = self.chance.choices(tuple(MIX), tuple(MIX.values()))
        case = self._one_of_its_own()
        if case is None or (kind == "hurry" and not self._wanted()):
            kind = "open"
        if kind == "open":
            self._open()
        elif kind == "step" and case:
            self._step(case, *self._own[case])
        elif kind == "hurry":
            self._hurry(self.chance.choice(self._wanted() or [case or ""]))
        elif kind == "read" and case:
            self._read(case)
        elif kind == "comment" and case:
            self._comment(case)
        elif kind == "list":
            self._list(case or "")
        elif kind == "page":
            self._page()
        self._forget()
        return kind

    def _wanted(self) -> list[str]:
        return self.shared[-WANTED:]

    def _strike_off(self, case: str) -> None:
        """By one of those who see it."""
        with self.office.gate:
            super()._strike_off(case)

    def _open(self) -> None:
        """Open a case. One in so many is put aside, and one that lay taken up again."""
        before = {*self._own}
        super()._open()
        new = {*self._own} - before
        with self.office.gate:
            # All want but a few at once; one too many is an own one of whoever opened it.
            while len(self.shared) > WANTED:
                self._take_up(self.shared.pop(0))
            if new and self.chance.random() < LIES:
                self.office.lying.extend(new)
                for case in new:
                    self._own.pop(case)
            while len(self.office.lying) > self.office.lies:
                self._take_up(self.office.lying.popleft())

    def _take_up(self, case: str) -> None:
        # Others or the clock may have moved it on: then its first step is stale, and it is read anew.
        self._own[case] = ("requested", 1)

    def _forget(self) -> None:
        for case in [case for case, (state, _) in self._own.items() if state not in STEPS]:
            del self._own[case]

    def _comment(self, case: str) -> None:
        """Add a comment, which needs no version: it may fall between a step and what that was decided on."""
        body = {"text": f"Anteckning {self.chance.randrange(10**6)}"}
        request = self._request("POST", f"/cases/{case}/comments", "officer", body)
        answer, began, ended = self.asker.ask(request)
        if answer is None or not answer.is_success:
            self._wrong(answer)
            return
        said = answer.json()
        version = said["event"]["sequence"]
        key = request["headers"]["Idempotency-Key"]
        self.asker.calls.append(Call(case, "wrote", began, ended, version=version, expected=version - 1, key=key))
        self._own[case] = (said["case"]["state"], said["case"]["version"])

    def _list(self, case: str) -> None:
        """Read a list, and now and then its next page."""
        role, path = self.chance.choice(LISTS)
        path = path.format(case=case, chance=self.chance.randrange(10**9))
        said = self._listed(role, path)
        if said is None:
            return
        self.office.numbers.extend(item["number"] for item in said["items"] if "number" in item)
        if said.get("next_cursor") and self.chance.random() < 0.3:
            self._listed(role, f"{path}{'&' if '?' in path else '?'}cursor={said['next_cursor']}")

    def _listed(self, role: str, path: str) -> dict[str, Any] | None:
        answer, _, _ = self.asker.ask(self._request("GET", path, role))
        if answer is None or not answer.is_success:
            self._wrong(answer)
            return None
        said: dict[str, Any] = answer.json()
        return said

    def _page(self) -> None:
        """Look at a page, signed in."""
        role, path = self.chance.choice(PAGES)
        if "{number}" in path:
            if not self.office.numbers:
                return
            path = path.format(number=self.chance.choice(tuple(self.office.numbers)))
        url = f"{self.asker.base}{path}"
        answer, _, _ = self.asker.ask({"method": "GET", "url": url, "headers": {"Cookie": self.office.cookies[role]}})
        if answer is None or answer.status_code != httpx.codes.OK:
            self._wrong(answer)
