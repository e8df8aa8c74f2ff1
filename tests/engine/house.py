"""A mini institution with two units, people in roles, and cases over a clock that stands still.

`x.se` is the root; `a` and `b` lie under it. People are called by their ids.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from adapters.system import NothingStandsThere
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.errors import Refused
from engine.model import Case, Climb, NewPerson, Open, Outcome, Request, Take
from engine.ports import Seams
from engine.store.ledger import Plan
from engine.store.store import Store
from engine.tables import Table
from engine.vocabulary import Role
from tests.engine.house_workflows import defined

INSTITUTION = "x.se"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
MONDAY = datetime(2026, 12, 21, 10, tzinfo=STOCKHOLM).astimezone(UTC)
"""Monday before Christmas, ten in the morning in Stockholm."""

MEMBERS = (
    ("ann", "coordinator", "a"),
    ("arne", "coordinator", "a"),
    ("bea", "coordinator", "b"),
    ("hedda", "head", "a"),
    ("olle", "officer", "x.se"),
    ("ada", "auditor", "x.se"),
    ("adam", "admin", "x.se"),
)
NOBODYS = "00000000-0000-7000-8000-999999999999"
"""An id that no case and no person has."""

CATALOGUE = Catalogue(defined())
STINA = NewPerson("Stina Student", "stina@example.com", "sv")


def local(text: str) -> datetime:
    """Read a Stockholm wall time such as "2026-12-28 09:00" as an instant in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


@dataclass
class StillClock:
    """Stands where it is put."""

    at: datetime = MONDAY

    def now(self) -> datetime:
        return self.at


@dataclass
class CountedIds:
    """Ids in the order they are drawn, in the shape of a UUID."""

    drawn: int = 0

    def new(self, now: datetime) -> str:
        self.drawn += 1
        return f"00000000-0000-7000-8000-{self.drawn:012d}"


@dataclass
class CountedNonces:
    """Sixteen bytes, the next number each time."""

    drawn: int = 0

    def new(self) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(16, "big")


@dataclass
class House:
    """The institution with its store, and short words for what tests do over and over."""

    store: Store
    cases: Cases
    clock: StillClock
    _rows: int = field(default=0, init=False)

    def send(self, request: Request, at: datetime | None = None) -> Outcome:
        """Take one step, at an instant if one is given."""
        if at is not None:
            self.clock.at = at
        return self.cases.step(request)

    def ask(self, ask: Any, by: str, case: str | None = None, **more: Any) -> Outcome:
        return self.send(Request(INSTITUTION, ask, by, case=case, **more))

    def open(self, workflow: str = "stay", *, by: str = "ann", unit: str = "a", **more: Any) -> str:
        """Open a case; its id. `more` are facts, but for `links` and `subject`."""
        links = tuple(more.pop("links", {}).items())
        subject = more.pop("subject", STINA if workflow != "contract" else None)
        return self.ask(Open(workflow, unit, subject, more, links), by).case_id

    def contract(self, *, unit: str = "a", **facts: Any) -> str:
        return self.open("contract", by="olle", unit=unit, **facts)

    def take(self, case: str, trigger: str, by: str = "ann", **more: Any) -> Outcome:
        """Take a step; `more` are its fields, but for `reason`, `on_behalf_of`, `evidence`, `comment`."""
        kept = ("reason", "comment", "on_behalf_of", "evidence")
        beside = {name: more.pop(name) for name in kept if name in more}
        return self.ask(Take(trigger, more, **beside), by, case)

    def student(self, case: str, trigger: str, by: str = "ann") -> Outcome:
        """Enter what the student did."""
        return self.ask(
            Take(trigger, on_behalf_of=Role.STUDENT, evidence="mail of today"), by, case
        )

    def stay_in(self, state: str, contract: str | None = None, **facts: Any) -> str:
        """A stay brought along the ordinary road to a state."""
        case = self.open(links={"contract": contract} if contract else {}, **facts)
        road = ("asked", "proposed", "waiting", "offered", "away")
        for step in road[1 : road.index(state) + 1]:
            self._towards(case, step)
        return case

    def _towards(self, case: str, state: str) -> None:
        match state:
            case "proposed":
                self.take(case, "propose", note="ready")
            case "waiting":
                self.take(case, "approve", by="hedda")
            case "offered":
                self.take(case, "offer", by="olle")
            case "away":
                self.student(case, "accept")

    def case(self, case: str) -> Case:
        """The case as it is stored, with links and open deadlines."""
        with self.store.transaction() as ledger:
            return ledger.read(Plan(INSTITUTION, (case,))).cases[case]

    def rows(self, table: str, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table, those of one case in the order of their sequence."""
        chosen = Table.metadata.tables[table]
        query = sa.select(chosen).where(*(chosen.c[name] == value for name, value in where.items()))
        with self.store.reads() as connection:
            found = [dict(row) for row in connection.execute(query).mappings()]
        return sorted(found, key=lambda row: [row[column.name] for column in chosen.primary_key])

    def events(self, case: str) -> list[dict[str, Any]]:
        return self.rows("event", case_id=case)

    def bodies(self, case: str) -> list[dict[str, Any]]:
        return [json.loads(row["body"]) for row in self.events(case)]

    def detail(self, case: str, sequence: int) -> dict[str, Any]:
        found = self.rows("event_detail", case_id=case, sequence=sequence)
        read: dict[str, Any] = json.loads(found[0]["detail"])
        return read

    def kinds(self, case: str) -> list[str]:
        return [row["kind"] for row in self.events(case)]

    def told(self, case: str) -> list[tuple[str, str]]:
        """Messages owed for a case, as (template, recipient)."""
        rows = self.rows("outbox", case_id=case)
        return sorted((row["template"], row["recipient"]) for row in rows)

    def dump(self) -> dict[str, list[str]]:
        """Everything in every table."""
        return {name: [repr(row) for row in self.rows(name)] for name in Table.metadata.tables}

    def climb(self, case: str, *, at: datetime | None = None) -> Outcome:
        """Fire the next rung of the case's one deadline that has one, as the clock."""
        found = self.case(case)
        row = min((d for d in found.deadlines if d.acts_at), key=lambda d: d.acts_at or 0)
        ask = Climb(found.workflow, row.name, row.since, row.next_rung or "")
        return self.send(Request(INSTITUTION, ask, "clock", case=case), at)

    def member(self, person: str, role: str, unit: str, **span: date) -> None:
        self._organisation("membership", person=person, role=role, unit=unit, **span)

    def away(self, person: str, *, substitute: str | None = None, **span: Any) -> None:
        """Put an absence in: `starts_on`, `ends_on`, `weekdays`."""
        self._organisation("absence", person=person, substitute=substitute, **span)

    def settings(self, unit: str, **settings: Any) -> None:
        with self.store.writes() as connection:
            table = Table.metadata.tables["unit"]
            written = {name.replace("__", "."): value for name, value in settings.items()}
            connection.execute(sa.update(table).where(table.c.code == unit).values(settings=written))
            self._bump(connection)

    def _organisation(self, table: str, **row: Any) -> None:
        self._rows += 1
        key = {"institution": INSTITUTION, "id": f"row{self._rows:04d}", "since_version": 1}
        with self.store.writes() as connection:
            connection.execute(sa.insert(Table.metadata.tables[table]).values(**key, **row))
            self._bump(connection)

    def _bump(self, connection: sa.Connection) -> None:
        table = Table.metadata.tables["organisation"]
        connection.execute(sa.update(table).values(version=table.c.version + 1))








UNITS: tuple[Mapping[str, Any], ...] = (
    {"code": "x.se", "parent": None, "mailbox": "office@x.se"},
    {"code": "a", "parent": "x.se", "mailbox": "a@x.se"},
    {"code": "b", "parent": "x.se", "mailbox": None},
)


@contextmanager
def open_house(url: str, *, catalogue: Catalogue = CATALOGUE, seams: Seams | None = None) -> Iterator[House]:
    """The institution in the empty database at `url`, closed at the end."""
    store = Store(url)
    clock = StillClock()
    cases = Cases(store, catalogue, clock, CountedIds(), CountedNonces(), seams or NothingStandsThere())
    with store.writes() as connection:
        connection.execute(
            sa.insert(Table.metadata.tables["organisation"]).values(institution=INSTITUTION, version=1)
        )
        for unit in UNITS:
            row = {"name_sv": "Enhet", "name_en": "Unit", "settings": {}, "id": unit["code"], "since_version": 1}
            connection.execute(
                sa.insert(Table.metadata.tables["unit"]).values(institution=INSTITUTION, **row, **unit)
            )
    house = House(store, cases, clock)
    for person, role, where in MEMBERS:
        house.member(person, role, where)
    try:
        yield house
    finally:
        store.close()


@contextmanager
def refused(house: House, error: type[Refused], code: str | None = None) -> Iterator[None]:
    """Expect a refusal with a reason of this code, and not a byte changed in any table."""
    before = house.dump()
    with pytest.raises(error) as raised:
        yield
    assert type(raised.value) is error
    if code is not None:
        assert code in [reason.code for reason in raised.value.reasons]
    assert house.dump() == before


def held_by(house: House, contract: str) -> list[str]:
    """The cases that hold a place under a contract, in the order they took it."""
    return [held["case"] for held in house.case(contract).facts["held"]]
