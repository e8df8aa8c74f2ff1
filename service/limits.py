"""How often what costs much may be asked for: a bucket of tokens for each who asks, in this process's memory.

A bucket holds what may be asked for in a minute and fills at that pace, so a short rush goes
through and a long one is held to it. Each process counts by itself: of four, one who is sent to
all of them may do four times as much. That is enough against what would slow everybody down;
links to sign in with are counted in the database besides (`engine.sessions`).
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from starlette.requests import Request
from starlette.types import Scope

from engine.errors import EngineError
from service.networks import network_of
from service.settings import Environment, Settings

MOST_KEPT: Final = 20_000
"""So many buckets are kept; then those that were asked for longest ago are forgotten, full as they are by then."""

_MINUTE: Final = 60.0
_SEARCHED: Final = re.compile(rb"(?:^|&)(?:q|%71)=[^&]")
_FILE: Final = (".csv", ".xlsx", ".zip", ".pdf", ".jsonl", "/rehearsal.json", "/verification")
_DOORS: Final = ("/sign-in", "/in/")


class TooManyRequests(EngineError):
    """Too many requests of this kind in a short time."""


class Kind(StrEnum):
    """What is counted apart."""

    API = "api"
    SEARCH = "search"
    EXPORT = "export"
    SIGN_IN = "sign_in"


class Limits:
    """Counts. `per_minute` says how many a minute of each kind; 0 or not named: as many as come.

    `cookie` is the name of the session's.
    """

    def __init__(
        self,
        per_minute: Mapping[Kind, int],
        *,
        cookie: str = "fardplan",
        stopwatch: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cookie = cookie
        self._per_minute = {kind: most for kind, most in per_minute.items() if most > 0}
        self._stopwatch = stopwatch
        self._buckets: OrderedDict[tuple[Kind, bytes], tuple[float, float]] = OrderedDict()

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """The limits that are set. In an installation for tests those that nobody has set are none."""
        named = {kind: f"{kind}_per_minute" for kind in Kind}
        counted = settings.environment is not Environment.TEST
        return cls(
            {kind: getattr(settings, n) for kind, n in named.items() if counted or n in settings.model_fields_set},
            cookie=settings.session_cookie,
        )

    def wait(self, scope: Scope) -> float:
        """Take a token for each kind the request is of; seconds until one is there where one is wanting, else 0.0."""
        counted = [kind for kind in _kinds(scope) if kind in self._per_minute]
        return max((self._taken(kind, self._who(kind, scope)) for kind in counted), default=0.0)

    def _who(self, kind: Kind, scope: Scope) -> bytes:
        """Whose bucket: the token's or session's, as a hash; at the door, or without either, the network address's."""
        if kind is not Kind.SIGN_IN:
            secret = self._secret(Request(scope))
            if secret:
                return hashlib.blake2b(secret.encode("utf-8", "surrogateescape"), digest_size=16).digest()
        return network_of(scope).encode("utf-8", "surrogateescape")

    def _secret(self, request: Request) -> str:
        """What lets the request in, and nothing else that it carries: else whoever adds to it is always new.

        Read as `service.auth` and `service.pages.visiting` read it.
        """
        if request.scope["path"].startswith("/api/"):
            return request.headers.get("authorization", "").partition(" ")[2].strip()
        return request.cookies.get(self._cookie, "")

    def _taken(self, kind: Kind, who: bytes) -> float:
        most, now = self._per_minute[kind], self._stopwatch()
        held, at = self._buckets.pop((kind, who), (float(most), now))
        held = min(float(most), held + (now - at) * most / _MINUTE)
        missing = max(0.0, 1.0 - held)
        self._buckets[kind, who] = (held if missing else held - 1.0, now)
        if len(self._buckets) > MOST_KEPT:
            self._buckets.popitem(last=False)
        return missing * _MINUTE / most


def _kinds(scope: Scope) -> Iterator[Kind]:
    """What a request is counted as; it may be several."""
    path: str = scope["path"]
    if scope["method"] == "POST":
        if path.startswith(_DOORS):
            yield Kind.SIGN_IN
    elif path.endswith(_FILE):
        yield Kind.EXPORT
    elif _SEARCHED.search(scope["query_string"]):
        yield Kind.SEARCH
    if path.startswith("/api/"):
        yield Kind.API
