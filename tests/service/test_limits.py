"""Limits: a minute's worth at once, then at its pace; each who asks, and each kind, by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from engine.catalogue import Catalogue
from service import limits
from service.app import create_app
from service.compose import build
from service.limits import Kind, Limits
from service.settings import Environment, Settings
from tests.service.office import INSTITUTION, Office, Still

OLD, NEW = b"Bearer old", b"Bearer new"


@dataclass
class Watch:
    """A stopwatch that stands where it is put."""

    at: float = 0.0

    def __call__(self) -> float:
        return self.at


def asked(path: str, *, token: bytes = OLD, method: str = "GET", address: str = "192.0.2.1") -> dict[str, Any]:
    """What a server tells of a request."""
    name, _, query = path.partition("?")
    headers = [(b"authorization", token)] if token else []
    return {
        "type": "http", "method": method, "path": name, "query_string": query.encode(), "headers": headers,
        "client": (address, 1),
    }  # fmt: skip


SEARCH = asked("/api/v1/cases?q=anna")


def test_a_minutes_worth_goes_through_at_once_and_the_next_waits_for_its_turn() -> None:
    watch = Watch()
    found = Limits({Kind.SEARCH: 6}, stopwatch=watch)
    assert [found.wait(SEARCH) for _ in range(8)] == [0.0] * 6 + [10.0] * 2
    watch.at = 9.0
    assert found.wait(SEARCH) == pytest.approx(1.0)
    watch.at = 10.0
    assert [found.wait(SEARCH), found.wait(SEARCH)] == pytest.approx([0.0, 10.0])
    watch.at = 10_000.0
    assert [found.wait(SEARCH) for _ in range(7)] == [0.0] * 6 + [10.0]


@pytest.mark.parametrize(
    "other",
    [
        asked("/api/v1/cases?q=anna", token=NEW),
        asked("/api/v1/cases?q=anna", token=b""),
        asked("/api/v1/cases"),
        asked("/api/v1/cases?q="),
        asked("/cases.csv?q=anna"),
        asked("/api/v1/cases?q=x", method="POST"),
    ],
    ids=["another token", "nobody", "no words", "empty words", "a file", "a change"],
)
def test_what_is_another_s_or_something_else_is_not_held_up(other: dict[str, Any]) -> None:
    found = Limits({Kind.SEARCH: 1, Kind.EXPORT: 1}, stopwatch=Watch())
    assert (found.wait(SEARCH), found.wait(SEARCH), found.wait(other)) == (0.0, 60.0, 0.0)


def test_at_the_door_the_network_address_counts_whatever_else_is_sent() -> None:
    found = Limits({Kind.SIGN_IN: 1}, stopwatch=Watch())
    cookies = ({"headers": [(b"cookie", b"fardplan=%d" % number)]} for number in range(2))
    first, same = (asked("/sign-in", method="POST") | each for each in cookies)
    link, elsewhere = asked("/in/secret", method="POST"), asked("/sign-in", method="POST", address="192.0.2.2")
    assert [found.wait(each) for each in (first, same, link, elsewhere)] == [0.0, 60.0, 60.0, 0.0]


def test_a_session_counts_by_its_cookie_among_others() -> None:
    found = Limits({Kind.SEARCH: 1}, stopwatch=Watch())

    def page(cookie: bytes) -> float:
        return found.wait(asked("/cases?q=x", token=b"") | {"headers": [(b"cookie", cookie)]})

    assert [page(b"fardplan_theme=dark; fardplan=a"), page(b"__Host-fardplan=b")] == [0.0, 0.0]
    assert [page(b"fardplan=a; fardplan_language=sv"), page(b"fardplan=c")] == [60.0, 0.0]


def test_no_more_buckets_are_kept_than_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MOST_KEPT", 3)
    found = Limits({Kind.API: 1}, stopwatch=Watch())
    for number in range(10):
        found.wait(asked("/api/v1/me", token=b"Bearer %d" % number))
    assert len(found._buckets) == 3


def test_only_tests_have_no_limits_unless_they_set_them() -> None:
    def held(**given: Any) -> list[Kind]:
        found = Limits.of(Settings(_env_file=None, **given))
        return sorted(found._per_minute)

    assert held() == ["export", "search", "sign_in"]
    assert held(api_per_minute=9, export_per_minute=0) == ["api", "search", "sign_in"]
    assert held(environment=Environment.TEST) == []
    assert held(environment=Environment.TEST, search_per_minute=9) == ["search"]


@contextmanager
def limited(url: str, processes: Catalogue, **settings: Any) -> Iterator[FastAPI]:
    """The application of an empty house with limits."""
    chosen = Settings(database_url=url, institution=INSTITUTION, environment=Environment.TEST, **settings)
    house = build(chosen, catalogue=processes, clock=Still())
    app = create_app(house)
    try:
        yield app
    finally:
        app.state.committer.close()
        house.close()


def ask(app: FastAPI, path: str, **headers: str) -> httpx.Response:
    return Office(app.state.house, app, Still()).send("GET", path, None, headers)


def test_over_http_it_is_a_problem_that_says_how_long_to_wait(sqlite_url: str, processes: Catalogue) -> None:
    with limited(sqlite_url, processes, api_per_minute=2) as app:
        statuses = [ask(app, "/api/v1/me").status_code for _ in range(2)]
        answer = ask(app, "/api/v1/me", **{"Accept-Language": "sv"})
        assert (statuses, answer.status_code) == ([401, 401], 429)
        assert 0 < int(answer.headers["Retry-After"]) <= 30
        assert answer.headers["Content-Type"] == "application/problem+json"
        problem = answer.json()
        assert (problem["code"], problem["title"]) == ("too_many_requests", "För många gånger på kort tid")
        assert 'fardplan_refusals_total{code="too_many_requests"} 1.0' in ask(app, "/metrics").text


def test_somebody_at_a_browser_is_told_in_words(sqlite_url: str, processes: Catalogue) -> None:
    with limited(sqlite_url, processes, search_per_minute=1) as app:
        ask(app, "/cases?q=x", Accept="text/html")
        answer = ask(app, "/cases?q=x", Accept="text/html", **{"Accept-Language": "sv"})
        assert (answer.status_code, 0 < int(answer.headers["Retry-After"]) <= 60) == (429, True)
        assert f"Du kan försöka igen om {answer.headers['Retry-After']} s" in answer.text
        assert "inte säkert" not in answer.text
