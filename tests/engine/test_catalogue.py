"""The catalogue: all workflows together, found by name and by hash."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.catalogue import Catalogue
from engine.errors import WorkflowInvalid
from engine.vocabulary import (
    Role,
    Workflow,
)
from tests.engine.examples import (
    LOAN,
    WORDS,
    defined,
    keys,
    loan,
    with_transition,
)


def together(*workflows: Workflow) -> Catalogue:
    """A catalogue of workflows declared in these tests."""
    return Catalogue(tuple(defined(workflow) for workflow in workflows))


def faults(*workflows: Workflow) -> tuple[str, ...]:
    """What is wrong with workflows taken together."""
    with pytest.raises(WorkflowInvalid) as caught:
        together(*workflows)
    return caught.value.problems


def test_names_are_sorted() -> None:
    assert together(LOAN, keys()).names == ("key", "loan")


def test_a_definition_is_found_by_name_and_by_hash() -> None:
    catalogue = together(LOAN, keys())
    definition = catalogue.current("loan")
    assert catalogue.by_hash(definition.hash) is definition


def test_a_replaced_definition_is_found_by_hash_only() -> None:
    old, new = defined(), defined(replace(with_transition("refuse", by=(Role.HEAD,)), version=2))
    catalogue = Catalogue((new,), (old,))
    assert catalogue.current("loan") is new
    assert catalogue.by_hash(old.hash) is old


def test_under_one_hash_the_current_words_count() -> None:
    old, new = defined(), defined(loan(version=2, label=WORDS))
    assert Catalogue((new,), (old,)).by_hash(old.hash) is new


def test_versions_come_with_the_current_one_first() -> None:
    roles = (Role.HEAD, Role.OFFICER, Role.ADMISSIONS)
    made = [defined(replace(with_transition("refuse", by=(role,)), version=n)) for n, role in enumerate(roles, start=1)]
    versions = Catalogue((made[1],), (made[0], made[2])).versions("loan")
    assert [each.version for each in versions] == [2, 3, 1]


def test_unknown_names_and_hashes_are_key_errors() -> None:
    catalogue = together(LOAN)
    for ask in (catalogue.current, catalogue.by_hash):
        with pytest.raises(KeyError):
            ask("nothing")


def test_one_name_belongs_to_one_file() -> None:
    assert faults(LOAN, loan(prefix="OTHER"))[0].startswith("name: 2 files declare this workflow")


def test_one_prefix_belongs_to_one_workflow() -> None:
    assert faults(LOAN, keys(prefix="LOAN"))[0].startswith("prefix: LOAN is used by 2 workflows")


def test_changed_behaviour_needs_a_new_version() -> None:
    changed = defined(with_transition("refuse", by=(Role.HEAD,)))
    with pytest.raises(WorkflowInvalid, match="version 1: two files of this version behave diff"):
        Catalogue((changed,), (defined(),))
