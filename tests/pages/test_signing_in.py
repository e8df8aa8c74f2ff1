"""Signing in and out: by a link, once; nobody gets in who does not belong, and nothing tells who does."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from engine.ports import Message
from service.pages.guarding import POLICY
from service.pages.posting import FORM
from tests.pages.serving import Served, on_both_databases

NAVIGATING = {"accept": "text/html", "sec-fetch-site": "same-origin"}


@contextmanager
def browser(served: Served, **headers: str) -> Iterator[httpx.Client]:
    """A browser without a face: it keeps cookies and follows nothing by itself."""
    with httpx.Client(base_url=served.url, headers=NAVIGATING | headers, timeout=30) as client:
        yield client


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with browser(served) as made:
        yield made


def enter(client: httpx.Client, served: Served, who: str = "officer", **more: str) -> httpx.Response:
    return client.post("/enter", data={"person": served.person(who), **more})


def ask_for_link(client: httpx.Client, served: Served, email: str, path: str = "/") -> str:
    """Ask for a link; the address in the letter."""
    answer = client.post("/sign-in", data={"email": email, "next": path})
    assert answer.status_code == 200, answer.text
    found = re.search(r"http\S+/in/\S+", letter(served).text)
    assert found
    return found[0].removeprefix(served.url)


def letter(served: Served) -> Message:
    """The newest letter. Letters go out after the answer, so it may be a moment late."""
    until = time.monotonic() + 60
    while not served.mails.messages and time.monotonic() < until:
        time.sleep(0.01)
    return served.mails.messages[-1]


def address(served: Served, who: str) -> str:
    card = served.house.directory.person(served.house.settings.institution, served.person(who))
    assert card is not None
    assert card.email is not None
    return card.email


def csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found, page[:500]
    return found[1]


@on_both_databases
def test_a_link_by_mail_signs_in_once_and_leads_where_one_wanted_to_go(served: Served, client: httpx.Client) -> None:
    link = ask_for_link(client, served, address(served, "reviewer"), "/account")
    assert client.get(link).status_code == 200
    entered = client.post(link, data={"next": "/account"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/account")
    assert client.get("/account").status_code == 200
    with browser(served) as another:
        assert another.post(link, data={"next": "/account"}).status_code == 410


def test_a_new_link_is_asked_for_with_where_one_wanted_to_go(served: Served, client: httpx.Client) -> None:
    answer = client.post("/sign-in", data={"email": address(served, "reviewer"), "next": "/tasks?due=late"})
    (again,) = re.findall(r'<a href="(/sign-in\?next=[^"]*)">', answer.text)
    assert 'name="next" value="/tasks?due=late"' in client.get(again.replace("&amp;", "&")).text


def test_looking_at_a_link_as_a_mail_scanner_does_signs_nobody_in(served: Served, client: httpx.Client) -> None:
    link = ask_for_link(client, served, address(served, "reviewer"))
    client.get(link)
    assert client.get("/account").headers["location"].startswith("/sign-in")
    assert client.post(link, data={"next": "/"}).status_code == 303


def test_an_address_of_nobodys_gets_the_same_answer_and_no_letter(served: Served, client: httpx.Client) -> None:
    known = client.post("/sign-in", data={"email": address(served, "reviewer")})
    unknown = client.post("/sign-in", data={"email": "nobody@example.org"})

    assert known.status_code == unknown.status_code == 200
    assert letter(served).to_address == address(served, "reviewer")
    assert len(served.mails.messages) == 1
    assert unknown.text.replace("nobody@example.org", "") == known.text.replace(address(served, "reviewer"), "")


@pytest.mark.parametrize(
    "email", ["", "nonsense", "a@b", "x" * 5000 + "@example.org", "<script>@example.org", "\0@e.org"]
)
def test_what_is_no_address_gets_that_answer_too(served: Served, client: httpx.Client, email: str) -> None:
    answer = client.post("/sign-in", data={"email": email})
    assert answer.status_code == 200
    assert "<script>@" not in answer.text
    assert served.mails.messages == []


def test_a_student_has_no_way_in(served: Served, client: httpx.Client) -> None:
    served.house.directory.put_person("umu.se", email="student@example.org", name="Stu Dent")
    assert client.post("/sign-in", data={"email": "student@example.org"}).status_code == 200
    ask_for_link(client, served, address(served, "reviewer"))
    assert [each.to_address for each in served.mails.messages] == [address(served, "reviewer")]


def test_too_many_links_are_refused_with_a_word(served: Served, client: httpx.Client) -> None:
    email = address(served, "reviewer")
    answers = [client.post("/sign-in", data={"email": email}).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_who_is_not_signed_in_is_led_to_the_door_and_then_to_the_page(served: Served, client: httpx.Client) -> None:
    answer = client.get("/account?x=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Faccount%3Fx%3D1")


def test_the_session_is_new_at_each_sign_in_whatever_the_browser_held(served: Served, client: httpx.Client) -> None:
    client.cookies.set("fardplan", "chosen-by-somebody-else")
    first = enter(client, served).cookies["fardplan"]
    second = enter(client, served, "reviewer").cookies["fardplan"]
    assert len({first, second, "chosen-by-somebody-else"}) == 3


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(served: Served, client: httpx.Client) -> None:
    cookie = enter(client, served).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


def test_signing_out_ends_the_session_and_not_only_the_cookie(served: Served, client: httpx.Client) -> None:
    enter(client, served)
    kept = client.cookies["fardplan"]
    assert client.post("/sign-out", data={"csrf": csrf(client.get("/account").text)}).status_code == 303
    with browser(served, cookie=f"fardplan={kept}") as thief:
        assert thief.get("/account").status_code == 303


def test_signing_out_everywhere_ends_the_other_browser_too(served: Served, client: httpx.Client) -> None:
    enter(client, served)
    with browser(served) as other:
        enter(other, served)
        client.post("/account/sign-out-everywhere", data={"csrf": csrf(client.get("/account").text)})
        assert other.get("/account").status_code == 303


@pytest.mark.parametrize(
    "sent",
    [
        {"csrf": ""},
        {"csrf": "0" * 64},
        {"csrf": "å"},
        {},
    ],
)
def test_a_form_without_its_proof_is_refused(served: Served, client: httpx.Client, sent: dict[str, str]) -> None:
    enter(client, served)
    assert client.post("/account", data={"language": "en", **sent}).status_code == 403
    assert client.get("/account").status_code == 200


def test_the_proof_of_another_session_is_refused(served: Served, client: httpx.Client) -> None:
    enter(client, served)
    with browser(served) as other:
        enter(other, served, "reviewer")
        theirs = csrf(other.get("/account").text)
    assert client.post("/account", data={"language": "en", "csrf": theirs}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "", "origin": "https://evil.example"},
    ],
)
def test_a_form_on_another_site_is_refused_even_with_the_proof(
    served: Served, client: httpx.Client, headers: dict[str, str]
) -> None:
    enter(client, served)
    proof = csrf(client.get("/account").text)
    assert client.post("/account", data={"csrf": proof}, headers=headers).status_code == 403
    assert client.post("/enter", data={"person": served.person("admin")}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)",
        "http:evil.example", "/\t/evil.example", " //evil.example", "https:/evil.example", "x" * 5000,
    ],
)  # fmt: skip
def test_nobody_is_sent_on_to_another_host(served: Served, client: httpx.Client, target: str) -> None:
    assert enter(client, served, next=target).headers["location"] == "/"
    assert client.get("/language/sv", params={"next": target}).headers["location"] == "/"
    page = client.get("/sign-in", params={"next": target}).text
    assert set(re.findall(r'name="next" value="([^"]*)"', page)) == {"/"}


def test_nobody_enters_the_trial_office_as_somebody_it_does_not_offer(served: Served, client: httpx.Client) -> None:
    served.house.directory.put_person("umu.se", email="student@example.org", name="Stu Dent")
    student = served.house.directory.person_by_email("umu.se", "student@example.org")
    assert student is not None
    for person in (student.id, "x", "", "' OR 1=1"):
        assert client.post("/enter", data={"person": person}).status_code == 404


def test_every_page_says_what_a_browser_may_do_with_it(served: Served, client: httpx.Client) -> None:
    enter(client, served)
    headers = client.get("/account").headers
    assert headers["content-security-policy"] == POLICY
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert "unsafe" not in POLICY


def test_a_form_that_is_none_is_refused_in_words(served: Served, client: httpx.Client) -> None:
    enter(client, served)
    for content, kind in ((b"{}", "application/json"), (b"a=" + b"x" * 2_000_000, FORM), (b"\xff=\xfe", FORM)):
        answer = client.post("/account", content=content, headers={"content-type": kind})
        assert 400 <= answer.status_code < 500
        assert "<h1>" in answer.text


@pytest.mark.parametrize("path", ["/nothing", "/static/x/app.css", "/in/nothing", "/cases/NOPE-1"])
def test_what_is_not_there_is_said_on_a_page_with_a_way_on(served: Served, client: httpx.Client, path: str) -> None:
    enter(client, served)
    answer = client.get(path)
    assert answer.status_code in {303, 404, 410}
    assert answer.is_redirect or "<h1>" in answer.text or path.startswith("/static")


def test_a_style_file_may_be_kept_and_is_the_one_the_page_names(served: Served, client: httpx.Client) -> None:
    named = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/sign-in").text)
    assert len(named) >= 3
    for path in named:
        answer = client.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(("chosen", "title"), [("sv", "Mitt konto"), ("en", "My account")])
def test_the_language_is_changed_and_the_page_stays(
    served: Served, client: httpx.Client, chosen: str, title: str
) -> None:
    enter(client, served)
    answer = client.get(f"/language/{chosen}", params={"next": "/account"}, follow_redirects=True)
    assert title in answer.text
    assert f'<html lang="{chosen}"' in answer.text


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("dark", [False, True])
def test_the_pages_around_signing_in_are_sound(page_as: Any, language: str, dark: bool) -> None:
    from tests.pages.browsing import axe, no_sideways_scroll  # noqa: PLC0415

    for who, path in ((None, "/sign-in"), ("officer", "/account"), ("officer", "/nothing")):
        page = page_as(who, language=language, dark=dark, width=320)
        page.goto(path)
        assert axe(page) == []
        no_sideways_scroll(page)
