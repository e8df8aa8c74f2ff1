"""One client does not take what is everybody's, however it names itself and whatever it leaves unfinished."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from engine.tokens import Caller
from service.limits import Kind, Limits
from service.load import Lane
from service.networks import network, network_of
from service.settings import Settings
from tests.service.office import INSTITUTION, Office
from tests.service.test_limits import Watch
from tests.service.test_overload import door, listening, until, until_closed

SEARCH = "/api/v1/cases?q=anna"
PAGE = "/cases.csv?number=1"


def asked(path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    name, _, query = path.partition("?")
    return {
        "type": "http", "method": "GET", "path": name, "query_string": query.encode(), "headers": list(headers),
        "client": ("192.0.2.1", 1),
    }  # fmt: skip


@pytest.mark.parametrize(
    "again",
    [
        asked(SEARCH, (b"authorization", b"bearer   fp_mine ")),
        asked(SEARCH, (b"authorization", b"BEARER fp_mine")),
        asked(SEARCH, (b"authorization", b"Bearer fp_mine"), (b"authorization", b"Bearer fp_other")),
        asked(SEARCH, (b"authorization", b"Bearer fp_mine"), (b"cookie", b"fardplan=other")),
        asked("/api/v1/cases?%71=anna", (b"authorization", b"Bearer fp_mine")),
    ],
    ids=["blanks", "capitals", "two of them", "a cookie", "another writing of q"],
)
def test_a_token_counts_as_the_one_it_is_whatever_stands_around_it(again: dict[str, Any]) -> None:
    found = Limits({Kind.SEARCH: 1}, stopwatch=Watch())
    assert found.wait(asked(SEARCH, (b"authorization", b"Bearer fp_mine"))) == 0.0
    assert found.wait(again) == 60.0


@pytest.mark.parametrize(
    "again",
    [
        asked(PAGE, (b"cookie", b"fardplan=mine"), (b"authorization", b"Bearer fp_other")),
        asked(PAGE, (b"cookie", b"fardplan=other; fardplan=mine")),
        asked(PAGE, (b"cookie", b"__Host-fardplan=other; fardplan=mine")),
    ],
    ids=["a token", "two of them", "the name it has elsewhere"],
)
def test_a_session_counts_as_the_one_that_lets_in(again: dict[str, Any]) -> None:
    found = Limits({Kind.EXPORT: 1}, stopwatch=Watch())
    assert Request(again).cookies["fardplan"] == "mine"  # as the pages read it
    assert found.wait(asked(PAGE, (b"cookie", b"fardplan=mine"))) == 0.0
    assert found.wait(again) == 60.0


def test_behind_https_the_session_is_known_by_its_other_name() -> None:
    found = Limits.of(Settings(_env_file=None, base_url="https://x.se", export_per_minute=1))
    sent = [(b"cookie", b"__Host-fardplan=%s; fardplan=mine" % each) for each in (b"a", b"b", b"a")]
    assert [found.wait(asked(PAGE, each)) > 0 for each in sent] == [False, False, True]


def test_all_addresses_of_one_network_count_as_one() -> None:
    assert {network(f"2001:db8:1:2::{last:x}") for last in (1, 2, 0xFFFF)} == {"2001:db8:1:2::/64"}
    assert network("2001:db8:1:3::1") != network("2001:db8:1:2::1")
    assert (network("192.0.2.7"), network("::ffff:192.0.2.7")) == ("192.0.2.7", "192.0.2.7")
    assert (network("fe80::1%eth0"), network("no address"), network_of({})) == ("fe80::/64", "no address", "")


def test_whoever_owns_a_network_asks_for_no_more_links_than_others(office: Office) -> None:
    """Thirty an hour from one place (`engine.sessions`): an address of IPv6 is not a place, its network is."""

    async def ask(number: int) -> int:
        transport = httpx.ASGITransport(office.app, client=(f"2001:db8::{number:x}", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://office.test") as client:
            answer = await client.post("/sign-in", data={"email": f"nobody{number}@example.org"})
        return answer.status_code

    async def one_after_the_other() -> list[int]:
        return [await ask(number) for number in range(31)]

    assert asyncio.run(one_after_the_other()) == [200] * 30 + [429]


def test_bodies_that_do_not_come_from_one_place_leave_room_to_others(desk: Office) -> None:
    """With four requests in hand there is room for sixteen bodies, of which one address has twelve."""

    async def reads(request: Request) -> str:
        return (await request.body()).decode()

    async def all_at_once() -> None:
        go = asyncio.Event()

        async def never() -> AsyncIterator[bytes]:
            yield b"a"
            await go.wait()

        async def post(app: Any, address: str, content: Any) -> int:
            transport = httpx.ASGITransport(app, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url="http://office.test") as client:
                return (await client.post("/api/x", content=content)).status_code

        with door(desk, reads, most=4) as (app, load):
            slow = [asyncio.create_task(post(app, f"2001:db8::{n:x}", never())) for n in range(20)]
            await until(lambda: load.under_way[Lane.SENDING] == 12 and sum(each.done() for each in slow) == 8)
            assert await post(app, "192.0.2.9", b"mine") == 200
            go.set()
            assert sorted(await asyncio.gather(*slow)) == [200] * 12 + [503] * 8
            assert (sum(load.under_way.values()), dict(load._from)) == (0, {})

    asyncio.run(all_at_once())


def test_one_person_tries_few_long_lists_at_a_time(desk: Office) -> None:
    """On SQLite nobody else writes while one is tried."""
    case = desk.review()
    asked = {"trigger": "take", "cases": [{"id": case["id"], "version": case["version"]}], "dry_run": True}

    def ask(role: str, **different: Any) -> httpx.Response:
        return desk.post(role, "/bulk/transitions", {**asked, **different})

    trials, reviewer = desk.house.trials, Caller(INSTITUTION, desk.ids["reviewer"])
    with trials.one_of(reviewer):
        assert ask("reviewer").status_code == 200
        with trials.one_of(reviewer):
            refused = ask("reviewer")
            assert (refused.status_code, refused.json()["code"], refused.headers["Retry-After"]) == (503, "busy", "1")
            assert ask("officer").status_code == 200
            assert ask("reviewer", dry_run=False).json()["outcomes"][0]["status"] == 200
        assert ask("reviewer").status_code == 200
    assert not trials._under_way


ENDLESS = (
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
    b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nx-one: ",
)


@pytest.mark.parametrize("begun", ENDLESS, ids=["many", "many, after the answer", "one that is long"])
def test_trailers_without_end_are_hung_up_on(begun: bytes) -> None:
    line = b"x" * 998 if begun.endswith(b": ") else b"x-a: " + b"x" * 990 + b"\r\n"
    with listening() as port, socket.create_connection(("127.0.0.1", port)) as speaking:
        speaking.sendall(begun)
        sent = 0
        with suppress(ConnectionError):
            while sent < 50_000_000:
                sent += speaking.send(line * 20)
            until_closed(speaking)
        # What stands in the buffers of both sides is all that was taken; else it would be all.
        assert sent < 50_000_000


def test_trailers_are_no_headers() -> None:
    seen: list[list[bytes]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while scope["type"] == "http" and (await receive()).get("more_body"):
            pass
        seen.append([name for name, _ in scope.get("headers", ())])
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body"})

    with listening(app) as port, socket.create_connection(("127.0.0.1", port)) as speaking:
        speaking.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        speaking.sendall(b"0\r\nauthorization: Bearer x\r\n\r\n")
        assert speaking.recv(100).startswith(b"HTTP/1.1 204")
    assert seen == [[b"host", b"transfer-encoding"]]
