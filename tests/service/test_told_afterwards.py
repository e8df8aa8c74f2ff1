"""What was done is told: neither a full line nor a database that ends halfway makes an answer deny it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from engine.batching import Result
from engine.errors import Busy, ReadOnly
from engine.model import Request
from engine.queries import Queries
from engine.store.ready import DatabaseNotReady
from service import bulk
from tests.service.office import Office, new_review

OPENING = {"cases": [new_review()] * 3}


def after(desk: Office, monkeypatch: pytest.MonkeyPatch, steps: int, happens: Callable[[], None]) -> None:
    """Each step of a call is a part of its own; once so many parts are taken, something happens before the next."""
    committer = desk.app.state.committer
    taken: list[Sequence[Result]] = []
    plainly = committer._take

    def take(requests: Sequence[Request]) -> Sequence[Result]:
        if len(taken) == steps:
            happens()
        found: Sequence[Result] = plainly(requests)
        taken.append(found)
        return found

    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    monkeypatch.setattr(committer, "_take", take)


def opened(desk: Office) -> int:
    return len(desk.get("officer", "/cases").json()["items"])


def test_a_call_that_has_begun_is_finished_and_answered_however_full_the_line_is(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    committer = desk.app.state.committer
    after(desk, monkeypatch, 0, lambda: monkeypatch.setattr(committer, "_longest", 0))
    answer = desk.post("admissions", "/bulk/cases", OPENING)
    assert answer.status_code == 200, answer.text
    assert [each["event"]["sequence"] for each in answer.json()["outcomes"]] == [1, 1, 1]
    assert desk.post("admissions", "/bulk/cases", OPENING).status_code == 503
    assert opened(desk) == 3


HALFWAY = [
    (Busy(), "busy"),
    (ReadOnly(), "read_only"),
    (DatabaseNotReady("another release"), "not_ready"),
    (sa.exc.TimeoutError(), "database_away"),
]


@pytest.mark.parametrize(("error", "code"), HALFWAY, ids=[code for _, code in HALFWAY])
def test_a_call_that_is_ended_halfway_tells_what_was_done_before(
    desk: Office, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str
) -> None:
    def ended() -> None:
        raise error

    after(desk, monkeypatch, 1, ended)
    outcomes = desk.post("admissions", "/bulk/cases", OPENING).json()["outcomes"]
    told = [(each["status"], each["problem"] and each["problem"]["code"]) for each in outcomes]
    assert told == [(201, None), (503, code), (503, code)]
    assert opened(desk) == 1


def test_a_call_of_which_nothing_is_done_yet_is_refused_as_a_whole(
    desk: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended() -> None:
        raise ReadOnly

    after(desk, monkeypatch, 0, ended)
    answer = desk.post("admissions", "/bulk/cases", OPENING)
    assert (answer.status_code, answer.json()["code"], opened(desk)) == (503, "read_only", 0)


@pytest.mark.parametrize("error", [Busy(), DatabaseNotReady("another release")], ids=["busy", "not ready"])
def test_of_a_step_whose_answer_cannot_be_made_it_is_not_said_that_nothing_was_changed(
    desk: Office, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    case = desk.review()

    def never(*_: Any) -> None:
        raise error

    body, headers = {"trigger": "take"}, {"if_match": '"1"', "idempotency_key": "k"}
    with monkeypatch.context() as then:
        then.setattr(Queries, "after", never)
        answer = desk.post("reviewer", f"/cases/{case['id']}/transitions", body, **headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "outcome_unknown")
    again = desk.post("reviewer", f"/cases/{case['id']}/transitions", body, **headers)
    assert (again.status_code, again.json()["case"]["version"]) == (200, 2)
