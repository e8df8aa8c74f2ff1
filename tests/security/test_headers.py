"""The headers of every answer there is: of each route of the API and the pages, good and bad, and of our own faults."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest
from fastapi.routing import APIRoute

from engine.directory import Caller, Directory
from service.app import create_app
from service.pages.guarding import DATA_POLICY, POLICY
from service.pages.rendering import asset
from service.pages.routes import PAGES
from service.routes import ROUTERS
from tests.service.office import INSTITUTION, Office

ALWAYS: Final = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-permitted-cross-domain-policies": "none",
    "permissions-policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
WRITTEN_IN: Final = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>|<[a-z][^>]*\s(?:style|on[a-z]+)=|<style", re.IGNORECASE)
"""What the policy would not let run, or show."""


def routes() -> Iterator[tuple[str, str]]:
    """Every method and address of the service, braces and all."""
    for router in (*ROUTERS, *PAGES):
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield from ((method, route.path) for method in sorted(route.methods or ()))


def filled(path: str, known: dict[str, str]) -> str:
    return re.sub(r"\{([^}:]*)(?::path)?\}", lambda found: known.get(found[1], "x"), path)


def policy(answer: httpx.Response) -> str:
    """What a browser is to let through: for a drawing with a style of its own just that style, by its hash."""
    kind = answer.headers.get("content-type", "")
    style = re.search("<style>(.*?)</style>", answer.text, re.DOTALL) if kind.startswith("image/svg") else None
    if style is not None:
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        return f"{DATA_POLICY}; style-src 'sha256-{digest}'"
    return POLICY if kind.startswith(("text/html", "image/svg")) else DATA_POLICY


def faults(path: str, answer: httpx.Response) -> list[str]:
    """What is wrong with the headers of an answer, and with a page that its own policy would stop."""
    headers, found = answer.headers, []
    found += [name for name, value in ALWAYS.items() if headers.get(name) != value]
    if headers.get("content-security-policy") != policy(answer):
        found.append("content-security-policy")
    kept = headers.get("cache-control", "")
    if not (path.startswith("/static/") and answer.status_code == 200) and kept != "no-store":
        found.append(f"cache-control: {kept}")
    if "server" in headers or "x-powered-by" in headers:
        found.append("names the server")
    # A drawing by itself holds its style, known by its hash; it holds nothing that runs.
    if headers.get("content-type", "").startswith("text/html") and WRITTEN_IN.search(answer.text):
        found.append("something is written into the page")
    return found


@pytest.fixture
def known(desk: Office) -> dict[str, str]:
    """What stands in the braces, so that some of what is asked for is there."""
    case = desk.review()
    return {
        "case": case["id"], "number": case["number"], "name": "eligibility_review", "workflow": "eligibility_review",
        "version": "1", "state": "requested", "person": desk.ids["reviewer"], "code": "STAT", "trigger": "take",
        "language": "sv", "report": "deviations", "size": "1",
    }  # fmt: skip


def test_every_answer_has_its_headers_whoever_asks_for_whatever(desk: Office, known: dict[str, str]) -> None:
    cookie = f"{desk.house.settings.session_cookie}={desk.house.sessions.begin(Caller(INSTITUTION, desk.ids['admin']))}"
    signed = {"Authorization": f"Bearer {desk.tokens['officer']}", "Cookie": cookie, "Accept": "text/html"}
    wrong, met = {}, set()
    for method, path in routes():
        for headers in (signed, {}):
            answer = desk.send(method, filled(path, known), None, headers)
            met.add(answer.status_code)
            if found := faults(path, answer):
                wrong[method, path, answer.status_code] = found
    assert wrong == {}
    assert met >= {200, 303, 401, 403, 404, 415, 422}


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/nowhere", None, 404), ("DELETE", "/api/v1/cases", None, 405), ("GET", "/static/x/y.js", None, 404),
        ("POST", "/api/v1/cases", b"x" * (1024 * 1024 + 1), 413), ("GET", "/api/v1/../../etc/passwd", None, 404),
    ],
)  # fmt: skip
def test_what_is_refused_before_any_route_has_them_too(
    desk: Office, method: str, path: str, content: bytes | None, status: int
) -> None:
    headers = {"Authorization": f"Bearer {desk.tokens['officer']}"}
    answer = desk.send(method, path, content, headers)
    assert (answer.status_code, faults(path, answer)) == (status, [])


@pytest.mark.parametrize("path", ["/api/v1/me", "/tasks"])
def test_a_fault_of_ours_has_them_too(desk: Office, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Directory, "authenticate", fail)
    monkeypatch.setattr(type(desk.house.sessions), "visitor", fail)
    headers = {"Authorization": "Bearer fp_x", "Cookie": "fardplan=x", "Accept": "text/html"}
    answer = desk.send("GET", path, None, headers)
    assert (answer.status_code, faults(path, answer)) == (500, [])


def test_what_never_changes_may_be_kept_and_nothing_else(desk: Office) -> None:
    answer = desk.send("GET", asset("app.js"))
    assert (answer.status_code, faults("/static/", answer)) == (200, [])
    assert "immutable" in answer.headers["cache-control"]


def test_the_policy_lets_nothing_run_that_stands_in_a_page() -> None:
    for policy in (POLICY, DATA_POLICY):
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert not re.search(r"unsafe|\*|https?:|blob:|strict-dynamic", policy)


def test_behind_https_browsers_are_told_to_stay_there_and_the_cookie_is_bound_to_the_host(desk: Office) -> None:
    settings = desk.house.settings.model_copy(update={"base_url": "https://fardplan.umu.se"})
    house = replace(desk.house, settings=settings)
    there = Office(house, create_app(house), desk.clock, desk.tokens, desk.ids)
    for path in ("/livez", "/sign-in", "/nowhere"):
        assert there.send("GET", path).headers["strict-transport-security"] == "max-age=31536000"
    assert house.settings.session_cookie == "__Host-fardplan"
    assert "strict-transport-security" not in desk.send("GET", "/livez").headers
    there.app.state.committer.close()
