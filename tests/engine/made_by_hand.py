"""Cases, events and decisions made by hand, for what is asked of the ledger alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from engine.canonical import GENESIS, chain
from engine.model import Case, DeadlineRow, Decision, Kind, NewEvent, Status
from engine.store.ledger import Plan, Reading
from tests.engine.house import INSTITUTION, House

ODD = 'Å"\\\n\t{}%s :x é 𝄞 \x7f'
"""Text that trips over careless quoting."""


def a_case(name: str = "c1", **changes: Any) -> Case:
    made = Case(
        institution=INSTITUTION,
        id=name,
        number="STA-2026",
        workflow="stay",
        definition="d" * 64,
        state="asked",
        unit="a",
        assignee="ann",
        subject="s1",
        title=ODD,
        search=ODD.casefold(),
        facts={"z": 1, "a": [None, True, {"n": ODD}], "big": 2**62, "credits": "7.50"},
        acts={"propose": ("ann", "arne")},
        version=1,
        head="",
        opened_at=1,
        updated_at=2**53 + 1,
        closed_at=None,
    )
    return replace(made, **changes)


def a_row(name: str = "answer", **changes: Any) -> DeadlineRow:
    made = DeadlineRow(
        name=name,
        since=1,
        status=Status.RUNNING,
        started_at=10**15,
        ledger=((1, 2), (3, 4)),
        due_on=date(2027, 2, 28),
        due_at=2**53 + 3,
        fired=("remind", "two"),
        next_rung="missed",
        acts_at=2**53 + 5,
    )
    return replace(made, **changes)


def an_event(case: Case, **changes: Any) -> NewEvent:
    body = f'{{"case":"{case.id}","text":"Å𝄞\\\\u0000"}}'.encode()
    made = NewEvent(
        institution=INSTITUTION,
        case=case.id,
        sequence=case.version,
        kind=Kind.OPENED,
        trigger=None,
        from_state=None,
        to_state=case.state,
        party="ann",
        on_behalf_of=None,
        role="coordinator",
        at=5,
        definition=case.definition,
        cause_case=None,
        cause_sequence=None,
        body=body,
        previous=GENESIS,
        hash=chain(body, GENESIS),
        detail='{"text":"Å𝄞"}'.encode(),
        nonce=bytes(range(16)),
    )
    return replace(made, **changes)


def a_decision(*cases: Case, opened: bool = True, **changes: Any) -> Decision:
    events = [an_event(case) for case in cases]
    sealed = tuple(replace(case, head=event.hash) for case, event in zip(cases, events, strict=True))
    made = Decision(
        institution=INSTITUTION,
        seen={} if opened else {case.id: case.version - 1 for case in cases},
        organisation_version=8,
        case=cases[0].id,
        sequence=cases[0].version,
        cases=sealed,
        opened=frozenset(case.id for case in cases) if opened else frozenset(),
        events=tuple(events),
        deadlines=(),
        owed=(),
        linked=(),
        unlinked=(),
        person=None,
        key=None,
        by="ann",
        now=77,
    )
    return replace(made, **changes)


def written(house: House, decision: Decision) -> Mapping[str, str] | None:
    with house.store.step() as ledger:
        return ledger.write(decision)


def read(house: House, *cases: str, **more: Any) -> Reading:
    with house.store.step() as ledger:
        return ledger.read(Plan(INSTITUTION, cases, **more))
