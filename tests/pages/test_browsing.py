"""The helpers see what they are there to see: each is shown a page with the fault, and one without."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from service.pages.guarding import POLICY
from tests.pages.browsing import axe, counted, no_sideways_scroll, tab_to
from tests.pages.serving import answering, listening
from tests.pages.watching import Watch

SOUND = "<h1>Mina uppgifter</h1><p>Ingenting väntar.</p>"
FORM = """
<h1>Beslut</h1>
<p><a href="/sound">Tillbaka</a></p>
<form method="post" action="/sound"><label for="why">Skäl</label> <input id="why" name="why">
<label><input type="checkbox" name="sure"> Säker</label> <button>Besluta</button></form>
"""
BROKEN = {
    "/inline": "<h1>A</h1><script>document.title = 'B'</script>",
    "/styled": "<h1 style='color: red'>A</h1>",
    "/elsewhere": "<h1>A</h1><img alt='' src='http://elsewhere.example/a.png'>",
    "/missing": "<h1>A</h1><link rel='stylesheet' href='/nowhere.css'>",
}


def page_of(request: Request) -> Response:
    body = {"/sound": SOUND, "/form": FORM, **BROKEN}.get(request.url.path, "<h1>Nej</h1>")
    status = 404 if "nowhere" in request.url.path else 500 if request.url.path == "/failed" else 200
    language = "" if request.url.path == "/mute" else ' lang="sv"'
    whole = f"<!doctype html><html{language}><head><title>Sida</title></head><body><main>{body}</main></body></html>"
    return HTMLResponse(whole, status, {"Content-Security-Policy": POLICY})


@pytest.fixture(scope="module")
def small() -> Iterator[str]:
    """Some small pages under the policy of the real ones; their address."""
    app = Starlette(routes=[Route("/{path:path}", page_of, methods=["GET", "POST"])])
    with listening() as (listener, url), answering(app, listener):
        yield url


@pytest.fixture
def seen(small: str) -> Watch:
    return Watch(small)


@pytest.fixture
def page(browser: Browser, small: str, seen: Watch) -> Iterator[Page]:
    context = browser.new_context(base_url=small)
    seen.over(context)
    yield context.new_page()
    context.close()


def test_a_sound_page_gives_nothing_to_complain_about(page: Page, seen: Watch) -> None:
    page.goto("/sound")
    page.goto("/nowhere")

    seen.nothing_wrong()
    assert axe(page) == []
    assert [url.rpartition("/")[2] for url in seen.visited] == ["sound", "nowhere"]


@pytest.mark.parametrize(
    ("path", "complaint"),
    [
        ("/inline", "CSP: script-src-elem forbids inline"),
        ("/styled", "CSP: style-src-attr forbids inline"),
        ("/elsewhere", "asked another server: GET http://elsewhere.example/a.png"),
        ("/missing", "404 to GET"),
        ("/failed", "500 to GET"),
    ],
)
def test_what_a_page_must_not_do_is_seen(page: Page, seen: Watch, path: str, complaint: str) -> None:
    page.goto(path)
    until_told(page, seen, complaint)

    with pytest.raises(AssertionError, match=complaint):
        seen.nothing_wrong()


def test_what_a_test_brings_about_itself_is_no_complaint_and_all_else_is(page: Page, seen: Watch) -> None:
    seen.provokes("500 to GET", "status of 500")
    page.goto("/failed")
    until_told(page, seen, "status of 500")
    seen.nothing_wrong()
    page.goto("/missing")
    until_told(page, seen, "404 to GET")

    with pytest.raises(AssertionError, match=r"\Athe browser complained:\n404 to GET \S+ \(\w+\)\Z"):
        seen.nothing_wrong()


def until_told(page: Page, seen: Watch, complaint: str) -> None:
    """Let the browser go on until it has told of it, a minute at most."""
    until = time.monotonic() + 60
    while not any(complaint in fault for fault in seen.faults) and time.monotonic() < until:
        page.wait_for_timeout(50)


def test_an_uncaught_error_is_seen(page: Page, seen: Watch) -> None:
    page.goto("/sound")
    page.evaluate("void setTimeout(() => { throw new Error('oj') })")
    until_told(page, seen, "uncaught: oj")

    with pytest.raises(AssertionError, match="uncaught: oj"):
        seen.nothing_wrong()


def test_axe_names_rule_place_and_reason(page: Page) -> None:
    page.goto("/mute")

    (found,) = axe(page)
    assert found.startswith("html-has-lang (serious): html: The <html> element does not have a lang attribute")


def test_a_page_that_is_too_wide_names_what_sticks_out(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 600})
    page.goto("/form")
    no_sideways_scroll(page)

    page.evaluate("document.querySelector('h1').style.width = '400px'")
    with pytest.raises(AssertionError, match=r"wide in a window of 320 px; out stick\n<h1"):
        no_sideways_scroll(page)


def test_the_keyboard_comes_to_a_name_or_an_element_past_every_stop(page: Page) -> None:
    page.goto("/form")

    assert tab_to(page, "Säker") == ["a Tillbaka", "input Skäl", "input Säker"]
    assert tab_to(page, page.get_by_role("link"), key="Shift+Tab") == ["input Skäl", "a Tillbaka"]
    with pytest.raises(AssertionError, match="5 times Tab never came to Avslå"):
        tab_to(page, "Avslå", limit=5)


def test_a_focus_that_nobody_sees_is_a_fault(page: Page) -> None:
    page.goto("/form")
    page.evaluate("document.querySelector('#why').style.outline = 'none'")

    with pytest.raises(AssertionError, match="nothing shows that input Skäl has the focus"):
        tab_to(page, "Besluta")


def test_actions_are_counted_over_several_pages(browser: Browser, small: str) -> None:
    context = browser.new_context(base_url=small)
    with counted(context) as actions:
        page = context.new_page()
        page.goto("/form")
        page.get_by_label("Skäl").fill("Räcker inte")
        page.get_by_label("Säker").check()
        page.get_by_role("button").press("Enter")
        page.goto("/form")
        page.get_by_role("link").click()
    context.close()

    assert (actions.clicks, actions.fields, actions.keys) == (["", "Tillbaka"], ["why", "sure"], ["Enter"])


@pytest.mark.usefixtures("chromium")
def test_another_test_has_the_event_loop_back_while_the_browser_stands() -> None:
    assert asyncio.run(asyncio.sleep(0, "mine")) == "mine"
