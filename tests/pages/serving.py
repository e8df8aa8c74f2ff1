"""The real application over a small office, served on a free port of the loopback.

The office is that of the journeys: two departments and everybody in them, cases of all
processes in the states in which things wait, a test clock on Monday 11 January 2027. It is
crowded once a worker; every test gets a copy of its own to work on.
"""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import pytest
import uvicorn
from pydantic import SecretStr
from starlette.types import ASGIApp

from adapters.memory import MemoryChannel
from engine.catalogue import Catalogue
from service.app import create_app
from service.compose import House, build
from service.settings import Environment, Settings
from tests.journeys.crowded import crowd
from tests.journeys.office import FOR_ALL, IN_EACH_UNIT, INSTITUTION, in_one_unit, open_office

SLOWEST_START = 120
"""Seconds after which a server that does not answer is broken."""

PEOPLE = {role: role for role in FOR_ALL} | {
    role: in_one_unit("STAT", part) for part, role in reversed(IN_EACH_UNIT.items()) if role is not None
}
"""Somebody of each role; whoever serves a department serves Statistics."""

on_both_databases = pytest.mark.parametrize("served", ["sqlite", "postgresql"], indirect=True)
"""Runs a test of the pages on SQLite, then on PostgreSQL."""

T = TypeVar("T")


@dataclass(frozen=True)
class Crowded:
    """What the office holds, by the names its makers gave: ids of people and cases, tokens, case numbers."""

    people: Mapping[str, str]
    tokens: Mapping[str, str]
    cases: Mapping[str, str]
    numbers: Mapping[str, str]


@dataclass(frozen=True)
class Served:
    """The application as it answers at `url`, and the house it stands on."""

    url: str
    house: House
    office: Crowded

    def person(self, who: str) -> str:
        """The id of somebody, by role ("reviewer") or by name ("hist.reviewer")."""
        return self.office.people[PEOPLE.get(who, who)]

    def number(self, case: str) -> str:
        """The number of a case, by the name it has in `tests.journeys.crowded`."""
        return self.office.numbers[case]

    def case_url(self, case: str, rest: str = "") -> str:
        """The address of a case's page."""
        return f"{self.url}/cases/{self.number(case)}{rest}"

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Speak to the API as somebody, while the browser looks on."""
        sent = {"Authorization": f"Bearer {self.office.tokens[PEOPLE.get(who, who)]}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.request(method, f"{self.url}/api/v1{path}", json=body, headers=sent, timeout=30)

    @property
    def mails(self) -> MemoryChannel:
        """What was sent, to whom."""
        channel = self.house.outbox.channel
        assert isinstance(channel, MemoryChannel)
        return channel


@dataclass(frozen=True)
class Template:
    """A crowded office as a SQLite file, to be copied."""

    file: Path
    office: Crowded

    @classmethod
    def make(cls, url: str, file: Path, processes: Catalogue) -> Self:
        """Crowd the migrated database at `url`, which lies in `file`."""
        return cls(file, crowded(url, processes))

    def copy(self, target: Path) -> str:
        """A copy in the file `target`, as an SQLAlchemy URL."""
        shutil.copyfile(self.file, target)
        return f"sqlite:///{target}"


def crowded(url: str, processes: Catalogue) -> Crowded:
    """Bring the cast and its cases into a migrated database."""

    def brought_in() -> Crowded:
        with open_office(url, processes) as office:
            cases = crowd(office)
            del cases["nowhere"]
            numbers = {name: str(office.read(case)["number"]) for name, case in cases.items()}
            return Crowded(office.ids, office.tokens, cases, numbers)

    return aside(brought_in)


def aside(work: Callable[[], T]) -> T:
    """Do something that runs an event loop of its own: the test's thread may lend its to Playwright."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


@contextmanager
def serving(url: str, processes: Catalogue, office: Crowded, **settings: Any) -> Iterator[Served]:
    """Serve the database at `url` as a demo does: whoever enters may choose whom to be."""
    with listening() as (listener, base):
        chosen = Settings(
            database_url=url, institution=INSTITUTION, environment=Environment.DEMO, test_clock=True,
            base_url=base, secret_key=SecretStr("a secret of the tests"), **settings,
        )  # fmt: skip
        house = build(chosen, catalogue=processes, channel=MemoryChannel())
        try:
            with answering(create_app(house), listener):
                yield Served(base, house, office)
        finally:
            house.close()


@contextmanager
def listening() -> Iterator[tuple[socket.socket, str]]:
    """A free port of the loopback, and its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener, f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def answering(app: ASGIApp, listener: socket.socket) -> Iterator[None]:
    """Serve any application at a port, in a thread of its own."""
    # A browser holds its connections open; nobody waits for it at the end.
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        until = time.monotonic() + SLOWEST_START
        while not server.started:
            if not thread.is_alive() or time.monotonic() > until:
                raise RuntimeError("the application does not start")
            time.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        thread.join()
