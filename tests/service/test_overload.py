"""Overload: lines and lanes end, time does, and whoever keeps the service running is answered all the same."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
import uvicorn
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.errors import Busy
from engine.gathering import Gathering
from engine.model import Outcome, Recount
from engine.model import Request as Asked
from engine.store.outage import outage_of
from engine.store.store import Store
from service import connection
from service.admitting import Admitting, Patience
from service.committing import Committer
from service.connection import Patient
from service.limits import Limits
from service.load import Lane, Load
from service.metrics import Metrics
from tests.service.office import Office, new_review

MANY = 40
LONGEST = 60
"""Seconds after which something does not come any more, however busy the machine."""


async def until(so: Callable[[], bool]) -> None:
    """Let the others go on until it is so; fails where it never comes to be."""
    async with asyncio.timeout(LONGEST):
        while not so():  # noqa: ASYNC110 - what is waited for tells nobody
            await asyncio.sleep(0.005)


def asked(number: int) -> Asked:
    return Asked("x.se", Recount(), "ann", case=str(number))


class Held:
    """Takes steps only once it is let."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def __call__(self, requests: Sequence[Asked]) -> list[Outcome | Exception]:
        assert self.go.wait(LONGEST)
        return [Outcome(str(each.case), 1, None, None) for each in requests]


# The lines.


def test_of_more_steps_than_may_wait_the_last_are_told_at_once_and_the_others_are_taken(desk: Office) -> None:
    held = Held()
    committer = Committer(desk.house.store, held, longest=5)

    async def all_at_once() -> list[str | BaseException]:
        steps = [asyncio.create_task(committer.step(partial(asked, n), lambda o: o.case_id)) for n in range(MANY)]
        await until(lambda: sum(step.done() for step in steps) == MANY - 6)
        assert committer.waiting == 5
        held.go.set()
        return await asyncio.gather(*steps, return_exceptions=True)

    told = asyncio.run(all_at_once())
    assert [each for each in told if isinstance(each, str)] == [str(number) for number in range(6)]
    assert {type(each) for each in told[6:]} == {Busy}
    assert (committer.turned_away, committer.waiting) == (MANY - 6, 0)
    committer.close()


def test_other_work_of_the_committer_waits_in_the_same_bounds(desk: Office) -> None:
    go = threading.Event()
    committer = Committer(desk.house.store, desk.house.cases.steps, longest=5)

    async def all_at_once() -> list[Any]:
        works = [asyncio.create_task(committer.run(lambda: go.wait(LONGEST))) for _ in range(MANY)]
        await until(lambda: sum(work.done() for work in works) == MANY - 6)
        go.set()
        return await asyncio.gather(*works, return_exceptions=True)

    told = asyncio.run(all_at_once())
    assert (told[:6], {type(each) for each in told[6:]}) == ([True] * 6, {Busy})
    assert asyncio.run(committer.run(lambda: "again")) == "again"
    committer.close()


def test_of_more_threads_than_may_wait_for_a_group_the_last_are_told_at_once() -> None:
    held = Held()
    gathering = Gathering(held, leaders=1, longest=3)
    with ThreadPoolExecutor(MANY) as threads:
        steps = [threads.submit(gathering.step, asked(number)) for number in range(MANY)]
        asyncio.run(until(lambda: sum(step.done() for step in steps) == MANY - 4))
        held.go.set()
    failed = [step.exception() for step in steps if step.exception() is not None]
    assert {type(each) for each in failed} == {Busy}
    assert len(failed) == MANY - 4


# The door, before an application that does what a test wants.

Work = Callable[[Request], Awaitable[str]]


@contextmanager
def door(desk: Office, work: Work, *, most: int = 4, patience: Patience | None = None) -> Iterator[tuple[Any, Load]]:
    """What stands behind the door, and how full it is."""
    metrics = Metrics(desk.house.catalogue, desk.house.queries)
    committer = Committer(desk.house.store, desk.house.cases.steps)
    load = Load(most, committer, metrics.registry)

    async def behind(scope: Scope, receive: Receive, send: Send) -> None:
        said = await work(Request(scope, receive))
        await PlainTextResponse(said)(scope, receive, send)

    yield Admitting(behind, load, Limits({}), patience or Patience()), load
    committer.close()
    load.close()


async def get(app: Any, path: str = "/api/x", method: str = "GET", content: Any = None) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://office.test") as client:
        return await client.request(method, path, content=content)


def test_when_the_house_is_full_the_next_is_told_so_and_health_is_asked_past_the_line(desk: Office) -> None:
    async def all_at_once() -> None:
        go = asyncio.Event()

        async def waits(request: Request) -> str:
            await (asyncio.sleep(0) if request.url.path == "/livez" else go.wait())
            return "done"

        with door(desk, waits) as (app, load):
            within = [asyncio.create_task(get(app)) for _ in range(4)]
            await until(lambda: load.under_way[Lane.READ] == 4)
            refused, healthy = await get(app), await get(app, "/livez")
            assert (refused.status_code, refused.json()["code"]) == (503, "busy")
            assert (refused.headers["Retry-After"], healthy.text) == ("1", "done")
            # Changing has a lane of its own.
            changing = asyncio.create_task(get(app, method="POST"))
            await until(lambda: load.under_way[Lane.SENDING] == 1)
            assert load.under_way[Lane.READ] == 4
            go.set()
            assert {each.status_code for each in await asyncio.gather(*within, changing)} == {200}
            assert (sum(load.under_way.values()), load.turned_away[Lane.READ]) == (0, 1)

    asyncio.run(all_at_once())


def test_whoever_still_sends_takes_no_place_of_those_who_have(desk: Office) -> None:
    async def all_at_once() -> None:
        go = asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield b"a"
            await go.wait()
            yield b"b"

        async def reads(request: Request) -> str:
            return (await request.body()).decode()

        with door(desk, reads, most=4) as (app, load):
            sending = [asyncio.create_task(get(app, method="POST", content=slowly())) for _ in range(8)]
            await until(lambda: load.under_way[Lane.SENDING] == 8)
            quick = await get(app, method="POST", content=b"quick")
            assert (load.under_way[Lane.SENDING], quick.text) == (8, "quick")
            go.set()
            assert {each.text for each in await asyncio.gather(*sending)} == {"ab"}
            assert sum(load.under_way.values()) == 0

    asyncio.run(all_at_once())


def test_a_body_that_does_not_come_is_not_waited_for(office: Office) -> None:
    """Over the whole application: its problem, and the connection is closed."""
    answer = asyncio.run(_never_sent(office))
    assert (answer[0], answer[1][b"connection"]) == (408, b"close")
    assert b"body_too_slow" in answer[2]


async def _never_sent(office: Office) -> tuple[int, dict[bytes, bytes], bytes]:
    told: list[Message] = []

    async def nothing() -> Message:
        await asyncio.sleep(LONGEST)
        raise AssertionError

    async def send(message: Message) -> None:
        told.append(message)

    for each in office.app.user_middleware:
        if "patience" in each.kwargs:
            each.kwargs["patience"] = Patience(body=0.05)
    token = f"Bearer {office.tokens['admissions']}".encode()
    headers = [(b"authorization", token), (b"content-type", b"application/json")]
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
        "path": "/api/v1/cases", "raw_path": b"/api/v1/cases", "query_string": b"", "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 1), "server": ("office.test", 80),
    }  # fmt: skip
    await office.app(scope, nothing, send)
    return told[0]["status"], dict(told[0]["headers"]), told[1]["body"]


@pytest.mark.parametrize(("method", "code"), [("POST", "outcome_unknown"), ("GET", "took_too_long")])
def test_what_takes_too_long_is_answered_and_goes_on_to_its_end(desk: Office, method: str, code: str) -> None:
    async def all_at_once() -> None:
        go, ended = asyncio.Event(), []

        async def waits(_: Request) -> str:
            await go.wait()
            ended.append(True)
            return "too late"

        told: list[Message] = []

        async def send(message: Message) -> None:
            told.append(message)

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        with door(desk, waits, patience=Patience(answer=0.05)) as (app, load):
            scope = {"type": "http", "method": method, "path": "/api/x", "headers": [], "query_string": b""}
            asking = asyncio.create_task(app(scope, receive, send))
            await until(lambda: len(told) == 2)
            assert (told[0]["status"], code.encode() in told[1]["body"]) == (503, True)
            assert (sum(load.under_way.values()), ended) == (1, [])
            go.set()
            await asking
            assert (len(told), sum(load.under_way.values()), ended) == (2, 0, [True])

    asyncio.run(all_at_once())


def test_a_reader_that_does_not_read_holds_nothing(desk: Office) -> None:
    async def says(_: Request) -> str:
        return "much"

    async def stuck(_: Message) -> None:
        await asyncio.sleep(LONGEST)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def ask() -> None:
        with door(desk, says, patience=Patience(reader=0.05)) as (app, load):
            scope = {"type": "http", "method": "GET", "path": "/api/x", "headers": [], "query_string": b""}
            with pytest.raises(ClientDisconnect):
                await app(scope, receive, stuck)
            assert sum(load.under_way.values()) == 0

    asyncio.run(ask())


def test_health_and_metrics_answer_while_every_thread_is_taken(office: Office) -> None:
    """All that wait for a thread of the readers wait; these do not."""

    async def all_at_once() -> None:
        go = threading.Event()
        taken = [asyncio.create_task(to_thread.run_sync(go.wait, 3 * LONGEST)) for _ in range(60)]
        readers = to_thread.current_default_thread_limiter()
        try:
            await until(lambda: readers.borrowed_tokens == readers.total_tokens)
            asked = (office.send_now("GET", path, None, {}) for path in ("/livez", "/readyz", "/metrics"))
            answers = await asyncio.wait_for(asyncio.gather(*asked), LONGEST)
            assert [each.status_code for each in answers] == [200] * 3
            told = answers[2].text
            assert "fardplan_waiting 0.0" in told
            assert 'fardplan_turned_away_total{lane="read"} 0.0' in told
            assert "fardplan_stuck_rungs 0.0" in told
        finally:
            go.set()
            await asyncio.gather(*taken)

    asyncio.run(all_at_once())


def test_a_full_house_refuses_some_and_loses_none(office: Office) -> None:
    """Everybody opens a case at once: each is opened, or its asker is told to come again."""
    headers = {"Authorization": f"Bearer {office.tokens['admissions']}", "Content-Type": "application/json"}
    body = httpx.Request("POST", "http://x", json=new_review()).content
    committer, go = office.app.state.committer, threading.Event()
    take, committer._longest = committer._take, 6

    def slowly(requests: Sequence[Asked]) -> Any:
        assert go.wait(LONGEST)
        return take(requests)

    committer._take = slowly

    async def all_at_once() -> list[int]:
        asked = (office.send_now("POST", "/api/v1/cases", body, headers) for _ in range(60))
        opening = [asyncio.create_task(each) for each in asked]
        await until(lambda: committer.turned_away > 0)
        go.set()
        return [each.status_code for each in await asyncio.gather(*opening)]

    statuses = asyncio.run(all_at_once())
    assert set(statuses) == {201, 503}
    with office.house.store.reads() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM case_record")).scalar_one() == statuses.count(201)


# The database.


def test_postgresql_ends_what_runs_or_waits_too_long(postgresql_url: str) -> None:
    store, other = (Store(postgresql_url, lock_seconds=1, statement_seconds=2) for _ in range(2))
    with store.reads() as connection:
        shown = {name: connection.execute(sa.text(f"SHOW {name}")).scalar_one() for name in BOUNDS}
        assert shown == BOUNDS
        with pytest.raises(sa.exc.OperationalError) as raised:
            connection.execute(sa.text("SELECT pg_sleep(60)"))
        assert outage_of(raised.value) is not None
    with store.writes() as connection, other.writes() as later:
        connection.execute(sa.text("LOCK TABLE heartbeat"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
            later.execute(sa.text("LOCK TABLE heartbeat"))
    store.close()
    other.close()


BOUNDS = {"lock_timeout": "1s", "statement_timeout": "2s", "idle_in_transaction_session_timeout": "5min"}


def test_on_sqlite_a_writer_is_not_waited_for_without_end(sqlite_url: str) -> None:
    store, other = Store(sqlite_url), Store(sqlite_url, lock_seconds=0.1)
    with store.transaction(), pytest.raises(Busy), other.transaction():
        pass
    store.close()
    other.close()


def test_a_connection_to_the_database_is_not_waited_for_without_end(postgresql_url: str) -> None:
    store = Store(postgresql_url, pool_size=1, lock_seconds=0.2)
    with store.reads(), store.reads(), pytest.raises(sa.exc.TimeoutError) as raised, store.reads():
        pass
    assert outage_of(raised.value) is not None
    store.close()


# Connections.


async def _well(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await PlainTextResponse("well")(scope, receive, send)


@contextmanager
def listening(app: ASGIApp = _well) -> Iterator[int]:
    """A server that says "well", over connections that are looked at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, http=Patient, lifespan="off", log_config=None, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def until_closed(speaking: socket.socket) -> bytes:
    """All that comes until the other side hangs up."""
    speaking.settimeout(LONGEST)
    told = b""
    with suppress(ConnectionResetError):
        while part := speaking.recv(65_536):
            told += part
    return told


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_whoever_sends_no_whole_request_is_hung_up_on(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "LOOKS_EVERY", 0.1)
    with listening() as port, socket.create_connection(("127.0.0.1", port)) as speaking:
        speaking.sendall(said)
        assert until_closed(speaking) == b""


@pytest.fixture
def met(monkeypatch: pytest.MonkeyPatch) -> list[Patient]:
    """Every connection there is from now on; none is looked at but by hand."""
    made: list[Patient] = []
    begin = Patient.connection_made

    def begun(one: Patient, transport: asyncio.Transport) -> None:
        made.append(one)
        begin(one, transport)

    monkeypatch.setattr(Patient, "connection_made", begun)
    monkeypatch.setattr(connection, "LOOKS_EVERY", 3600)
    return made


def look_at(one: Patient) -> None:
    looked = threading.Event()

    def look() -> None:
        one._look()
        looked.set()

    one.loop.call_soon_threadsafe(look)
    assert looked.wait(LONGEST)


def test_whoever_asks_between_two_looks_keeps_the_connection_and_who_does_not_is_hung_up_on(
    met: list[Patient],
) -> None:
    with listening() as port, closing(http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST)) as client:
        for _ in range(4):
            client.request("GET", "/")
            assert client.getresponse().read() == b"well"
            look_at(met[0])
        assert client.sock is not None
        look_at(met[0])
        assert client.sock.recv(1) == b""
    assert len(met) == 1


def test_a_head_without_end_is_refused() -> None:
    with listening() as port, socket.create_connection(("127.0.0.1", port)) as speaking:
        speaking.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
        with suppress(ConnectionError):
            for number in range(100):
                speaking.sendall(b"X-%d: %s\r\n" % (number, b"x" * 1000))
        assert until_closed(speaking).startswith(b"HTTP/1.1 400")


def test_a_long_body_is_no_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MOST_HEAD", 1024)
    with listening() as port, httpx.Client(timeout=30) as client:
        for _ in range(3):
            assert client.post(f"http://127.0.0.1:{port}/", content=b"x" * 900_000).text == "well"
