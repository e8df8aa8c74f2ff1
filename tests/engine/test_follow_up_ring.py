"""Follow-ups that would go round for ever stop themselves alone: alone, among others, in a batch, by the clock.

No file with such a ring loads (`engine/crossings.py`); this is what is left if one came in all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any

import pytest

from engine.catalogue import Catalogue
from engine.definition import Definition
from engine.dry_run import dry_run
from engine.errors import WorkflowFault
from engine.model import Comment, Outcome, Request, Take
from engine.vocabulary import AnyView, FollowUp
from tests.engine.house import INSTITUTION, held_by, refused
from tests.engine.house_workflows import defined
from tests.engine.posts import Post, open_post
from tests.engine.test_group_commit import at_once


def unlocked(_: AnyView) -> dict[str, Any]:
    return {"locked": False}


RING = {
    ("contract", "carry_over"): FollowUp("stays", "lock", fields=unlocked),
    ("contract", "offer_next"): FollowUp("stays", "lock", fields=unlocked),
    ("stay", "lock"): FollowUp("contract", "carry_over"),
}


def bent(definition: Definition) -> Definition:
    """The definition with the ring in its steps, put in behind the checks."""
    steps = {
        key: replace(step, follow_ups=(RING[definition.name, step.trigger],), relinks=())
        if (definition.name, step.trigger) in RING
        else step
        for key, step in definition.steps.items()
    }
    return replace(definition, steps=MappingProxyType(steps))


@pytest.fixture
def post(database_url: str) -> Iterator[Post]:
    catalogue = Catalogue(defined())
    for name in ("_by_name", "_by_hash"):
        found = {key: bent(definition) for key, definition in getattr(catalogue, name).items()}
        object.__setattr__(catalogue, name, MappingProxyType(found))
    with open_post(database_url, catalogue=catalogue) as made:
        yield made


def ringed(post: Post) -> str:
    """A contract with a stay under it, between which the ring would run."""
    contract = post.house.contract()
    post.house.stay_in("waiting", contract)
    return contract


def carry_over(contract: str) -> Request:
    return Request(INSTITUTION, Take("carry_over"), "olle", case=contract)


def test_a_step_is_refused_in_words_that_say_what_to_do_and_changes_nothing(post: Post) -> None:
    contract = ringed(post)
    with refused(post.house, WorkflowFault, "follow_up_ring"):
        post.house.send(carry_over(contract))
    with pytest.raises(WorkflowFault) as told:
        post.house.send(carry_over(contract))
    assert "Tell an administrator which case and which step it was." in told.value.message.en
    assert "Inget har ändrats" in told.value.message.sv
    assert (told.value.code, told.value.trigger) == ("workflow_fault", "carry_over")


def test_of_steps_taken_together_it_is_refused_alone(post: Post) -> None:
    contract, stay = ringed(post), post.house.open()
    comment = Request(INSTITUTION, Comment("as ever"), "ann", case=stay)
    asked = [comment, carry_over(contract), comment]
    kinds = [Outcome, WorkflowFault, Outcome]
    assert [type(each) for each in dry_run(post.house.cases, asked)] == kinds
    assert [type(each) for each in post.house.cases.steps(asked)] == kinds
    assert (post.house.case(stay).version, post.house.case(contract).version) == (3, 1)


def test_of_callers_at_one_moment_the_others_are_answered(post: Post) -> None:
    contract, stays = ringed(post), [post.house.open() for _ in range(4)]
    asked = [carry_over(contract), *(Request(INSTITUTION, Comment("hello"), "ann", case=stay) for stay in stays)]
    told = at_once([partial(post.house.send, request) for request in asked])
    assert [type(each) for each in told] == [WorkflowFault, *[Outcome] * 4]


def test_a_rung_that_would_go_round_is_put_off_and_listed_and_others_go_on(post: Post) -> None:
    contract, well = ringed(post), post.house.contract()
    waiting = post.house.stay_in("waiting", contract)
    post.house.take(waiting, "offer", by="olle")
    post.house.student(waiting, "decline")
    holder = post.house.stay_in("offered", well)
    post.house.student(holder, "decline")
    post.house.take(holder, "withdraw")
    post.ticker.tick()
    (line,) = post.ticker.stuck(INSTITUTION)
    assert (line.case, line.fault.split(" ")[0]) == (contract, "FollowUpRing")
    assert post.house.bodies(well)[-1]["rung"]["deadline"] == "freed"
    assert held_by(post.house, contract) == []
