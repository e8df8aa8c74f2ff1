"""Fills a database with the years of an office: plausible rows, put in many at a time around the engine.

Every case has ten events unless told otherwise; one in seven is open. What the rows say is made
up from a fixed seed, so that two runs measure the same office. Up to ten thousand cases are
made here; more are copies of these (`tests.bench.multiplying`). A department has some thousand
cases in all those years: an office with more cases has more departments.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa

from engine.canonical import micros
from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.store.store import Store
from engine.tables import Table
from tests.bench.multiplying import multiply

INSTITUTION = "bench.example"
NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
YEARS = 5
EVENTS = 10
FACULTIES, DEPARTMENTS, PARTNERS = 4, 40, 300
AT_ONCE = 5000
MADE = 10_000
"""The most cases that are made one by one."""

OF_DEPARTMENTS = 100_000
"""So many cases the departments share; of more cases each has as many divisions more."""

SPAN = YEARS * 365 * 86400 * 1_000_000
"""The years of the office in microseconds."""

SHARES = {
    "agreement": 3, "agreement_renewal": 4, "incoming_nomination": 25, "outgoing_exchange": 35,
    "eligibility_review": 33,
}  # fmt: skip
FIRST = ("Åsa", "Björn", "Karin", "Östen", "Lena", "Göran", "Märta", "Ali", "Fatima", "Chen", "Sofia", "Erik", "Elin")
LAST = ("Öberg", "Lindström", "Ek", "Åkesson", "Nyström", "Hägg", "Svensson", "García", "Müller", "Nguyen", "Sjö")
PLACES = ("Wien", "Oulu", "Otago", "Granada", "Graz", "Lyon", "Seoul", "Tartu", "Bologna", "Århus", "Malmö", "Kraków")
SUBJECTS = ("Statistik", "Historia", "Medicin", "Juridik", "Fysik", "Språk", "Ekonomi", "Biologi", "Pedagogik")


@dataclass
class Office:
    """Who and what the cases are about; `cases` counts them all, `events` those of each.

    `divisions` are of each department; the first of them is where cases are made.
    """

    catalogue: Catalogue
    cases: int
    events: int
    divisions: int = 1
    dice: random.Random = field(default_factory=lambda: random.Random(2027))
    agreements: list[tuple[str, str]] = field(default_factory=list)
    nominations: list[str] = field(default_factory=list)

    @property
    def units(self) -> list[str]:
        """The codes of the departments."""
        return [f"D{number:02d}" for number in range(DEPARTMENTS)]

    @property
    def all_units(self) -> list[str]:
        """The codes of the departments and their further divisions."""
        return self.units + [f"{code}.{division}" for division in range(1, self.divisions) for code in self.units]


def fill(store: Store, catalogue: Catalogue, *, cases: int, events: int = EVENTS) -> None:
    """Put everything in, and let the database look at what it has. Of many cases so many as a round factor gives."""
    times = -(-cases // MADE)
    divisions = max(1, cases // OF_DEPARTMENTS)
    office = Office(catalogue, cases // times, events, divisions)
    for table, rows in _people_and_places(office):
        _put(store, table, rows)
    made = _cases(office)
    while several := list(islice(made, AT_ONCE // events)):
        for table in ("case_record", "event", "deadline", "link"):
            _put(store, table, [row for case in several for row in case.get(table, ())])
    if times > 1:
        multiply(store, times=times, apart=SPAN // cases, divisions=divisions)
    with store.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(
            "PRAGMA wal_checkpoint(TRUNCATE)" if store.sqlite else "VACUUM ANALYZE"
        )


def _put(store: Store, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    several = list(rows)
    if not several:
        return
    if store.sqlite:
        with store.writes() as connection:
            connection.execute(sa.insert(Table.metadata.tables[table]), several)
        return
    names = list(several[0])
    with store.engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        written = ", ".join(f'"{name}"' for name in names)
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({written}) FROM STDIN") as copy:
            for row in several:
                copy.write_row([_for_copy(row[name]) for name in names])


def _for_copy(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _people_and_places(office: Office) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    key = {"institution": INSTITUTION, "since_version": 1, "until_version": None}
    yield "organisation", [{"institution": INSTITUTION, "version": 1}]
    parents = {INSTITUTION: None} | {f"F{n}": INSTITUTION for n in range(FACULTIES)}
    parents |= {code: f"F{n % FACULTIES}" for n, code in enumerate(office.all_units)}
    yield "unit", [
        {
            **key, "id": code, "code": code, "name_sv": code, "name_en": code, "parent": parent,
            "mailbox": None, "settings": {},
        }
        for code, parent in parents.items()
    ]  # fmt: skip
    held = [("officer", "officer", INSTITUTION), ("admissions", "admissions", INSTITUTION)]
    held += [
        (f"{role}-{code}-{n}", role, code)
        for code in office.all_units
        for role, count in (("coordinator", 3), ("reviewer", 2), ("head", 1))
        for n in range(count)
    ]
    yield (
        "membership",
        [
            {**key, "id": person, "person": person, "role": role, "unit": unit, "starts_on": None, "ends_on": None}
            for person, role, unit in held
        ],
    )
    yield "person", [_person(office, person) for person, _, _ in held]
    yield "person", [_person(office, f"s{number}") for number in range(office.cases // 2)]
    yield "partner", [
        {
            "institution": INSTITUTION, "id": f"p{n}", "name": f"University of {PLACES[n % len(PLACES)]} {n}",
            "folded_name": f"university of {PLACES[n % len(PLACES)].casefold()} {n}", "language": "en",
        }
        for n in range(PARTNERS)
    ]  # fmt: skip


def _person(office: Office, name: str) -> dict[str, Any]:
    spoken = f"{office.dice.choice(FIRST)} {office.dice.choice(LAST)}"
    return {
        "institution": INSTITUTION, "id": name, "name": spoken, "email": f"{name}@example.org", "language": "sv",
        "created_at": 1,
    }  # fmt: skip


def _cases(office: Office) -> Iterator[dict[str, Sequence[Mapping[str, Any]]]]:
    """The rows of one case after another, by table, in the order they were opened; agreements come first."""
    names = [name for name in SHARES for _ in range(office.cases * SHARES[name] // 100)]
    early = office.cases * SHARES["agreement"] // 100
    later = names[early:]
    office.dice.shuffle(later)
    blank = {name: json.loads(json.dumps(_facts(office.catalogue.current(name)))) for name in SHARES}
    for number, name in enumerate(names[:early] + later):
        opened = micros(NOW) - SPAN + SPAN * number // office.cases
        yield _case(office, office.catalogue.current(name), number, opened, blank[name])


def _facts(definition: Definition) -> dict[str, Any]:
    return dict(definition.workflow.facts.model_construct().model_dump(mode="json", warnings=False))


def _case(
    office: Office, definition: Definition, number: int, opened: int, facts: Mapping[str, Any]
) -> dict[str, Sequence[Mapping[str, Any]]]:
    dice, name = office.dice, definition.name
    case = f"01900000-{number >> 12:04x}-7{number & 0xFFF:03x}-8000-000000000000"
    unit = dice.choice(office.units)
    old = micros(NOW) - opened > 300 * 86400 * 1_000_000
    still = dice.random() < (0.6 if name == "agreement" else 0.02 if old else 0.7)
    states = [state.name for state in definition.workflow.states if state.final is not still]
    state = dice.choice(states)
    entered = min(opened + dice.randrange(1, 200) * 86400 * 1_000_000, micros(NOW) - 1)
    partner = f"p{dice.randrange(PARTNERS)}" if name == "agreement" else None
    title = f"{dice.choice(SUBJECTS)}, {dice.choice(PLACES)} {number % 97}"
    due = micros(NOW) + dice.randrange(-10, 60) * 86400 * 1_000_000 if still else None
    missed = due if due is not None and due < micros(NOW) else None
    row = {
        "institution": INSTITUTION, "id": case,
        "number": f"{definition.workflow.prefix}-{2022 + number * YEARS // office.cases}-{number:05d}",
        "workflow": name, "definition": definition.hash, "state": state, "unit": unit,
        "assignee": f"coordinator-{unit}-{dice.randrange(3)}" if dice.random() < 0.5 else None,
        "subject": None if name.startswith("agreement") else f"s{dice.randrange(office.cases // 2)}",
        "title": title, "search": title.casefold(), "facts": {**facts, "partner": partner} if partner else facts,
        "acts": {}, "version": office.events, "head": f"{number:064x}", "opened_at": opened, "updated_at": entered,
        "closed_at": None if still else entered, "entered_at": entered, "due_at": due, "missed_at": missed,
        "partner": partner,
    }  # fmt: skip
    return {
        "case_record": [row],
        "event": [_event(row, sequence, states, office.events) for sequence in range(1, office.events + 1)],
        "deadline": list(_deadlines(definition, row)),
        "link": list(_links(office, row)),
    }


def _event(row: Mapping[str, Any], sequence: int, states: Sequence[str], events: int) -> dict[str, Any]:
    at = row["opened_at"] + (row["entered_at"] - row["opened_at"]) * sequence // events
    return {
        "institution": INSTITUTION, "case_id": row["id"], "sequence": sequence,
        "kind": "opened" if sequence == 1 else "moved", "trigger": None if sequence == 1 else "go",
        "from_state": None if sequence == 1 else states[sequence % len(states)], "to_state": row["state"],
        "party": "officer", "on_behalf_of": None, "role": "officer", "at": at, "definition": row["definition"],
        "cause_case": None, "cause_sequence": None, "body": b'{"case":"%s","at":%d}' % (row["id"].encode(), at),
        "previous": f"{sequence:064x}", "hash": f"{sequence + 1:064x}",
    }  # fmt: skip


def _deadlines(definition: Definition, row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    ended = {"due_on": date(2025, 1, 1), "due_at": 1, "ended_at": row["entered_at"], "status": "met"}
    for since, deadline in enumerate(definition.workflow.deadlines[:2], start=1):
        running = since == 1 and row["due_at"] is not None
        own = {
            "due_on": (datetime.fromtimestamp(row["due_at"] / 1e6, UTC) - timedelta(hours=1)).date(),
            "due_at": row["due_at"], "ended_at": None, "status": "missed" if row["missed_at"] else "running",
        } if running else ended  # fmt: skip
        yield {
            "institution": INSTITUTION, "case_id": row["id"], "name": deadline.name, "since": since,
            "started_at": row["opened_at"], "ledger": [], "fired": [], "next_rung": None, "acts_at": None, **own,
        }  # fmt: skip


def _links(office: Office, row: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    dice, name, case = office.dice, row["workflow"], row["id"]
    tie = {"institution": INSTITUTION, "from_case": case, "sequence": 1}
    if name == "agreement":
        office.agreements.append((case, row["unit"]))
    elif name == "eligibility_review" and office.nominations:
        yield {**tie, "name": "parent", "to_case": dice.choice(office.nominations[-500:])}
    elif name != "eligibility_review":
        yield {**tie, "name": "agreement", "to_case": dice.choice(office.agreements)[0]}
    if name == "incoming_nomination":
        office.nominations.append(case)
