"""Steps: four eyes that can be kept, effects on cases that can be found."""

from __future__ import annotations

from dataclasses import replace

from engine.vocabulary import (
    RECORDED,
    FollowUp,
    Offers,
    Relinks,
    Role,
)
from tests.engine.examples import (
    STATES,
    GivingFacts,
    held,
    loan,
    only_fault,
    with_step,
    with_transition,
)


def test_four_eyes_name_a_trigger() -> None:
    assert only_fault(with_transition("lend", not_by=("draft",))).startswith(
        "transition lend, not_by draft: is not declared"
    )


def test_four_eyes_look_back_not_forward() -> None:
    assert only_fault(with_transition("lend", not_by=("give_back",))).startswith(
        "transition lend, not_by give_back: never happens before it"
    )


def test_four_eyes_need_two_parties() -> None:
    workflow = with_step("confess", "lent", RECORDED, by=(Role.STUDENT,))
    steps = tuple(replace(t, not_by=("confess",)) if t.trigger == "give_back" else t for t in workflow.transitions)
    assert only_fault(replace(workflow, transitions=steps)).startswith(
        "transition give_back, not_by confess: both are done by student alone"
    )


def test_a_follow_up_goes_along_something_declared() -> None:
    assert only_fault(with_transition("lend", follow_ups=(FollowUp("key", "take"),))) == (
        "transition lend, follow-up: key is neither a link nor a related name; declare it"
    )


def test_relinking_goes_along_something_declared() -> None:
    relinks = Relinks("loans", "key", lambda _: None)
    assert only_fault(with_transition("lend", relinks=(relinks,))).startswith(
        "transition lend, relinks: loans is neither a link nor"
    )


def test_a_place_is_held_under_something() -> None:
    assert only_fault(held(holds=None)).startswith("state lent: holds a place, but under what?")


def test_holding_needs_a_state_that_holds() -> None:
    assert only_fault(held(states=STATES)).startswith("holds: no state holds a place")


def test_places_are_held_under_a_link() -> None:
    assert only_fault(held(links=())).startswith("holds: key is not a link")


def test_who_gives_places_remembers_them() -> None:
    offers = Offers(lambda *_: None, lambda *_: 0)
    assert only_fault(loan(offers=offers)).startswith("offers: the facts have no `held`")


def test_a_freed_place_begins_a_declared_deadline() -> None:
    offers = Offers(lambda *_: None, lambda *_: 0, when_freed="next")
    workflow = loan(offers=offers, facts=GivingFacts)
    assert only_fault(workflow).startswith("offers: when_freed names next, which is no deadline")
