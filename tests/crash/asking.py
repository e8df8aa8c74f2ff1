"""Sends a request until it is answered, as a careful client does, and writes down when and what.

A request whose answer never came, or that was answered with 503, is sent again with the same
idempotency key: it counts as one call, from its first sending to its last answer.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

GRACE: Final = 90
"""Seconds for which a request is still sent again after the client was told to stop."""

PAUSE: Final = 0.1
"""Seconds between sendings; the service asks for more, but is to be pressed here."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call. Instants are nanoseconds of one clock that never goes back.

    `what` became of it: "wrote" (`version` is that of its event), "read" (that of the case),
    "stale" (somebody was faster than `expected`), "full" (no place left), "unknown" (it may or may not
    have happened).
    """

    case: str
    what: str
    began: int
    ended: int
    version: int | None = None
    expected: int | None = None
    trigger: str | None = None
    key: str | None = None


@dataclass
class Asker:
    """Asks the service at `base`. `faults` are answers that must never come, in words."""

    base: str
    stop: threading.Event
    calls: list[Call] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._http = httpx.Client(base_url=f"{self.base}/api/v1", timeout=20)

    def ask(self, request: dict[str, Any]) -> tuple[httpx.Response | None, int, int]:
        """The answer (None where none came for all the waiting), when the call began and when it ended."""
        began, ends = time.monotonic_ns(), None
        while True:
            answer = self._sent(request)
            if answer is not None and answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return answer, began, time.monotonic_ns()
            if self.stop.is_set():
                ends = ends or time.monotonic() + GRACE
                if time.monotonic() > ends:
                    self.faults.append(f"{request['url']}: never answered")
                    return None, began, time.monotonic_ns()
            time.sleep(PAUSE)

    def move(self, base: str) -> None:
        """Ask another service from now on; what is not answered yet is sent there again."""
        self.base, self._http.base_url = base, httpx.URL(f"{base}/api/v1")

    def _sent(self, request: dict[str, Any]) -> httpx.Response | None:
        try:
            answer = self._http.request(**request)
        except httpx.HTTPError:
            self.seen["no answer"] += 1
            return None
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            self.seen[f"503 {answer.json().get('code')}"] += 1
            if "Retry-After" not in answer.headers:
                self.faults.append(f"{request['url']}: 503 without Retry-After")
            if not answer.json().get("detail"):
                self.faults.append(f"{request['url']}: 503 without words")
        elif answer.status_code >= 500:
            self.faults.append(f"{request['url']}: {answer.status_code} {answer.text[:200]}")
        return answer

    def close(self) -> None:
        """Hang up."""
        self._http.close()
