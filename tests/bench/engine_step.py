"""The engine's durable step: admissions moves the day by which a review is to be answered.

Each step reads a snapshot, judges roles and guards, decides, and writes event, case row,
one deadline and one message owed, as the bare unit of work does, and the event's detail.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from adapters.system import NothingStandsThere, SecretNonces, SystemClock, Uuid7
from engine.cases import Cases
from engine.catalogue import Catalogue
from engine.model import NewPerson, Open, Request, Take
from engine.store.migrate import upgrade
from engine.store.store import Store
from engine.tables import MembershipRecord, OrganisationRecord, UnitRecord, table_of
from tests.bench.measuring import Contestant

FAR = date(2035, 1, 8)
INSTITUTION = "bench.example"
WORKFLOWS = Path(__file__).parents[2] / "workflows"


def office(url: str) -> Cases:
    """A small office over a database."""
    upgrade(url)
    store = Store(url)
    with store.writes() as connection:
        connection.execute(table_of(OrganisationRecord).insert().values(institution=INSTITUTION, version=1))
        connection.execute(
            table_of(UnitRecord)
            .insert()
            .values(
                institution=INSTITUTION,
                id="root",
                since_version=1,
                code=INSTITUTION,
                name_sv="Rot",
                name_en="Root",
                mailbox="io@bench.example",
            )
        )
        for role in ("reviewer", "admissions", "head", "officer"):
            connection.execute(
                table_of(MembershipRecord)
                .insert()
                .values(
                    institution=INSTITUTION,
                    id=role,
                    since_version=1,
                    person=role,
                    role=role,
                    unit=INSTITUTION,
                )
            )
    catalogue = Catalogue.of(WORKFLOWS.glob("*.py"))
    return Cases(store, catalogue, SystemClock(), Uuid7(), SecretNonces(), NothingStandsThere())


@contextmanager
def engine_unit(cases: Cases, how_many: int = 20) -> Iterator[Contestant]:
    """One step of one of so many reviews, in turn."""
    reviews = itertools.cycle([_review(cases, number) for number in range(how_many)])
    if not cases.store.sqlite:
        # As the server does by itself within a minute: until then it plans for empty tables.
        with cases.store.writes() as connection:
            connection.exec_driver_sql("ANALYZE")
    days = itertools.cycle([FAR + timedelta(days=n) for n in range(101)])

    def unit() -> None:
        ask = Take("set_answer_by", {"answer_by": next(days).isoformat()})
        cases.step(Request(INSTITUTION, ask, "admissions", case=next(reviews)))

    yield unit


def _review(cases: Cases, number: int) -> str:
    subject = NewPerson(f"Sökande {number}", f"applicant{number}@example.org", "sv")
    ask = Open("eligibility_review", INSTITUTION, subject, {"course": f"Statistik {number}"})
    case = cases.step(Request(INSTITUTION, ask, "admissions")).case_id
    cases.step(Request(INSTITUTION, Take("take"), "reviewer", case=case))
    return case
