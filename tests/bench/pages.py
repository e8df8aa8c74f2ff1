"""The staff pages at size: how long the service takes for a whole page, over the office of `tests.bench.reading`.

Each page is asked for as a browser does, with a session, through the whole application,
but without a network between. The case has two hundred events, taken on the one road.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from urllib.parse import quote

import httpx
from fastapi import FastAPI

from adapters.memory import MemoryChannel
from engine.cases import Cases
from engine.model import Comment, NewPerson, Open, Request
from engine.tokens import Caller
from service.app import create_app
from service.compose import House, build
from service.logging import configure
from service.settings import Environment, Settings
from tests.bench.filling import INSTITUTION

Question = Callable[[], object]

EVENTS = 200
HEAVIEST = 150_000
"""Bytes a page may weigh."""

CONTACT = "coordinator-D00-0"


def pages(office: Cases, stack: ExitStack) -> Iterable[tuple[str, Question]]:
    """The pages of the acceptance list, as an officer who sees everything and as a contact person."""
    url = office.store.url.render_as_string(hide_password=False)
    settings = Settings(database_url=url, institution=INSTITUTION, environment=Environment.TEST)
    house = build(settings, catalogue=office.catalogue, clock=office.clock, channel=MemoryChannel())
    stack.callback(house.close)
    configure("error")  # a line for each page asked for would hide the table
    app = create_app(house)
    stack.callback(app.state.committer.close)
    number = _long_case(house)
    loop = asyncio.new_event_loop()
    stack.callback(loop.close)
    return list(_asked(house, app, loop, number))


def _asked(house: House, app: FastAPI, loop: asyncio.AbstractEventLoop, number: str) -> Iterator[tuple[str, Question]]:
    # Common and rare, of all years and of one long ago.
    words = itertools.cycle(("björn", "Åsa Öberg", "wien statistik", "OUT-2026-0", "granada", "malmö 12", "2022"))
    processes = itertools.cycle(("outgoing_exchange", "incoming_nomination", "eligibility_review"))
    flows = itertools.cycle(("outgoing_exchange", "agreement"))
    states = itertools.cycle(("workflow=outgoing_exchange&state=abroad", "workflow=outgoing_exchange&state=completed"))
    for person, who in (("officer", "officer"), (CONTACT, "contact person")):
        browser = _Browser(house, app, loop, person)
        yield f"page tasks, {who}", partial(browser.get, itertools.repeat("/tasks"))
        yield f"page cases, {who}", partial(browser.get, itertools.repeat("/cases"))
        yield f"page cases by due date, {who}", partial(browser.get, itertools.repeat("/cases?open=open&sort=due"))
        yield f"page cases in a state, {who}", partial(browser.get, (f"/cases?{each}" for each in states))
        yield f"page cases of a process, {who}", partial(browser.get, (f"/cases?workflow={each}" for each in flows))
        yield f"page overview, {who}", partial(browser.get, (f"/overview/{each}" for each in processes))
        yield f"page search, {who}", partial(browser.get, (f"/cases?q={quote(each)}" for each in words))
        yield f"page case of {EVENTS} events, {who}", partial(browser.get, itertools.repeat(f"/cases/{number}"))
        yield f"page dashboards, {who}", partial(browser.get, itertools.repeat("/dashboards"))
        yield f"page agreements, {who}", partial(browser.get, itertools.repeat("/agreements"))


class _Browser:
    """Somebody signed in, who asks for pages."""

    def __init__(self, house: House, app: FastAPI, loop: asyncio.AbstractEventLoop, person: str) -> None:
        secret = house.sessions.begin(Caller(INSTITUTION, person))
        transport = httpx.ASGITransport(app)
        cookies = {house.settings.session_cookie: secret}
        self._client = httpx.AsyncClient(transport=transport, base_url="http://bench", cookies=cookies)
        self._loop = loop

    def get(self, paths: Iterator[str]) -> None:
        """Ask for the next page, which must be there and not too heavy."""
        path = next(paths)
        answer = self._loop.run_until_complete(self._client.get(path))
        if answer.status_code != 200 or len(answer.content) > HEAVIEST:
            raise AssertionError(f"{path}: {answer.status_code}, {len(answer.content)} bytes")


def _long_case(house: House) -> str:
    """A case with two hundred events; its number."""
    anna = NewPerson("Åsa Öberg", "asa.oberg@example.org", "sv")
    facts = {"course": "Statistik A"}
    opened = house.cases.step(Request(INSTITUTION, Open("eligibility_review", "D00", anna, facts), "officer"))
    for count in range(2, EVENTS + 1):
        text = f"Det {count}:e som sägs om ärendet, lagom långt för att likna något."
        house.cases.step(Request(INSTITUTION, Comment(text), "officer", case=opened.case_id))
    if opened.case is None:
        raise AssertionError("a new case is told of")
    return opened.case.number
