"""A small office for tests of the service: people, units, tokens, a clock that stands still, real processes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import sqlalchemy as sa
from fastapi import FastAPI

from adapters.memory import MemoryChannel
from engine.catalogue import Catalogue
from service.app import create_app
from service.compose import House, build, workflow_files
from service.settings import Environment, Settings

INSTITUTION = "umu.se"
MONDAY = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
PEOPLE = {
    "officer": ("Olga Officer", "officer", INSTITUTION),
    "admissions": ("Adam Antagning", "admissions", INSTITUTION),
    "reviewer": ("Rut Granskare", "reviewer", "STAT"),
    "second": ("Sten Granskare", "reviewer", "STAT"),
    "stranger": ("Hedda Historiker", "reviewer", "HIST"),
    "coordinator": ("Karin Koordinator", "coordinator", "STAT"),
    "auditor": ("Rev Isor", "auditor", INSTITUTION),
    "admin": ("Ada Admin", "admin", INSTITUTION),
    "nobody": ("Nils Ingen", None, None),
}
ANNA = {"name": "Åsa Öberg", "email": "asa@example.org", "language": "sv"}


class Still:
    """A clock that stands where it is put."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at


@dataclass
class Office:
    """A house with people in it, and a way to speak to it as each of them."""

    house: House
    app: FastAPI
    clock: Still
    tokens: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def ask(
        self, who: str | None, method: str, path: str, body: Any = None, *, raw: str | None = None, **headers: Any
    ) -> httpx.Response:
        """Send a request; `if_match` and `idempotency_key` are headers. `raw` is sent as it is."""
        sent = {name.replace("_", "-"): str(value) for name, value in headers.items() if value is not None}
        if who is not None:
            sent["Authorization"] = f"Bearer {self.tokens[who]}"
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        content = raw.encode() if raw is not None else None if body is None else json.dumps(body).encode()
        return self.send(method, f"/api/v1{path}", content, sent)

    def send(
        self, method: str, path: str, content: bytes | None = None, headers: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Send anything at all to the application."""
        return asyncio.run(self.send_now(method, path, content, headers or {}))

    async def send_now(
        self, method: str, path: str, content: bytes | None, headers: Mapping[str, Any]
    ) -> httpx.Response:
        """The same inside a loop, so that several can be sent at once."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://office.test") as client:
            return await client.request(method, path, content=content, headers=headers)

    def get(self, who: str | None, path: str, **headers: Any) -> httpx.Response:
        return self.ask(who, "GET", path, **headers)

    def post(self, who: str | None, path: str, body: Any = None, **headers: Any) -> httpx.Response:
        return self.ask(who, "POST", path, body, **headers)

    def review(self, **more: Any) -> dict[str, Any]:
        """Open an eligibility review in STAT, as admissions does; the case."""
        answer = self.post("admissions", "/cases", new_review(**more))
        assert answer.status_code == 201, answer.text
        case: dict[str, Any] = answer.json()["case"]
        return case

    def step(self, who: str, case: Mapping[str, Any], trigger: str, **more: Any) -> dict[str, Any]:
        """Take a step in the version given; the case after it."""
        body = {"trigger": trigger, **more}
        answer = self.post(who, f"/cases/{case['id']}/transitions", body, if_match=f'"{case["version"]}"')
        assert answer.status_code == 200, answer.text
        after: dict[str, Any] = answer.json()["case"]
        return after

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything the database holds, by table; uses of tokens and readings of cases are left out."""
        with self.house.store.reads() as connection:
            names = sa.inspect(connection).get_table_names()
            return {
                name: sorted((tuple(row) for row in connection.execute(sa.text(f"SELECT * FROM {name}"))), key=repr)
                for name in names
                if name not in {"token", "case_reading", "alembic_version"}
            }


def new_review(**more: Any) -> dict[str, Any]:
    """The body of a request to open a review."""
    facts = {"course": "Statistik A", **more.pop("facts", {})}
    return {"workflow": "eligibility_review", "unit": "STAT", "subject": ANNA, "facts": facts, **more}


def catalogue() -> Catalogue:
    """The processes that come with the house."""
    files = workflow_files(Settings(environment=Environment.TEST))
    return Catalogue.of(files.now, files.past)


@contextmanager
def open_office(url: str, processes: Catalogue, *, test_clock: bool = False) -> Iterator[Office]:
    """Build the house over a migrated database, and people its units."""
    settings = Settings(
        database_url=url, institution=INSTITUTION, environment=Environment.TEST, test_clock=test_clock
    )
    clock = Still()
    house = build(settings, catalogue=processes, clock=None if test_clock else clock, channel=MemoryChannel())
    try:
        app = create_app(house)
        office = Office(house, app, clock)
        _people(office)
        yield office
        app.state.committer.close()
    finally:
        house.close()


def _people(office: Office) -> None:
    directory = office.house.directory
    with directory.change(INSTITUTION, by="installation", what="units and people") as change:
        change.unit(INSTITUTION, name_sv="Umeå universitet", name_en="Umeå University", mailbox="io@example.org")
        change.unit("STAT", name_sv="Statistik", name_en="Statistics", parent=INSTITUTION, mailbox="stat@example.org")
        change.unit("HIST", name_sv="Historia", name_en="History", parent=INSTITUTION)
        for key, (name, role, unit) in PEOPLE.items():
            office.ids[key] = change.person(email=f"{key}@example.org", name=name, language="en").id
            if role is not None and unit is not None:
                change.member(office.ids[key], role, unit)
    for key, person in office.ids.items():
        office.tokens[key] = directory.issue_token(INSTITUTION, person)
