"""A token issued for reading: every way to change something is shut to it, and every way to read is open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest
from fastapi.routing import APIRoute

from engine.errors import BadFields
from service.routes import ROUTERS
from tests.service.office import INSTITUTION, MONDAY, Office

OPEN: Final = {"/livez", "/readyz", "/metrics"}


def routes(*, reading: bool) -> Iterator[tuple[str, str]]:
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.path not in OPEN:
                yield from ((method, route.path) for method in route.methods or () if (method == "GET") is reading)


@pytest.fixture
def reader(desk: Office) -> str:
    """The name of an administrator and officer who came with a token for reading."""
    with desk.house.directory.change(INSTITUTION, by="installation", what="roles") as change:
        change.member(desk.ids["admin"], "officer", INSTITUTION)
    desk.tokens["reader"] = desk.house.directory.issue_token(INSTITUTION, desk.ids["admin"], reads_only=True)
    return "reader"


def at(path: str, case: str) -> str:
    return re.sub(r"\{[^}]*\}", case, path.removeprefix("/api/v1"))


def test_it_changes_nothing_by_any_route(desk: Office, reader: str) -> None:
    case = desk.review()["id"]
    before, asked = desk.tables(), list(routes(reading=False))
    for method, path in asked:
        answer = desk.ask(reader, method, at(path, case), {"text": "Hej", "trigger": "withdraw"}, if_match='"1"')
        assert (answer.status_code, answer.json()["code"]) == (403, "token_reads_only"), path
    assert len(asked) >= 10
    assert desk.tables() == before


def test_every_route_that_changes_something_says_that_it_may_be_refused(desk: Office) -> None:
    described = desk.send("GET", "/openapi.json").json()["paths"]
    told = {path: described[path][method.lower()]["responses"] for method, path in routes(reading=False)}
    assert [path for path, responses in told.items() if "403" not in responses] == []


def test_it_reads_by_every_route_what_its_person_reads(desk: Office, reader: str) -> None:
    case = desk.review()["id"]
    for _, path in routes(reading=True):
        mine, persons = (desk.get(who, at(path, case)).status_code for who in (reader, "admin"))
        assert mine == persons != 403, path


def test_a_token_ends_by_itself_and_no_token_is_good_for_longer_than_the_installation_says(desk: Office) -> None:
    directory, person = desk.house.directory, desk.ids["officer"]
    day = MONDAY.date()
    kept = directory.tokens(INSTITUTION, person)[0]
    assert kept.expires_at == (MONDAY.replace(hour=23) + timedelta(days=90)).timestamp() * 1_000_000 - 3_600_000_000
    directory.issue_token(INSTITUTION, person, expires_on=day + timedelta(days=366))
    with pytest.raises(BadFields, match="give 2028-01-12 at the latest"):
        directory.issue_token(INSTITUTION, person, expires_on=day + timedelta(days=367))
    desk.clock.at = MONDAY + timedelta(days=91)
    assert desk.get("officer", "/me").status_code == 401
