"""A form that was sent: read once, checked to be ours, and worked on by the committer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Final, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from engine.errors import EngineError
from engine.model import Key, Outcome
from engine.model import Request as Asked
from service import stepping
from service.afterwards import afterwards
from service.auth import house_of
from service.committing import Committer
from service.metrics import Metrics
from service.pages.visiting import Visit, anybody, visiting
from service.problems import NotOurs
from service.sent import LARGEST, TooLarge, WrongMediaType, is_text

Result = TypeVar("Result")

FORM: Final = "application/x-www-form-urlencoded"
MOST_FIELDS: Final = 5_000
CSRF: Final = "csrf"
KEY: Final = "key"
LONGEST_KEY: Final = 200


@dataclass(frozen=True)
class Posted:
    """A form that was sent. Fields are as typed: text, each name with all its values."""

    request: Request
    fields: tuple[tuple[str, str], ...]
    refused: EngineError | None
    committer: Committer
    metrics: Metrics
    _taken: list[Outcome] = field(default_factory=list, init=False, compare=False)

    def one(self, name: str, otherwise: str = "") -> str:
        """The value of a field, the last where there are several; line ends as one line feed."""
        return next((value for key, value in reversed(self.fields) if key == name), otherwise)

    def many(self, name: str) -> list[str]:
        """All values of a field, as a list of check boxes sends them."""
        return [value for key, value in self.fields if key == name]

    @property
    def values(self) -> dict[str, list[str]]:
        """All fields but our own hidden ones."""
        found: dict[str, list[str]] = {}
        for name, value in self.fields:
            if name not in {CSRF, KEY}:
                found.setdefault(name, []).append(value)
        return found

    @property
    def key(self) -> Key | None:
        """The form's key with the fingerprint of what was sent, so that a double click does nothing twice."""
        key = self.one(KEY)
        if not key or len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
            return None
        sent = json.dumps([self.request.url.path, self.values], ensure_ascii=False, sort_keys=True)
        return Key(key, hashlib.sha256(sent.encode()).hexdigest())

    async def run(self, work: Callable[[Visit], Result]) -> Result:
        """Do the work for whoever is signed in, on the committer. Raises NotSignedIn, NotOurs first."""

        def done() -> Result:
            visit = self._visit()
            with afterwards(self._taken):
                return work(visit)

        if self.refused is not None:
            # It takes no place in the line: who it is from, and why it is refused, is found out by a reader's thread.
            await run_in_threadpool(self._visit)
        return await self.committer.run(done)

    async def run_unsigned(self, work: Callable[[Visit], Result]) -> Result:
        """Do work that needs no session: signing in. Only our own pages may ask for it."""
        self._must_be_near()
        return await self.committer.run(lambda: work(anybody(self.request)))

    def _visit(self) -> Visit:
        visit = visiting(self.request)
        self._must_be_near()
        if not visit.house.sessions.is_csrf(visit.signed_in, self.one(CSRF)):
            raise NotOurs
        return visit

    def _must_be_near(self) -> None:
        """Raise unless the browser says that the form stood on a page of ours (Fetch Metadata, RFC 6454)."""
        if self.refused is not None:
            raise self.refused
        site = self.request.headers.get("sec-fetch-site")
        if site is not None and site not in {"same-origin", "none"}:
            raise NotOurs
        origin = self.request.headers.get("origin")
        if site is None and origin not in {None, *own_origins(self.request)}:
            raise NotOurs

    def step(self, asked: Asked) -> Outcome:
        """Take one step on the one road, and count it."""
        outcome = stepping.step(house_of(self.request), self.metrics, asked)
        self._taken.append(outcome)
        return outcome


def own_origins(request: Request) -> set[str]:
    """The origins that are ours: where people reach us, and where this request did."""
    return {house_of(request).settings.base_url, f"{request.url.scheme}://{request.headers.get('host', '')}"}


async def posted(request: Request) -> Posted:
    """Read a form, at most a mebibyte of it; what is wrong with it waits until its turn."""
    request.state.page = True
    fields, refused = await _read(request)
    state = request.app.state
    return Posted(request, fields, refused, state.committer, state.metrics)


async def _read(request: Request) -> tuple[tuple[tuple[str, str], ...], EngineError | None]:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST:
            return (), TooLarge()
        chunks.append(chunk)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        return (), WrongMediaType()
    try:
        pairs = parse_qsl(b"".join(chunks).decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return (), TooLarge()
    # A browser sends line ends as CRLF; what no database can keep is shown as the sign for it (Unicode 5.22).
    fields = tuple((name, value.replace("\r\n", "\n")) for name, value in pairs)
    return tuple((_writable(name), _writable(value)) for name, value in fields), None


def _writable(value: str) -> str:
    return (
        value if is_text(value) else "".join(sign if is_text(sign) else "\N{REPLACEMENT CHARACTER}" for sign in value)
    )


Posting = Annotated[Posted, Depends(posted)]
