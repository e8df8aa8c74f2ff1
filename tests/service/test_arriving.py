"""The pages come after the port listens: who asks for one waits for them, who asks for none does not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.routing import APIRoute

from service.app import create_app
from service.pages.arriving import NO_PAGE, Pages
from service.pages.routes import PAGES
from service.routes import ROUTERS
from tests.service.office import Office

HTML = {"Accept": "text/html"}


def pages_of(office: Office) -> Pages:
    pages: Pages = office.app.state.pages
    return pages


def routers_in(office: Office) -> list[object]:
    """What the application answers with, in the order it looks, without FastAPI's own route of its description."""
    return [each.original_router for each in office.app.routes if hasattr(each, "original_router")]


def declared() -> Iterator[APIRoute]:
    for router in PAGES:
        yield from (route for route in router.routes if isinstance(route, APIRoute))


def test_the_api_does_not_wait_for_the_pages(desk: Office) -> None:
    answers = [desk.send("GET", path) for path in ("/livez", "/readyz", "/metrics", "/openapi.json")]

    assert {answer.status_code for answer in [*answers, desk.get("officer", "/cases")]} == {200}
    assert desk.get("officer", "/nothing").status_code == 404
    assert not pages_of(desk).here


@pytest.mark.parametrize(("path", "status"), [("/sign-in", 200), ("/favicon.ico", 200), ("/nothing", 404)])
def test_whoever_asks_for_a_page_first_gets_it(desk: Office, path: str, status: int) -> None:
    answer = desk.send("GET", path, headers=HTML)

    assert (answer.status_code, pages_of(desk).here) == (status, True)
    assert not answer.headers["content-type"].startswith("application/")


def test_many_who_ask_at_once_bring_them_once_and_in_order(desk: Office) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: pages_of(desk).bring(), range(8)))

    assert routers_in(desk) == [*ROUTERS, *PAGES]


def test_a_served_application_brings_them_by_itself(desk: Office) -> None:
    told: list[bool] = []
    pages_of(desk).then = lambda: told.append(pages_of(desk).here)

    async def served() -> None:
        async with desk.app.router.lifespan_context(desk.app):
            pass

    asyncio.run(served())

    assert (pages_of(desk).here, told) == (True, [True])


def test_the_description_is_the_same_before_and_after(desk: Office) -> None:
    before = desk.send("GET", "/openapi.json").text
    later = create_app(desk.house)
    later.state.pages.bring()
    after = Office(desk.house, later, desk.clock).send("GET", "/openapi.json").text
    later.state.committer.close()

    assert before == after


def test_no_page_stands_where_nobody_waits_for_pages() -> None:
    assert [route.path for route in declared() if route.path.startswith(NO_PAGE) or route.include_in_schema] == []


def test_pages_that_cannot_be_read_in_are_told_of_and_tried_again(
    desk: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def began() -> None:
        async with pages_of(desk).coming():
            pass

    monkeypatch.setattr("service.pages.routes.PAGES", None)
    with caplog.at_level(logging.ERROR):
        asyncio.run(began())
    monkeypatch.undo()

    assert [record.message for record in caplog.records] == ["no_pages"]
    assert desk.send("GET", "/sign-in", headers=HTML).status_code == 200
