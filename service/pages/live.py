"""What happens to a case while somebody has it open, as server-sent events.

Source: HTML Living Standard, 9.2 Server-sent events. The database is asked on a thread, so
that the event loop goes on; a stream ends by itself after a while and the browser opens a
new one, so that none outlives a session or a balance of load.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Annotated, Any, Final

import anyio
from anyio import to_thread
from fastapi import APIRouter, Depends
from fastapi.sse import EventSourceResponse, ServerSentEvent

from engine.auditing import Presence
from engine.canonical import micros
from engine.errors import Busy
from engine.looking import STAYS, version_now
from service.pages.case_view import present_words
from service.pages.cases import sequence_of
from service.pages.finding import case_numbered
from service.pages.visiting import Visit, Visiting

router = APIRouter(include_in_schema=False)

ASKED_EVERY: Final = 5.0
"""Seconds between two looks at the database."""

BEATS_EVERY: Final = 15.0
"""Seconds between two signs of life; three may be missed before somebody counts as gone."""

LASTS: Final = 10 * 60.0
"""Seconds after which a stream ends; the browser opens the next by itself."""

FORGOTTEN_AFTER: Final = 3_600_000_000
"""Microseconds after which a sign of life is of no use to anybody."""

RETRY: Final = 2_000
"""Milliseconds after which a browser opens the next stream."""

MOST_AT_ONCE: Final = 30
"""Streams one person may have open at one process; each asks the database again and again."""

RETRY_WHEN_FULL: Final = 600_000
"""Milliseconds after which a browser asks again where there were too many."""


@dataclass(frozen=True)
class Watched:
    """A case that somebody has open in a version."""

    visit: Visit
    case: str
    number: str
    version: int

    @property
    def _presence(self) -> Presence:
        return Presence(self.visit.house.store)

    def _wall(self) -> int:
        return micros(self.visit.house.sessions.clock.now())

    def beat(self) -> None:
        """Give a sign of life; where the database is busy, the next one will do."""
        with suppress(Busy):
            self._presence.beat(self.visit.institution, self.case, self.visit.person, at=self._wall())

    def leave(self) -> None:
        """Say that the page was closed; forget those, too, who never said so."""
        with suppress(Busy):
            self._presence.leave(self.visit.institution, self.case, self.visit.person)
            self._presence.forget(before=self._wall() - FORGOTTEN_AFTER)

    def look(self) -> dict[str, dict[str, Any]] | None:
        """What there is to say, by kind of event; None once the session or the right to read has ended."""
        visit, house = self.visit, self.visit.house
        secret = visit.request.cookies.get(house.settings.session_cookie, "")
        organisation, now = house.directory.organisation(visit.institution), micros(house.clock.now())
        version = version_now(house.store, organisation, visit.person, self.case, now=now)
        if version is None or house.sessions.visitor(secret) is None:
            return None
        others = self._presence.others(visit.institution, self.case, visit.person, since=self._wall() - STAYS)
        names = [each.name or "–" for each in others]
        return {"presence": {"words": present_words(visit, names)}, "changed": self._changed(version)}

    def _changed(self, version: int) -> dict[str, Any]:
        if version <= self.version:
            return {"words": ""}
        say = self.visit.say
        return {
            "words": say("Ärendet har ändrats sedan du öppnade det.", "The case has changed since you opened it."),
            "link": say("Visa det som det nu är", "Show it as it now is"),
            "href": f"/cases/{self.number}",
        }


def watched(visit: Visiting, number: str, version: str = "") -> Watched:
    """The case, if the reader may see it: judged before the stream begins. Raises CaseNotFound."""
    return Watched(visit, case_numbered(visit, number), number, sequence_of(version) or 0)


@router.get("/cases/{number}/live", response_class=EventSourceResponse)
async def live(watching: Annotated[Watched, Depends(watched)]) -> AsyncIterator[ServerSentEvent]:
    """Say who else has the case open, and that it has changed, as soon as either is so."""
    state, person = watching.visit.request.app.state, watching.visit.person
    if sum(count for (whose, _), count in state.streams.items() if whose == person) >= MOST_AT_ONCE:
        yield ServerSentEvent(comment="full", retry=RETRY_WHEN_FULL)
        return
    stopping: asyncio.Event = getattr(state, "stopping", None) or asyncio.Event()
    async with counted(watching, state.streams), aclosing(_told(watching, stopping)) as events:
        async for event in events:
            yield event


@asynccontextmanager
async def counted(watching: Watched, streams: Counter[tuple[str, str]]) -> AsyncIterator[None]:
    """Count this stream among those of the reader and the case; with the last of them the reader leaves."""
    here = (watching.visit.person, watching.case)
    streams[here] += 1
    try:
        yield
    finally:
        streams[here] -= 1
        if not streams[here]:
            del streams[here]
            # The reader is gone, and so is the right to wait for anything.
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(watching.leave)
                if here in streams:  # and came back meanwhile: the page was asked for anew
                    await to_thread.run_sync(watching.beat)


async def _told(watching: Watched, stopping: asyncio.Event) -> AsyncGenerator[ServerSentEvent]:
    """The events of one stream, until it has lasted long enough or the reader may read no more."""
    # That nobody else is there is said at the beginning too: whom the page names may have gone before the stream came.
    said: dict[str, dict[str, Any]] = {"changed": {"words": ""}}
    began, beaten = time.monotonic(), 0.0
    yield ServerSentEvent(comment="open", retry=RETRY)
    while not stopping.is_set():
        if time.monotonic() - beaten >= BEATS_EVERY or not beaten:
            await to_thread.run_sync(watching.beat)
            beaten = time.monotonic()
        seen = await to_thread.run_sync(watching.look)
        if seen is None:
            return
        for kind, words in seen.items():
            if said.get(kind) != words:
                yield ServerSentEvent(event=kind, data=words)
            said[kind] = words
        if time.monotonic() - began >= LASTS:
            return
        with anyio.move_on_after(ASKED_EVERY):
            await stopping.wait()
