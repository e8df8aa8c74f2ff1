"""The authorisation matrix, cell by cell: role × where the case lies × process × state × step × institution.

What should answer is read off the declarations by `tests.security.declared`; what does answer is asked of the
HTTP service, as somebody of each role, through the very road of a step. Every request is made to fail behind
the question of rights (somebody else's step, without evidence), so that no case moves and each cell is asked
of the same office. Cases of a process are asked about together, one request a person and step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import pytest
import sqlalchemy as sa

from tests.security import declared
from tests.security.declared import Lies
from tests.security.university import EVERYBODY, FACTS, FOREIGNER, HERE, RELATIONS, University

PROCESSES: Final = tuple(sorted(FACTS))
NOTES: Final = {"corrections": "POST", "comments": "POST", "assignee": "PUT", "links": "POST"}
FEWEST_CELLS: Final = {
    "agreement": 3_000, "agreement_renewal": 1_500, "eligibility_review": 2_500, "incoming_nomination": 3_000,
    "outgoing_exchange": 6_000,
}  # fmt: skip
"""So many steps are asked for at the least; a matrix that shrinks in silence proves nothing."""


def lies(place: University, workflow: str, relation: str) -> Lies:
    """Where the cases of a relation lie, and the agreement they are linked to."""
    at = HERE if relation == "linked" else RELATIONS[relation]
    return Lies(RELATIONS[relation], {"agreement": at} if place.under_agreement(workflow) else {})


def asked(workflow: Any) -> Iterator[tuple[str, set[str]]]:
    """Every step with the states it leaves, and one that it does not leave."""
    for trigger in dict.fromkeys(each.trigger for each in workflow.transitions):
        leaves = {state for each in workflow.transitions if each.trigger == trigger for state in each.sources}
        stays = [state.name for state in workflow.states if state.name not in leaves]
        yield trigger, leaves | set(stays[:1])


def knock(place: University, who: str, trigger: str, cases: list[str]) -> list[int]:
    """Ask for a step of all these cases in one request; the status of each."""
    body = {
        "trigger": trigger, "fields": {}, "on_behalf_of": "student",
        "cases": [{"id": case, "version": 1} for case in cases],
    }  # fmt: skip
    answer = place.ask(who, "POST", "/bulk/transitions", body)
    assert answer.status_code == 200, answer.text
    return [outcome["status"] for outcome in answer.json()["outcomes"]]


@pytest.mark.parametrize("workflow", PROCESSES)
def test_every_step_is_open_to_exactly_those_it_is_declared_for(place: University, workflow: str) -> None:
    place.fill(workflow)
    before = place.office.tables()
    process = place.processes.current(workflow).workflow
    wrong, met = [], Counter[int]()
    for who in EVERYBODY:
        for trigger, states in asked(process):
            cells = [key for key in place.cases if key[2] in states]
            answers = knock(place, who, trigger, [place.cases[cell] for cell in cells])
            for (_, relation, state), status in zip(cells, answers, strict=True):
                expected = declared.step(who, lies(place, workflow, relation), state, trigger, process)
                met[status] += 1
                if status != expected:
                    wrong.append((who, relation, state, trigger, status, expected))
    assert wrong == []
    assert set(met) == {declared.NOT_THERE, declared.NOT_YOURS, declared.NOT_FROM_HERE, declared.JUDGED}
    assert met.total() >= FEWEST_CELLS[workflow]
    assert place.office.tables() == before


@pytest.mark.parametrize("workflow", PROCESSES)
def test_one_by_one_a_step_is_answered_as_among_many(place: University, workflow: str) -> None:
    process = place.processes.current(workflow).workflow
    first = process.initial
    place.fill(workflow, first)
    wrong = []
    for who in EVERYBODY:
        for trigger in dict.fromkeys(each.trigger for each in process.transitions):
            case, body = place.cases[workflow, "linked", first], {"trigger": trigger, "on_behalf_of": "student"}
            status = place.ask(who, "POST", f"/cases/{case}/transitions", body, if_match='"1"').status_code
            expected = declared.step(who, lies(place, workflow, "linked"), first, trigger, process)
            if status != expected:
                wrong.append((who, trigger, status, expected))
    assert wrong == []


@pytest.mark.parametrize("workflow", PROCESSES)
def test_a_case_is_read_by_exactly_those_within_reach(place: University, workflow: str) -> None:
    first = place.processes.current(workflow).workflow.initial
    place.fill(workflow, first)
    wrong = []
    for who in EVERYBODY:
        seen = listed(place, who, f"/cases?workflow={workflow}")
        owed = listed(place, who, "/deadlines")
        for (_, relation, _), case in place.cases.items():
            may = declared.reads(who, lies(place, workflow, relation))
            found = {path: status for path, status in reads(place, who, case) if (status == 200) is not may}
            if found or (case in seen) is not may or (case in owed and not may):
                wrong.append((who, relation, may, found))
    assert wrong == []


def listed(place: University, who: str, path: str) -> set[str]:
    """The cases that a list names, over all its pages."""
    found: set[str] = set()
    cursor: str | None = ""
    while cursor is not None:
        more = "&" if "?" in path else "?"
        answer = place.ask(who, "GET", f"{path}{more}limit=200{f'&cursor={cursor}' if cursor else ''}").json()
        found |= {item.get("case") or item["id"] for item in answer["items"]}
        cursor = answer["next_cursor"]
    return found


def reads(place: University, who: str, case: str) -> Iterator[tuple[str, int]]:
    """Every way to read a case over the API, with what it answers."""
    for rest in ("", "?at=1", "/events", "/verification", "/waiting"):
        yield rest, place.ask(who, "GET", f"/cases/{case}{rest}").status_code


def looks(place: University, who: str, case: str) -> Iterator[tuple[str, int]]:
    """The same on the pages."""
    number = number_of(place, case)
    for rest in ("", "/history", "/history.jsonl"):
        yield f"page {rest}", place.look(who, f"/cases/{number}{rest}").status_code


def test_a_case_is_looked_at_by_exactly_those_within_reach(place: University) -> None:
    workflow = "outgoing_exchange"
    place.fill(workflow, place.processes.current(workflow).workflow.initial)
    wrong = []
    for who in EVERYBODY:
        for (_, relation, _), case in place.cases.items():
            may = declared.reads(who, lies(place, workflow, relation))
            found = {path: status for path, status in looks(place, who, case) if (status == 200) is not may}
            if found:
                wrong.append((who, relation, may, found))
    assert wrong == []


def number_of(place: University, case: str) -> str:
    """The number of a case, by which the pages know it."""
    with place.office.house.store.reads() as connection:
        return str(connection.execute(sa.text("SELECT number FROM case_record WHERE id = :id"), {"id": case}).scalar())


def test_an_exported_list_holds_exactly_what_its_reader_may_read(place: University) -> None:
    first = place.processes.current("eligibility_review").workflow.initial
    place.fill("eligibility_review", first)
    numbers = {cell[1]: number_of(place, case) for cell, case in place.cases.items()}
    for who in EVERYBODY:
        text = place.look(who, "/cases.csv?workflow=eligibility_review").text
        got = {relation for relation, number in numbers.items() if number in text}
        assert got == {each for each in numbers if declared.reads(who, lies(place, "eligibility_review", each))}, who


@pytest.mark.parametrize("workflow", PROCESSES)
def test_small_changes_are_made_by_exactly_those_who_may(place: University, workflow: str) -> None:
    process = place.processes.current(workflow).workflow
    place.fill(workflow, process.initial)
    before, wrong = place.office.tables(), []
    for who in EVERYBODY:
        for (_, relation, _), case in place.cases.items():
            for kind, method in NOTES.items():
                status = place.ask(who, method, f"/cases/{case}/{kind}", {"no": "sense"}, if_match='"1"').status_code
                expected = declared.note(who, lies(place, workflow, relation), kind, process)
                if status != expected:
                    wrong.append((who, relation, kind, status, expected))
    assert wrong == []
    assert place.office.tables() == before


@pytest.mark.parametrize("workflow", PROCESSES)
def test_a_case_is_opened_by_exactly_those_who_may_and_where_they_may(place: University, workflow: str) -> None:
    process = place.processes.current(workflow).workflow
    agreement, under = place.open("agreement", HERE), place.under_agreement(workflow)
    before, wrong = place.office.tables(), []
    for who in EVERYBODY:
        cases = [
            {"workflow": workflow, "unit": unit, "facts": FACTS[workflow],
             "links": {"agreement": agreement} if relation == "linked" and under else {}}
            for relation, unit in RELATIONS.items()
        ]  # fmt: skip
        outcomes = place.ask(who, "POST", "/bulk/cases", {"cases": cases, "dry_run": True}).json()["outcomes"]
        for (relation, unit), outcome in zip(RELATIONS.items(), outcomes, strict=True):
            at = Lies(unit, {"agreement": HERE} if relation == "linked" and under else {})
            if (outcome["status"] != declared.NOT_YOURS) is not declared.named(who, at, process.opened_by):
                wrong.append((who, relation, outcome["status"]))
    assert wrong == []
    assert place.office.tables() == before


@pytest.mark.parametrize("workflow", PROCESSES)
def test_every_role_in_another_institution_sees_and_moves_nothing(place: University, workflow: str) -> None:
    place.fill(workflow)
    place.session(FOREIGNER)
    before = place.office.tables()
    process = place.processes.current(workflow).workflow
    for trigger, _ in asked(process):
        assert set(knock(place, FOREIGNER, trigger, list(place.cases.values()))) == {declared.NOT_THERE}
    assert listed(place, FOREIGNER, "/cases") == listed(place, FOREIGNER, "/deadlines") == set()
    for case in [case for (_, _, state), case in place.cases.items() if state == process.initial]:
        assert {status for _, status in (*reads(place, FOREIGNER, case), *looks(place, FOREIGNER, case))} == {404}
        for kind, method in NOTES.items():
            answer = place.ask(FOREIGNER, method, f"/cases/{case}/{kind}", {"no": "sense"}, if_match='"1"')
            assert answer.status_code == declared.NOT_THERE
    assert place.look(FOREIGNER, "/cases.csv").text.count("\r\n") == 1
    assert place.office.tables() == before
