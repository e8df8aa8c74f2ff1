"""The cookies of a service that people reach over HTTPS: kept from scripts, other sites, other hosts and open lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from engine.directory import Caller
from service.app import create_app
from service.pages.posting import FORM
from tests.service.office import INSTITUTION, Office

KEPT = ("Path=/", "Secure", "HttpOnly", "SameSite=lax")
"""RFC 6265bis sections 4.1.2 and 5.7; without `Domain` a cookie goes back to its own host alone."""


@pytest.fixture
def there(desk: Office) -> Iterator[Office]:
    """The office's service, reached over HTTPS."""
    settings = desk.house.settings.model_copy(update={"base_url": "https://fardplan.umu.se"})
    house = replace(desk.house, settings=settings)
    app = create_app(house)
    yield Office(house, app, desk.clock, desk.tokens, desk.ids)
    app.state.committer.close()


def send(there: Office, path: str, cookie: str = "", **fields: str) -> httpx.Response:
    headers = {"Content-Type": FORM, "Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Cookie": cookie}
    return there.send("POST", path, str(httpx.QueryParams(fields)).encode(), headers)


def held(answer: httpx.Response) -> dict[str, list[str]]:
    """The cookies an answer sets, each with what is said of it."""
    found = (line.split("; ") for line in answer.headers.get_list("set-cookie"))
    return {first.partition("=")[0]: rest for first, *rest in found}


def test_the_cookie_of_a_session_is_kept_to_this_host_and_to_encrypted_lines(there: Office) -> None:
    caller = Caller(INSTITUTION, there.ids["officer"])
    secret = there.house.sessions.mailed(caller, "/tasks", about="a letter", lasts=timedelta(days=1))
    cookies = held(send(there, f"/in/{secret}"))
    assert list(cookies) == ["__Host-fardplan"]
    assert set(cookies["__Host-fardplan"]) == set(KEPT)


def test_so_are_the_choices_that_a_browser_keeps(there: Office) -> None:
    secret = there.house.sessions.begin(Caller(INSTITUTION, there.ids["officer"]))
    visitor = there.house.sessions.visitor(secret)
    assert visitor is not None
    choices = {"csrf": visitor.csrf, "language": "en", "theme": "dark", "keys": "on"}
    cookies = held(send(there, "/account", f"__Host-fardplan={secret}", **choices))
    assert len(cookies) == 3
    assert [name for name, said in cookies.items() if not set(said) >= set(KEPT)] == []


def test_a_session_is_not_taken_from_a_cookie_that_another_host_could_have_set(there: Office) -> None:
    secret = there.house.sessions.begin(Caller(INSTITUTION, there.ids["officer"]))
    answers = [
        there.send("GET", "/account", None, {"Cookie": f"{name}={secret}", "Accept": "text/html"}).status_code
        for name in ("__Host-fardplan", "fardplan")
    ]
    assert answers == [200, 303]
