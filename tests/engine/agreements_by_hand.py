"""Agreements of the real workflows with who holds places under them, written straight into the tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from engine.canonical import micros
from engine.catalogue import Catalogue
from engine.insight import Insight
from engine.model import Case, DeadlineRow
from tests.engine.house import INSTITUTION, MONDAY, House, open_house
from tests.engine.made_by_hand import a_case, a_decision, a_row

WORKFLOWS = Path(__file__).parents[2] / "workflows"
KTH = "11111111-1111-7111-8111-111111111111"


@cache
def real_catalogue() -> Catalogue:
    return Catalogue.of(WORKFLOWS.glob("*.py"))


def row(name: str = "out", direction: str = "outgoing", places: int = 4, **more: Any) -> dict[str, Any]:
    return {"name": name, "direction": direction, "places": places, **more}


def held(case: str, row_name: str = "out", *, year: str = "2026/2027", semesters: int = 1) -> dict[str, Any]:
    return {"case": case, "row": row_name, "academic_year": year, "semesters": semesters}


def made(workflow: str, name: str, state: str, facts: Mapping[str, Any], **more: Any) -> Case:
    """A case of a real workflow, with all facts it may have."""
    definition = real_catalogue().current(workflow)
    whole = definition.workflow.facts.model_validate(facts).model_dump(mode="json")
    closed = micros(MONDAY) if definition.states[state].final else None
    kept = {"unit": "a", "title": name, "search": name.casefold(), "assignee": None, "subject": None, **more}
    return a_case(
        name, workflow=workflow, definition=definition.hash, state=state, facts=whole, acts={}, number=name.upper()[:3],
        opened_at=micros(MONDAY), updated_at=micros(MONDAY), closed_at=closed, **kept,
    )  # fmt: skip


def agreement(name: str = "kth", *, state: str = "active", **more: Any) -> Case:
    """An agreement; `more` are columns where they have such names, else facts."""
    columns = {key: more.pop(key) for key in ("unit", "title", "search", "deadlines") if key in more}
    facts = {"partner_name": "KTH", "valid_from": date(2024, 7, 1), "rows": [row(), row("in", "incoming", 2)], **more}
    return made("agreement", name, state, facts, **columns)


def exchange(name: str, *, level: str = "bachelor", under: str = "kth", **more: Any) -> Case:
    facts = {
        "stay_from": date(2026, 8, 24), "stay_to": date(2027, 1, 15), "academic_year": "2026/27",
        "semesters": 1, "level": level,
    }  # fmt: skip
    return made("outgoing_exchange", name, "abroad", facts, links=(("agreement", under),), **more)


def nomination(name: str, *, level: str = "bachelor", under: str = "kth", **more: Any) -> Case:
    facts = {"stay_from": date(2027, 1, 11), "stay_to": date(2027, 6, 6), "level": level}
    return made("incoming_nomination", name, "registered", facts, links=(("agreement", under),), **more)


def renewal(name: str, state: str = "due", *, under: str = "kth", **more: Any) -> Case:
    return made("agreement_renewal", name, state, {"partner_name": "KTH"}, links=(("agreement", under),), **more)


def ending(name: str, day: date) -> DeadlineRow:
    """A deadline that runs and is due at the end of a day."""
    due_at = micros(datetime(day.year, day.month, day.day, 23, tzinfo=UTC))
    return a_row(name, ledger=(), due_on=day, due_at=due_at, fired=(), ended_at=None)


@dataclass
class Desk:
    """A house of the real workflows with what is asked of many cases at once."""

    house: House
    insight: Insight

    def write(self, *cases: Case) -> None:
        decision = a_decision(
            *cases,
            deadlines=tuple((case.id, each) for case in cases for each in case.deadlines),
            linked=tuple((case.id, name, to) for case in cases for name, to in case.links),
            organisation_version=self._version(),
        )
        with self.house.store.step() as ledger:
            assert ledger.write(decision) is not None

    def _version(self) -> int:
        return int(self.house.rows("organisation")[0]["version"])

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """What the database is asked meanwhile, the organisation having been read before."""
        self.insight.academic_year(INSTITUTION, "olle")
        asked: list[str] = []

        def note(_c: object, _r: object, statement: str, *_: object) -> None:
            asked.append(statement)

        sa.event.listen(self.house.store.engine, "before_cursor_execute", note)
        yield asked
        sa.event.remove(self.house.store.engine, "before_cursor_execute", note)
        asked[:] = [each for each in asked if not each.startswith("BEGIN")]


@contextmanager
def desk(url: str) -> Iterator[Desk]:
    with open_house(url, catalogue=real_catalogue()) as house:
        yield Desk(house, Insight(house.cases))
