"""What a step answers is what reading the case directly afterwards says, and is written as the models say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from engine.errors import CaseNotFound
from engine.model import Outcome, Request, Take
from engine.queries import Queries
from engine.store.store import Store
from service.models import CaseRead, StepRead
from service.reading import as_json, case_read
from tests.service.office import INSTITUTION, Office
from tests.workflows.fitting import prepare
from tests.workflows.town import CATALOGUE, Town
from tests.workflows.walking import walk_along

ACTS = 20
"""How many acts a walk has; each may take several steps."""


@pytest.fixture(scope="module", autouse=True)
def _prepared() -> None:
    prepare()


@pytest.fixture
def town(database_url: str) -> Iterator[Town]:
    with closing(Store(database_url)) as store:
        yield Town(store)


def told(queries: Queries, institution: str, person: str, outcome: Outcome, *, read: bool) -> bytes | None:
    """What a person is told of a case after a step: read again, or from what the step was decided on."""
    try:
        about = (institution, person)
        found = queries.seen(*about, outcome.case_id) if read else queries.after(*about, outcome)
    except CaseNotFound:
        return None
    return as_json(case_read(found.case, found.actions, queries.cases.catalogue))


@pytest.mark.parametrize("workflow", CATALOGUE.names)
def test_after_every_step_of_a_walk_everybody_is_told_what_reading_says(town: Town, workflow: str) -> None:
    queries, step = Queries(town.cases), town.cases.step
    known: list[bool] = []

    def compared(request: Request) -> Outcome:
        outcome = step(replace(request, shown=True))
        known.append(outcome.left is not None)
        for person in town.people:
            after = told(queries, town.name, person, outcome, read=False)
            assert after == told(queries, town.name, person, outcome, read=True)
        return outcome

    cases: Any = town.cases
    cases.step = compared
    walk_along(town, workflow, [Random(f"{workflow}{n}").randrange(1 << 30) for n in range(ACTS)])
    assert sum(known) > 2


def test_every_change_over_http_answers_what_reading_the_case_says(office: Office) -> None:
    case = office.review()
    others = {"person": office.ids["second"]}
    changes: list[tuple[str, str, str, dict[str, Any]]] = [
        ("reviewer", "POST", "transitions", {"trigger": "take"}),
        ("reviewer", "PUT", "assignee", others),
        ("admissions", "POST", "comments", {"text": "Åter på måndag."}),
        ("admissions", "POST", "transitions", {"trigger": "set_answer_by", "fields": {"answer_by": "2027-02-01"}}),
        ("admissions", "POST", "corrections", {"facts": {"course": "Statistik B"}, "reason": "Läste fel."}),
    ]
    for who, method, what, body in changes:
        answer = office.ask(who, method, f"/cases/{case['id']}/{what}", body, if_match=f'"{case["version"]}"')
        read = office.get(who, f"/cases/{case['id']}")
        case = answer.json()["case"]
        assert (answer.headers["etag"], case) == (read.headers["etag"], read.json())


def test_steps_taken_together_are_each_answered_as_reading_says(office: Office) -> None:
    reviews = [office.review(facts={"course": f"Statistik {number}"})["id"] for number in range(4)]
    house, reviewer = office.house, office.ids["reviewer"]
    requests = [Request(INSTITUTION, Take("take"), reviewer, case=review, shown=True) for review in reviews]

    for outcome in house.cases.steps(requests):
        assert isinstance(outcome, Outcome)
        assert outcome.left is not None
        for person in office.ids.values():
            after = told(house.queries, INSTITUTION, person, outcome, read=False)
            assert after == told(house.queries, INSTITUTION, person, outcome, read=True)


def test_a_step_reads_nothing_over_again_for_its_answer(desk: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    case = desk.review()
    desk.get("reviewer", "/me")

    def fail() -> None:
        raise AssertionError("the case was read again")

    monkeypatch.setattr(desk.house.store, "reads", fail)
    assert desk.step("reviewer", case, "take")["state"] == "under_review"


def test_an_answer_is_written_just_as_its_model_writes_it(desk: Office) -> None:
    case = desk.review()
    body = {"trigger": "take", "comment": "Jag tar den."}
    step = desk.post("reviewer", f"/cases/{case['id']}/transitions", body, if_match=f'"{case["version"]}"')
    read = desk.get("admissions", f"/cases/{case['id']}")

    assert StepRead.model_validate_json(step.content).model_dump_json(by_alias=True) == step.text
    assert CaseRead.model_validate_json(read.content).model_dump_json(by_alias=True) == read.text
