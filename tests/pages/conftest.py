"""What every test of the pages may ask for: the application served, and a browser that is watched.

One Chromium a worker; a fresh context and a fresh copy of the office for every test.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from engine.catalogue import Catalogue
from service.pages.visiting import LANGUAGE
from tests.browser import find, refuse
from tests.databases import Databases
from tests.pages.browsing import Opening
from tests.pages.entering import enter
from tests.pages.plain import Plain
from tests.pages.serving import Served, Template, crowded, serving
from tests.pages.watching import Watch
from tests.service import office as offices

PATIENCE = 60_000
"""Milliseconds after which what a test waits for does not come; a shared machine is slow by fits and starts."""


@pytest.fixture(scope="session")
def processes() -> Catalogue:
    """The real processes, loaded once."""
    return offices.catalogue()


@pytest.fixture(scope="session")
def template(databases: Databases, processes: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Template:
    """The crowded office that every test copies."""
    file = tmp_path_factory.mktemp("office") / "crowded.db"
    return Template.make(databases.sqlite(file), file, processes)


@pytest.fixture
def served(request: pytest.FixtureRequest, processes: Catalogue, tmp_path: Path) -> Iterator[Served]:
    """The application over an office of the test's own: on SQLite, or as `on_both_databases` asks."""
    if getattr(request, "param", "sqlite") == "sqlite":
        template: Template = request.getfixturevalue("template")
        url, office = template.copy(tmp_path / "pages.db"), template.office
    else:
        url = request.getfixturevalue("postgresql_url")
        office = crowded(url, processes)
    with serving(url, processes, office, mailbox=tmp_path / "mailbox") as made:
        yield made


@pytest.fixture
def plainly(served: Served) -> Iterator[Callable[..., Plain]]:
    """Sign somebody in at a browser without JavaScript: `plainly("reviewer", "en")`."""
    opened: list[Plain] = []

    def entered(who: str, language: str = "sv") -> Plain:
        opened.append(Plain.enter(served, who, language))
        return opened[-1]

    yield entered
    for each in opened:
        each.close()


class Lending:
    """Playwright takes the thread's event loop for as long as it runs; other tests want it back in between."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)

    @contextmanager
    def out(self) -> Iterator[None]:
        """Playwright may be called inside, and `asyncio.run` outside."""
        asyncio._set_running_loop(self.loop)
        try:
            yield
        finally:
            asyncio._set_running_loop(None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[tuple[Browser, Lending]]:
    with sync_playwright() as playwright:
        found = find(playwright.chromium)
        if found is None:
            refuse()
        browser = found.launch(playwright.chromium)
        expect.set_options(timeout=PATIENCE)
        lending = Lending()
        yield browser, lending
        with lending.out():
            browser.close()
        # The end of `sync_playwright` wants the loop as it left it.
        asyncio._set_running_loop(lending.loop)


@pytest.fixture
def browser(chromium: tuple[Browser, Lending]) -> Iterator[Browser]:
    """A real Chromium, started once; it never asks anybody but the loopback for anything."""
    program, lending = chromium
    with lending.out():
        yield program


@pytest.fixture
def watch(served: Served) -> Watch:
    """What the browser must not do; a test that provokes some of it says so by `provokes`."""
    return Watch(served.url)


@pytest.fixture
def page_as(browser: Browser, served: Served, watch: Watch) -> Iterator[Opening]:
    """Open a page of `served`, signed in as a role ("reviewer") or a person ("hist.reviewer").

    Paths are taken from the root: `page.goto("/tasks")`. Every page has a context of its own,
    so that two people can look at one case. The test fails if the browser complains.
    """
    contexts: list[BrowserContext] = []

    def page(
        who: str | None, *, language: str = "sv", dark: bool = False, javascript: bool = True,
        width: int = 1280,
    ) -> Page:  # fmt: skip
        context = browser.new_context(
            base_url=served.url,
            locale={"sv": "sv-SE", "en": "en-GB"}[language],
            color_scheme="dark" if dark else "light",
            java_script_enabled=javascript,
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            service_workers="block",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        watch.over(context)
        context.add_cookies([{"name": LANGUAGE, "value": language, "url": served.url}])
        if who is not None:
            enter(context, served, who)
        return context.new_page()

    yield page
    for context in contexts:
        context.close()
    watch.nothing_wrong()
