"""Two people have a case open: each sees the other, and that the case has moved on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import cast

import httpx
import pytest
from playwright.sync_api import Route, expect

from engine.auditing import Presence
from engine.canonical import micros
from engine.model import Comment, Request
from service.pages import live
from service.stopping import heard
from tests.pages.browsing import Opening, hold_time
from tests.pages.plain import Plain
from tests.pages.serving import Served
from tests.pages.watching import Watch

Said = tuple[str, dict[str, str]]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the database more often than people need."""
    monkeypatch.setattr(live, "ASKED_EVERY", 0.05)


@pytest.fixture
def reviewer(served: Served) -> Iterator[Plain]:
    entered = Plain.enter(served, "reviewer")
    yield entered
    entered.close()


def path(served: Served, version: int = 1) -> str:
    return f"/cases/{served.number('received')}/live?version={version}"


def case(served: Served) -> str:
    return served.office.cases["received"]


def stand_by(served: Served, who: str, *, ago: int = 0) -> None:
    """Have somebody open the case, some seconds ago."""
    at = micros(served.house.sessions.clock.now()) - ago * 1_000_000
    Presence(served.house.store).beat("umu.se", case(served), served.person(who), at=at)


def heard_by(
    client: httpx.Client, path_: str, *, until: Callable[[list[Said]], bool], seconds: float = 60
) -> list[Said]:
    """What the stream says, until enough was said or it ends."""
    said: list[Said] = []
    began = time.monotonic()
    with client.stream("GET", path_) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        kind = ""
        for line in answer.iter_lines():
            if line.startswith("event: "):
                kind = line.removeprefix("event: ")
            elif line.startswith("data: "):
                said.append((kind, json.loads(line.removeprefix("data: "))))
            if until(said) or time.monotonic() - began > seconds:
                break
    return said


@pytest.mark.usefixtures("quick")
def test_who_else_is_there_is_told_at_once(served: Served, reviewer: Plain) -> None:
    stand_by(served, "officer")
    said = heard_by(reviewer.client, path(served), until=bool)
    assert said[0][0] == "presence"
    assert "har också ärendet öppet." in said[0][1]["words"]


@pytest.mark.usefixtures("quick")
def test_a_case_that_has_moved_on_says_so(served: Served, reviewer: Plain) -> None:
    asked = Request("umu.se", Comment("Nytt"), served.person("officer"), case(served))
    served.house.cases.step(asked)
    said = heard_by(reviewer.client, path(served), until=lambda said: "changed" in dict(said))
    assert dict(said)["changed"]["href"] == f"/cases/{served.number('received')}"


@pytest.mark.usefixtures("quick")
def test_that_whom_the_page_names_has_gone_before_the_stream_came_is_told(served: Served, reviewer: Plain) -> None:
    stand_by(served, "officer")
    assert "har också ärendet öppet." in reviewer.go(f"/cases/{served.number('received')}").words
    Presence(served.house.store).leave("umu.se", case(served), served.person("officer"))
    assert heard_by(reviewer.client, path(served), until=bool) == [("presence", {"words": ""})]


def test_nobody_is_announced_who_has_gone(served: Served, reviewer: Plain) -> None:
    stand_by(served, "officer", ago=61)
    page = reviewer.go(f"/cases/{served.number('received')}")
    assert "har också ärendet öppet" not in page.words


def test_without_javascript_the_page_names_who_was_there_just_now(served: Served, reviewer: Plain) -> None:
    stand_by(served, "officer", ago=30)
    page = reviewer.go(f"/cases/{served.number('received')}")
    assert "har också ärendet öppet." in page.words


@pytest.mark.usefixtures("quick")
def test_whoever_goes_is_forgotten(served: Served, reviewer: Plain) -> None:
    stand_by(served, "officer")
    heard_by(reviewer.client, path(served), until=bool)

    until = time.monotonic() + 60
    while time.monotonic() < until and _there(served):
        time.sleep(0.05)
    assert not _there(served)


def _there(served: Served) -> bool:
    found = Presence(served.house.store).others("umu.se", case(served), served.person("officer"), since=0)
    return served.person("reviewer") in {each.person for each in found}


@dataclass
class Tab:
    """A stream of a case that somebody has open, and what became of their presence."""

    case: str = "the case"
    visit: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(person="somebody"))
    noted: list[str] = field(default_factory=list)
    on_leaving: Callable[[], object] = lambda: None

    def beat(self) -> None:
        self.noted.append("there")

    def leave(self) -> None:
        self.on_leaving()
        self.noted.append("gone")


def test_whoever_closes_one_of_two_tabs_is_still_there() -> None:
    tab, streams = Tab(), Counter[tuple[str, str]]()

    async def both() -> None:
        async with live.counted(cast("live.Watched", tab), streams):
            async with live.counted(cast("live.Watched", tab), streams):
                pass
            assert tab.noted == []

    asyncio.run(both())
    assert tab.noted == ["gone"]
    assert not streams


def test_whoever_comes_back_while_they_leave_is_still_there() -> None:
    streams = Counter[tuple[str, str]]()
    tab = Tab(on_leaving=lambda: streams.update([("somebody", "the case")]))

    async def one() -> None:
        async with live.counted(cast("live.Watched", tab), streams):
            pass

    asyncio.run(one())
    assert tab.noted == ["gone", "there"]


@pytest.mark.usefixtures("quick")
def test_a_stream_that_was_refused_is_asked_for_again(page_as: Opening, served: Served, watch: Watch) -> None:
    page = page_as("reviewer")
    hold_time(page)
    watch.provokes("502 to GET", "status of 502")
    asked: list[Route] = []

    def refused_once(route: Route) -> None:
        asked.append(route)
        route.fulfill(status=502, body="no") if len(asked) == 1 else route.continue_()

    page.route("**/live?*", refused_once)
    with page.expect_response("**/live?*"):
        page.goto(f"/cases/{served.number('received')}")
    stand_by(served, "officer")
    until = time.monotonic() + 60
    while len(asked) == 1 and time.monotonic() < until:
        page.clock.fast_forward(30_001)  # once the browser knows of the refusal
    expect(page.locator("#live-case")).to_contain_text("har också ärendet öppet.")


@pytest.mark.usefixtures("quick")
def test_a_stream_ends_with_the_session(served: Served, reviewer: Plain) -> None:
    def sign_out(_said: list[Said]) -> bool:
        session = served.house.sessions
        caller = session.visitor(reviewer.client.cookies["fardplan"])
        if caller is not None:
            session.end(caller.caller)
        return False

    began = time.monotonic()
    heard_by(reviewer.client, path(served), until=sign_out, seconds=90)
    assert time.monotonic() - began < 60


@pytest.mark.usefixtures("quick")
def test_a_stream_ends_after_a_while(served: Served, reviewer: Plain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "LASTS", 0.2)
    assert heard_by(reviewer.client, path(served), until=lambda _: False, seconds=90) == [("presence", {"words": ""})]


def test_it_is_for_those_who_may_read_the_case(served: Served) -> None:
    assert httpx.get(f"{served.url}{path(served)}", timeout=30).headers["location"].startswith("/sign-in")
    stranger = Plain.enter(served, "hist.reviewer")
    assert stranger.go(path(served)).status == 404
    stranger.close()


def test_other_requests_are_answered_meanwhile(served: Served, reviewer: Plain) -> None:
    with reviewer.client.stream("GET", path(served)) as answer:
        assert answer.status_code == 200
        assert httpx.get(f"{served.url}/livez", timeout=60).status_code == 200


@pytest.mark.usefixtures("quick")
def test_the_page_tells_it_as_it_happens(page_as: Opening, served: Served) -> None:
    page = page_as("reviewer")
    page.goto(f"/cases/{served.number('received')}")
    stand_by(served, "officer")
    expect(page.locator("#live-case")).to_contain_text("har också ärendet öppet.")
    expect(page.locator("#live")).to_contain_text("har också ärendet öppet.")

    served.house.cases.step(Request("umu.se", Comment("Nytt"), served.person("officer"), case(served)))
    page.get_by_role("link", name="Visa det som det nu är").click()
    page.get_by_text("Kommentar: Nytt").wait_for()


# Stopping.


def test_a_signal_is_heard_and_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[int] = []
    ends: list[float] = []
    monkeypatch.setattr("service.stopping.end_within", ends.append)  # it would end the tests
    before = signal.signal(signal.SIGTERM, lambda number, _frame: passed.append(number))

    async def stopped() -> bool:
        stopping = asyncio.Event()
        with heard(stopping, within=5):
            os.kill(os.getpid(), signal.SIGTERM)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), 60)
        return stopping.is_set()

    try:
        with asyncio.Runner() as runner:
            assert runner.run(stopped())
        assert (passed, ends) == ([signal.SIGTERM], [5])
        assert signal.getsignal(signal.SIGTERM) is not None
    finally:
        signal.signal(signal.SIGTERM, before)


def test_off_the_main_thread_nothing_is_heard_and_nothing_breaks() -> None:
    found: list[bool] = []

    async def quiet() -> None:
        stopping = asyncio.Event()
        with heard(stopping, within=5):
            found.append(stopping.is_set())

    thread = threading.Thread(target=lambda: asyncio.run(quiet()))
    thread.start()
    thread.join()
    assert found == [False]
