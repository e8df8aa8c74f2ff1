"""What somebody with ill intent might ask of the pages: nobody sees or changes what is not theirs, or is led away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

import httpx
import pytest

from engine.tokens import Caller
from service.pages import live
from service.pages.visiting import local
from tests.pages.attacking import (
    FILLED,
    NOTED,
    SENT,
    UNSIGNED,
    addresses,
    filled,
    raw,
    sent_by,
    signed_in,
    tables,
)
from tests.pages.serving import Served
from tests.pages.test_signing_in import browser, csrf, enter

OPEN: Final = {
    "/sign-in", "/help", "/help/{workflow}/{state}", "/glossary", "/accessibility", "/favicon.ico",
    "/static/{mark}/{name:path}", "/in/{secret}", "/language/{language}", "/feeds/{secret}.ics", "/",
}  # fmt: skip
"""What answers to somebody who is not signed in."""


@pytest.fixture
def reviewer(served: Served) -> Iterator[httpx.Client]:
    with signed_in(served, "reviewer") as client:
        yield client


# The door.


def test_nobody_gets_past_the_door(served: Served) -> None:
    before = tables(served)
    with browser(served) as client:
        for path in set(addresses("GET")) - OPEN:
            answer = client.get(filled(served, path))
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), path
        for path in set(addresses("POST")) - UNSIGNED:
            answer = client.post(filled(served, path), data=SENT)
            assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, "/sign-in"), path
    assert tables(served) == before


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_no_other_method_does_anything(served: Served, reviewer: httpx.Client, method: str) -> None:
    before = tables(served)
    for path in {*addresses("GET"), *addresses("POST")}:
        assert reviewer.request(method, filled(served, path)).status_code == 405, path
    assert tables(served) == before


def test_what_is_sent_by_a_form_is_not_done_by_a_link(served: Served, reviewer: httpx.Client) -> None:
    before = tables(served)
    for path in set(addresses("POST")) - set(addresses("GET")):
        answer = reviewer.get(filled(served, path), params=SENT)
        assert answer.status_code in {404, 405}, path
    assert tables(served) == before


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
def test_no_form_is_taken_without_its_proof_or_from_another_site(served: Served, headers: dict[str, str]) -> None:
    with signed_in(served, "admin") as admin, signed_in(served, "admin") as other:
        theirs, own = csrf(other.get("/account").text), csrf(admin.get("/account").text)
        before = tables(served, but={"case_reading"})
        for path in set(addresses("POST")) - (set() if headers else UNSIGNED):
            for proof in [own] if headers else [theirs, "", own[:-1], own.upper() + "\0"]:
                answer = admin.post(filled(served, path), data=SENT | {"csrf": proof}, headers=headers)
                assert answer.status_code == 403, path
        assert tables(served, but={"case_reading"}) == before


# Those who may not.


@pytest.fixture
def secrets(served: Served, reviewer: httpx.Client) -> dict[str, str]:
    """What a reviewer of Statistics keeps: a view, a reason, a calendar, a draft, a session; by their ids."""
    house, number = served.house, served.number("under review")
    for path, fields in (
        ("/views", {"name": "Hemlig", "page": "/cases", "query": "due=overdue"}),
        ("/reasons", {"name": "Hemlig", "text_sv": "Hemlig", "unit": "STAT"}),
        ("/feeds", {"name": "Hemlig", "view": ""}),
        (f"/cases/{number}/drafts/step.find_ineligible", {"version": "2", "reason": "Hemlig"}),
        (f"/cases/{number}/follow-up", {"on_day": "2027-02-01", "note": "Hemlig"}),
    ):
        assert sent_by(reviewer, path, **fields).status_code in {200, 204, 303}
    person, everything = served.person("reviewer"), house.directory.organisation("umu.se")
    caller = Caller("umu.se", person)
    return {
        "view": house.saved_views.of(everything, person)[0].id,
        "reason": house.reasons.of(everything, person)[0].id,
        "feed": house.feeds.of(caller)[0].id,
        "session": house.sessions.of(caller)[0].id,
        "owed": served.ask("admin", "GET", "/outbox").json()["items"][0]["id"],
        "subject": served.ask("officer", "GET", f"/cases/{served.office.cases['under review']}").json()["subject"],
    }


@pytest.mark.parametrize("who", ["hist.reviewer", "hist.coordinator", "hist.head"])
def test_guessed_ids_of_another_department_are_nothing(served: Served, secrets: dict[str, str], who: str) -> None:
    with signed_in(served, who) as stranger:
        proof, before = csrf(stranger.get("/account").text), tables(served, but={"session"})
        for method in ("GET", "POST"):
            for path in addresses(method):
                if path in OPEN | UNSIGNED or not re.search(
                    r"\{(number|view|reason|feed|owed|person|subject|code)\}", path
                ):
                    continue
                fields = SENT | {"csrf": proof, "token": secrets["session"]}
                answer = stranger.request(
                    method, filled(served, path, **secrets), data=fields if method == "POST" else None
                )
                assert answer.status_code in {403, 404}, (method, path)
                assert "Hemlig" not in answer.text
        assert tables(served, but={"session"}) == before


def test_an_auditor_changes_nothing_but_notes_of_their_own(served: Served, secrets: dict[str, str]) -> None:
    own = {"follow_up_day", "saved_view", "calendar_feed", "reason_text", "absence", "organisation",
           "organisation_change"}  # fmt: skip
    with signed_in(served, "auditor") as auditor:
        proof, before = csrf(auditor.get("/account").text), tables(served, but=NOTED | own)
        for path in set(addresses("POST")) - {"/account", "/sign-out", "/account/sign-out-everywhere", *UNSIGNED}:
            answer = auditor.post(filled(served, path, **secrets), data=SENT | {"csrf": proof})
            assert answer.status_code < 500, path
        assert tables(served, but=NOTED | own) == before


def test_a_key_used_once_does_nothing_else(served: Served, reviewer: httpx.Client) -> None:
    path = f"/cases/{served.number('under review')}/comments"
    answers = [sent_by(reviewer, path, key="k", text=text).status_code for text in ("Ett", "Ett", "Två")]
    history = served.ask("officer", "GET", f"/cases/{served.office.cases['under review']}/events").json()["items"]
    assert answers == [303, 303, 422]
    assert [event["detail"]["text"] for event in history if event["kind"] == "commented"] == ["Ett"]


def test_history_and_signs_of_life_are_for_those_who_may_read(served: Served) -> None:
    number = served.number("under review")
    with browser(served) as nobody, signed_in(served, "hist.reviewer") as stranger:
        for path in (f"/cases/{number}/history.jsonl", f"/cases/{number}/live"):
            assert nobody.get(path).status_code == 303
            assert stranger.get(path).status_code == 404


def test_nobody_keeps_more_streams_open_than_a_few(
    served: Served, reviewer: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_AT_ONCE", 1)
    path = f"/cases/{served.number('under review')}/live"
    with reviewer.stream("GET", path) as first:
        heard = first.iter_text()  # kept, for the stream ends with whoever reads it
        assert "open" in next(heard)
        assert ": full" in reviewer.get(path).text


# Where it leads.


@pytest.mark.parametrize(
    "path",
    [
        "//[", "//[x]y", "//a\u2100b", "http://[", "///evil.example", "/\\evil.example", "/\x00", "/\u2028", "/\ud800",
        "/x\r\nSet-Cookie: a=b", "", "evil", "/" + "x" * 2000,
    ],
)  # fmt: skip
def test_a_path_that_is_none_of_ours_leads_home(path: str) -> None:
    assert local(path) == "/"


def test_no_form_or_link_breaks_on_a_path_that_is_none(served: Served, reviewer: httpx.Client) -> None:
    bulk = {"trigger": "take", "query": "workflow=eligibility_review"}
    for path in ("//[", "//a\u2100b", "http://[", "x\r\ny: z"):
        assert enter(reviewer, served, "reviewer", next=path).headers["location"] == "/"
        assert reviewer.get("/language/en", params={"next": path}).headers["location"] == "/"
        assert reviewer.get("/bulk", params={**bulk, "back": path}).status_code < 500
        assert sent_by(reviewer, "/bulk", **bulk, back=path).status_code < 500
        assert reviewer.get("/sign-in", params={"next": path}).status_code == 200
    with browser(served) as nobody:
        lead = nobody.post("/account", headers={"referer": "http://here//[x"})
        assert lead.headers["location"] == "/sign-in?next=%2F"


@pytest.mark.parametrize(
    "head",
    [
        b"Host: [", b"Host: evil.example", b"Host: a b", b"Host: \xff", b"Host: x@evil", b"Host: <script>",
        b"Host: x\r\nCookie: fardplan=\xff\xfe", b"Host: x\r\nCookie: fardplan=" + b"a" * 50_000,
        b'Host: x\r\nCookie: fardplan_language="\\777"; =;;==; fardplan_theme=<script>', b"Host: x\r\nOrigin: \xff",
        b"Host: x\r\nAccept-Language: \xff", b"Host: x\r\nX-Request-Id: \xff",
        b"Host: x\r\nX-Forwarded-Host: evil.example",
    ],
)  # fmt: skip
def test_a_strange_head_is_a_strangers(served: Served, head: bytes) -> None:
    assert raw(served, head) == 303
    assert raw(served, head, b"/sign-in") == 200


def test_a_cookie_chooses_among_what_there_is(served: Served) -> None:
    with browser(served) as client:
        client.cookies.set("fardplan_language", 'tlh"><script>')
        client.cookies.set("fardplan_theme", 'dark" onload="alert(1)')
        answer = client.get("/sign-in")
        assert answer.headers["content-language"] == "en"
        assert "<script>" not in re.sub(r"<script [^>]*src=", "", answer.text)
        assert "onload" not in answer.text
        chosen = client.get(f"/language/{quote('sv; Domain=evil.example', safe='')}")
        assert "set-cookie" not in chosen.headers


def test_every_address_a_test_fills_in_is_there(served: Served) -> None:
    places = {place for path in (*addresses("GET"), *addresses("POST")) for place in re.findall(r"\{([^}]*)\}", path)}
    assert places <= set(FILLED) | {"number", "person"}
    assert served.number("under review")
