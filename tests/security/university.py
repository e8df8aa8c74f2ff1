"""A university to knock on the doors of: somebody for every role, in one unit, and cases on all sides of it.

    umu.se ── FAK ─┬─ STAT ── GRUPP          other.se ── STAT
                   └─ HIST

Everybody holds one role, in STAT, and nothing else. Seen from there a case lies in the own unit, below it,
above it, or in another; one more lies in another unit and is linked to an agreement in STAT. In the other
institution somebody holds every role there is.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

import httpx
import sqlalchemy as sa

from engine.catalogue import Catalogue
from engine.directory import Caller
from engine.model import NewPerson, Open, Request
from tests.service.office import INSTITUTION, Office, open_office

OTHER: Final = "other.se"
HERE: Final = "STAT"
RELATIONS: Final[Mapping[str, str]] = {
    "own": HERE, "below": "GRUPP", "above": "FAK", "beside": "HIST", "linked": "HIST",
}  # fmt: skip
"""Where a case lies, seen from STAT; a linked one has its agreement in STAT."""

ROLES: Final = (
    "coordinator", "reviewer", "head", "officer", "admissions", "recogniser", "signatory", "auditor", "admin",
)  # fmt: skip
"""Every role that can be held in a unit."""

NOBODY, FOREIGNER = "nobody", "foreigner"
"""Somebody of the university without any role, and somebody with all of them in another."""

EVERYBODY: Final = (*ROLES, NOBODY)

TERMS: Final = {
    "partner_name": "Universität Musterstadt", "study_plan": "three_party", "valid_from": "2026-01-01",
    "valid_to": "2031-12-31", "nomination_autumn": "04-15", "nomination_spring": "10-15",
    "rows": [{"name": "ut", "direction": "outgoing", "places": 2, "levels": ["bachelor"]}],
}  # fmt: skip
FACTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "agreement": TERMS,
    "agreement_renewal": {"partner_name": "Universität Musterstadt", "first_failing": "2031-04-01"},
    "eligibility_review": {"course": "Statistik A"},
    "incoming_nomination": {"stay_from": "2027-08-30", "stay_to": "2028-01-16", "level": "bachelor"},
    "outgoing_exchange": {
        "stay_from": "2027-08-23", "stay_to": "2028-01-16", "academic_year": "2027/28", "semesters": 1,
        "level": "bachelor", "call_closes_on": "2027-02-01",
    },
}  # fmt: skip
"""What is needed to open a case of each process."""


@dataclass
class University:
    """The office with its cast and cases, and one client that stays open."""

    office: Office
    processes: Catalogue
    client: httpx.AsyncClient
    loop: asyncio.AbstractEventLoop
    cases: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """A case by process, relation and state."""

    def ask(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Speak to the API as somebody."""
        sent = {"Authorization": f"Bearer {self.office.tokens[who]}", "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else json.dumps(body).encode()
        return self.send(method, f"/api/v1{path}", content, sent)

    def look(self, who: str, path: str) -> httpx.Response:
        """Open a page as somebody."""
        return self.send("GET", path, None, {"Cookie": f"fardplan={self.session(who)}", "Accept": "text/html"})

    def session(self, who: str) -> str:
        """A session of somebody, one for all their visits."""
        kept = self.office.tokens.get(f"session of {who}")
        if kept is None:
            institution = OTHER if who == FOREIGNER else INSTITUTION
            kept = self.office.house.sessions.begin(Caller(institution, self.office.ids[who]))
            self.office.tokens[f"session of {who}"] = kept
        return kept

    def send(self, method: str, path: str, content: bytes | None, headers: Mapping[str, str]) -> httpx.Response:
        """Send anything at all."""
        return self.loop.run_until_complete(self.client.request(method, path, content=content, headers=headers))

    def under_agreement(self, workflow: str) -> bool:
        """Whether cases of a process are linked to an agreement."""
        return "agreement" in {link.name for link in self.processes.current(workflow).workflow.links}

    def open(self, workflow: str, unit: str, *, owner: str | None = None) -> str:
        """Have a file of the installation open a case, which no right stands in the way of; its id.

        `owner` is the unit of the agreement it is linked to, in force and its own.
        """
        links: tuple[tuple[str, str], ...] = ()
        if owner is not None and self.under_agreement(workflow):
            links = (("agreement", self.open("agreement", owner)),)
            self.put(links[0][1], "active")
        person = None if workflow.startswith("agreement") else NewPerson("Åsa Öberg", "asa@example.org", "sv")
        ask = Open(workflow, unit, person, FACTS[workflow], links)
        return self.office.house.cases.step(Request(INSTITUTION, ask, "import")).case_id

    def put(self, case: str, state: str) -> None:
        """Put a case into a state. Rights hang on nothing but state, unit and links; the road there is not walked."""
        with self.office.house.store.writes() as connection:
            connection.execute(sa.text("UPDATE case_record SET state = :s WHERE id = :i"), {"s": state, "i": case})

    def people_it(self) -> Self:
        """Units, and somebody for every role; in the other institution one who holds them all."""
        directory = self.office.house.directory
        with directory.change(INSTITUTION, by="installation", what="units and people") as change:
            change.unit("FAK", name_sv="Fakulteten", name_en="The faculty", parent=INSTITUTION)
            for unit, parent in ((HERE, "FAK"), ("HIST", "FAK"), ("GRUPP", HERE)):
                change.unit(unit, name_sv=unit, name_en=unit, parent=parent)
            for who in EVERYBODY:
                self.office.ids[who] = change.person(email=f"{who}@umu.example", name=f"{who} av STAT").id
                if who != NOBODY:
                    change.member(self.office.ids[who], who, HERE)
        with directory.change(OTHER, by="installation", what="another university") as change:
            change.root()
            change.unit(HERE, name_sv="Statistik", name_en="Statistics", parent=OTHER)
            self.office.ids[FOREIGNER] = change.person(email="boss@other.example", name="Fia Främling").id
            for role in ROLES:
                change.member(self.office.ids[FOREIGNER], role, OTHER)
        for who in (*EVERYBODY, FOREIGNER):
            institution = OTHER if who == FOREIGNER else INSTITUTION
            self.office.tokens[who] = directory.issue_token(institution, self.office.ids[who])
        return self

    def fill(self, workflow: str, *states: str) -> None:
        """A case of a process in each of these states (none named: in each there is), on every side."""
        for relation, unit in RELATIONS.items():
            for state in states or self.processes.current(workflow).states:
                # Only a linked case's agreement lies in STAT; what lies beside has all of it beside.
                case = self.open(workflow, unit, owner=HERE if relation == "linked" else unit)
                self.put(case, state)
                self.cases[workflow, relation, state] = case


@contextmanager
def university(url: str, processes: Catalogue) -> Iterator[University]:
    """The university over a migrated database."""
    loop = asyncio.new_event_loop()
    try:
        with open_office(url, processes) as office:
            transport = httpx.ASGITransport(office.app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://office.test")
            yield University(office, processes, client, loop).people_it()
            loop.run_until_complete(client.aclose())
    finally:
        loop.close()
