"""Crossings: what one workflow names of another is there."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from typing import Any

import pytest

from engine.catalogue import Catalogue
from engine.definition import define
from engine.errors import WorkflowInvalid
from engine.vocabulary import (
    RECORDED,
    Answer,
    AnyView,
    FollowUp,
    Holds,
    Offers,
    Opens,
    Related,
    Relinks,
    Role,
    Transition,
    Workflow,
)
from tests.engine.examples import (
    KEY_LINK,
    LOAN,
    SOURCE,
    STATES,
    WORDS,
    GivingFacts,
    defined,
    keys,
    loan,
    with_transition,
)

LOANS = Related("loans", "loan", link="key")


def together(*workflows: Workflow) -> Catalogue:
    """A catalogue of workflows declared in these tests."""
    return Catalogue(tuple(defined(workflow) for workflow in workflows))


def faults(*workflows: Workflow) -> tuple[str, ...]:
    """What is wrong with workflows taken together."""
    with pytest.raises(WorkflowInvalid) as caught:
        together(*workflows)
    return caught.value.problems


def following(along: str, trigger: str, **changes: Any) -> Workflow:
    """A loan that moves another case when it is lent."""
    workflow = with_transition("lend", follow_ups=(FollowUp(along, trigger),))
    return replace(workflow, links=(KEY_LINK,), **changes)


def notice(trigger: str, *follow_ups: FollowUp) -> Transition:
    """A recorded transition of a key."""
    return Transition(trigger, WORDS, "in_box", RECORDED, (Role.HEAD,), follow_ups=follow_ups)


def test_a_link_leads_to_a_workflow() -> None:
    assert faults(loan(links=(KEY_LINK,))) == ("link key: there is no workflow key; there are loan",)


def test_a_relation_leads_to_a_workflow() -> None:
    assert faults(keys(related=(LOANS,)))[0].startswith("related loans: there is no workflow loan")


def test_a_relation_follows_a_link_of_the_other_workflow() -> None:
    assert faults(keys(related=(LOANS,)), LOAN) == (
        "related loans: loan has no link key; declare it there or name another",
    )


def test_a_relation_follows_a_link_that_leads_here() -> None:
    linked = loan(links=(replace(KEY_LINK, workflow="loan"),))
    assert faults(keys(related=(LOANS,)), linked) == (
        "related loans: the link key of loan leads to loan, not to this workflow",
    )


def test_a_relation_names_states_of_the_other_workflow() -> None:
    related = replace(LOANS, states=("lent", "sold"))
    assert faults(keys(related=(related,)), loan(links=(KEY_LINK,))) == (
        "related loans: loan has no state sold; name one it declares",
    )


def test_a_follow_up_fires_a_trigger_of_the_other_workflow() -> None:
    assert faults(following("key", "melt"), keys()) == (
        "transition lend, follow-up along key: key has no trigger melt; name one it declares",
    )


def test_opening_needs_a_workflow_and_a_link_back() -> None:
    opens = Opens("key", "loan", lambda _: ())
    opening = with_transition("lend", opens=(opens,))
    assert faults(opening)[0].startswith("transition lend, opens: there is no workflow key")
    assert faults(opening, keys())[0].startswith("transition lend, opens: key has no link loan")


def test_relinking_needs_a_link_of_the_cases_moved() -> None:
    relinks = Relinks("loans", "door", lambda _: None)
    lose = replace(keys().transitions[0], relinks=(relinks,))
    workflow = keys(related=(LOANS,), transitions=(lose,))
    assert faults(workflow, loan(links=(KEY_LINK,))) == (
        "transition lose, relinks: loan has no link door; declare it there or name another",
    )


def test_places_are_held_under_who_gives_them() -> None:
    states = tuple(replace(each, holds_place=each.name == "lent") for each in STATES)
    holding = loan(states=states, links=(KEY_LINK,), holds=Holds("key", lambda _: None))
    assert faults(holding, keys())[0].startswith("holds: key offers no places")
    giving = keys(offers=Offers(lambda *_: None, lambda *_: 0), facts=GivingFacts)
    assert together(holding, giving).names == ("key", "loan")


def asks_for_what_is_not_there(view: AnyView) -> Answer:
    """Ask for what nobody declares."""
    return view.ask("colour", view.linked("drawer") or view.figure("size"))


def test_functions_ask_only_for_what_some_workflow_declares() -> None:
    source = "\n".join((SOURCE, inspect.getsource(asks_for_what_is_not_there)))
    definition = define(with_transition("refuse", guards=(asks_for_what_is_not_there,)), source)
    with pytest.raises(WorkflowInvalid) as caught:
        Catalogue((definition,))
    asked = [re.findall(r"asks for (\w+), .* under its (\w+)", each)[0] for each in caught.value.problems]
    assert asked == [("drawer", "relations"), ("colour", "questions"), ("size", "figures")]


@pytest.mark.parametrize("by", [(), (Role.CLOCK,)])
def test_a_transition_is_taken_by_somebody(by: tuple[Role, ...]) -> None:
    note = replace(notice("tell"), by=by)
    workflow = keys(transitions=(*keys().transitions, note), related=(LOANS,))
    assert faults(workflow, loan(links=(KEY_LINK,))) == (
        (
            "transition tell: nobody may take it by hand, no rung fires it and no follow-up takes it; "
            "add a role, or leave it out"
        ),
    )
    assert together(workflow, following("key", "tell")).names == ("key", "loan")


def test_follow_ups_do_not_run_in_a_ring() -> None:
    lose = replace(keys().transitions[0], follow_ups=(FollowUp("loans", "lend"),))
    workflow = keys(related=(LOANS,), transitions=(lose,))
    (told,) = faults(following("key", "lose"), workflow)
    assert told.startswith("transition lend: its follow-ups run in a ring: ")
    assert "loan.lend → key.lose → loan.lend" in told


def chain(length: int) -> Workflow:
    """A key whose recorded steps follow each other through other keys."""
    others = Related("others", "key")
    steps = [
        notice(f"step_{n}", *([FollowUp("others", f"step_{n + 1}")] if n < length else [])) for n in range(length + 1)
    ]
    return keys(related=(others,), transitions=(*keys().transitions, *steps))


def test_follow_ups_run_through_four_cases() -> None:
    assert together(chain(4)).reach("key", "step_0") == {("key", Related("others", "key"))}


def test_follow_ups_run_no_further() -> None:
    assert "follow-ups run through more than 4 cases" in faults(chain(5))[0]
