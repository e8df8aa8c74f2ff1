"""Reach: which cases a step may read, told before it is taken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.catalogue import Catalogue
from engine.definition import Definition, define
from engine.reading import OPENED
from engine.vocabulary import (
    RECORDED,
    YES,
    Answer,
    AnyView,
    FollowUp,
    Related,
    Role,
    Transition,
    Workflow,
    no,
)
from tests.engine.examples import (
    KEY_LINK,
    LOAN,
    WORDS,
    defined,
    keys,
    loan,
    with_transition,
)

LOANS = Related("loans", "loan", link="key")


def together(*workflows: Workflow) -> Catalogue:
    """A catalogue of workflows declared in these tests."""
    return Catalogue(tuple(defined(workflow) for workflow in workflows))


def following(along: str, trigger: str, **changes: Any) -> Workflow:
    """A loan that moves another case when it is lent."""
    workflow = with_transition("lend", follow_ups=(FollowUp(along, trigger),))
    return replace(workflow, links=(KEY_LINK,), **changes)


def notice(trigger: str, *follow_ups: FollowUp) -> Transition:
    """A recorded transition of a key."""
    return Transition(trigger, WORDS, "in_box", RECORDED, (Role.HEAD,), follow_ups=follow_ups)


def test_a_step_reads_the_relation_its_follow_up_goes_along() -> None:
    lose = replace(keys().transitions[0], follow_ups=(FollowUp("loans", "note"),))
    catalogue = together(loan(links=(KEY_LINK,)), keys(related=(LOANS,), transitions=(lose,)))
    assert catalogue.reach("key", "lose") == {("key", LOANS)}


def test_a_step_reads_what_its_follow_ups_read() -> None:
    lose = replace(keys().transitions[0], follow_ups=(FollowUp("loans", "note"),))
    workflow = keys(related=(LOANS,), transitions=(lose,))
    catalogue = together(following("key", "lose"), workflow)
    assert catalogue.reach("loan", "lend") == {("key", LOANS)}
    assert catalogue.reach("loan", "refuse") == frozenset()


def test_without_a_trigger_all_that_any_step_reads_is_told() -> None:
    note = notice("tell", FollowUp("loans", "note"))
    workflow = keys(related=(LOANS,), transitions=(*keys().transitions, note))
    catalogue = together(loan(links=(KEY_LINK,)), workflow)
    assert catalogue.reach("key", None) == {("key", LOANS)}
    assert catalogue.reach("key", "lose") == frozenset()


def counts_loans(view: AnyView) -> Answer:
    """Look at the loans of a key."""
    return YES if len(view.related("loans")) < 3 else no("many", "Många", "Many")


def asks_the_key(view: AnyView) -> Answer:
    """Ask the key itself."""
    key = view.linked("key")
    return key.ask("free", 1) if key else YES


def reading(workflow: Workflow) -> Definition:
    """A definition whose source is this very file."""
    return define(workflow, Path(__file__).read_text(encoding="utf-8"))


def test_a_step_reads_what_its_guards_ask_for() -> None:
    lose = replace(keys().transitions[0], guards=(counts_loans,))
    key = reading(keys(related=(LOANS,), transitions=(lose,)))
    catalogue = Catalogue((key, defined(loan(links=(KEY_LINK,)))))
    assert catalogue.reach("key", "lose") == {("key", LOANS)}


def test_a_step_reads_what_the_answer_to_its_question_reads() -> None:
    key = reading(keys(related=(LOANS,), questions={"free": lambda view, _: counts_loans(view)}))
    asking = with_transition("refuse", guards=(asks_the_key,))
    catalogue = Catalogue((key, reading(replace(asking, links=(KEY_LINK,)))))
    assert catalogue.reach("loan", "refuse") == {("key", LOANS)}
    assert catalogue.reach("loan", "note") == frozenset()


def test_opening_reads_what_its_guards_ask_for() -> None:
    key = reading(keys(related=(LOANS,), guards=(counts_loans,)))
    catalogue = Catalogue((key, defined(loan(links=(KEY_LINK,)))))
    assert catalogue.reach("key", OPENED) == {("key", LOANS)}
    assert catalogue.reach("key", "lose") == frozenset()


def test_a_step_of_either_version_may_be_meant() -> None:
    new = defined(replace(loan(links=(KEY_LINK,)), version=2))
    old = reading(keys(related=(LOANS,), transitions=(replace(keys().transitions[0], guards=(counts_loans,)),)))
    now = defined(keys(version=2, related=(LOANS,)))
    assert Catalogue((new, now), (old,)).reach("key", "lose") == {("key", LOANS)}


def test_an_unknown_trigger_reads_nothing_and_an_unknown_workflow_is_an_error() -> None:
    catalogue = together(LOAN)
    assert catalogue.reach("loan", "fly") == frozenset()
    with pytest.raises(KeyError):
        catalogue.reach("door", None)
